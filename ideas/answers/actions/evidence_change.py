"""Adding evidence to an action, and taking it off: all of it, or one of its files."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ideas.activity.activity import Verb, record
from ideas.activity.version import MAX_REASON_LENGTH, ReasonNeeded
from ideas.answers.action import Action, lock_action
from ideas.answers.actions.evidence import MAX_EVIDENCE_LENGTH, Evidence, EvidenceFile
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.promise import video_link
from ideas.contributions.files.change import MAX_FILES, MAX_IDEA_BYTES, FileChanges
from ideas.contributions.files.idea_file import MAX_ALTERNATIVE_LENGTH, IdeaFile, sent_files
from ideas.contributions.idea import bound_key
from ideas.errors import Conflict, DomainError, message_id
from ideas.files import File, Purpose, remove_file
from ideas.media_type import MEGABYTE, FileRefused
from ideas.people.person import Person
from ideas.text import clean, clean_line, optional, required

MAX_EVIDENCE = 50
# Of the actions of a campaign together, beside the other files of the campaign.
MAX_CAMPAIGN_EVIDENCE_BYTES = 500 * MEGABYTE


class NotPublishedYet(DomainError):
    message = message_id("This action is not published yet. Add evidence once everyone can read it.")


class TooMuchEvidence(DomainError):
    message = message_id("An action can have %(most)s pieces of evidence at most.")


class TooManyEvidenceFiles(FileRefused):
    message = message_id("One piece of evidence can have %(most)s photos and documents. Add the others as another one.")


class EvidenceFilesTooLarge(FileRefused):
    message = message_id("The files of one piece of evidence take %(most)s MB at most. Choose a smaller file.")


class EvidenceFilesFull(FileRefused):
    message = message_id("The actions of this campaign have all the files that they can have. Give a link instead.")


class EvidenceSentOtherwise(DomainError):
    message = message_id(
        "This evidence is already added with another text, or without these files. To add this one too, send it again."
    )


class TakeOffReasonNeeded(ReasonNeeded):
    message = message_id("Say why you take this off. Everyone can read the reason.")


class TakenOffAlready(Conflict):
    message = message_id("This was taken off already.")


def add_evidence(
    session: Session,
    action: Action,
    *,
    body: str,
    link: str = "",
    files: FileChanges | None = None,
    form_key: str | None = None,
    by: Person,
    now: datetime,
) -> Evidence:
    """Add what shows that a published action is done or in progress; also one that was done, or abandoned.

    With a `form_key` that was used before, the evidence that was added with it is returned unchanged.
    The caller checks who may: the owner of the action, and those who may decide. `files`: what waits and was sent by
    the same person. Raises NotPublishedYet, TooMuchEvidence, EmptyText, TooLong, NotAVideoLink (any link),
    TooManyEvidenceFiles, EvidenceFilesTooLarge, EvidenceFilesFull, or EvidenceSentOtherwise (the key was used before
    for another text or other files).
    """
    campaign = lock_action(session, action)
    if action.published_at is None:
        raise NotPublishedYet
    body, link = required(body, max_length=MAX_EVIDENCE_LENGTH), video_link(link)
    changes = files or FileChanges()
    sent = sent_files(session, set(changes.added) - set(changes.removed), by=by)
    waiting = [one for one in sent if one.idea_id is None and one.field_id is None]
    if (added := _by_form_key(session, action, by, form_key)) is not None:
        others = {one.file.digest for one in waiting} - {one.file.digest for one in added.files}
        if others or (added.body, added.link) != (body, link):
            raise EvidenceSentOtherwise
        return added
    if len(action.evidence) >= MAX_EVIDENCE:
        raise TooMuchEvidence(most=MAX_EVIDENCE)
    _check_room(session, campaign, waiting)
    key = _bound(action, form_key)
    evidence = Evidence(action=action, body=body, link=link, added_by=by, created_at=now, form_key=key)
    session.add(evidence)
    for one in waiting:
        said = clean_line(changes.alternatives.get(one.file_id, one.alternative))
        _take_over(session, one, evidence, optional(said, max_length=MAX_ALTERNATIVE_LENGTH), campaign)
    session.flush()
    after = {"action": action.title, "files": [one.file.name for one in waiting]}
    record(session, Verb.ADDED, evidence, by=by, now=now, campaign_id=campaign.id, after=after)
    return evidence


def is_sent(session: Session, action: Action, *, body: str, link: str, form_key: str | None, by: Person) -> bool:
    """True where this form was sent and accepted before, with these words: a second click."""
    added = _by_form_key(session, action, by, form_key)
    return added is not None and (added.body, added.link) == (clean(body), clean_line(link))


def take_off(
    session: Session, evidence: Evidence, *, file_id: int | None = None, reason: str, by: Person, now: datetime
) -> Sequence[str]:
    """Take a piece of evidence off, or one of its files. Those who may moderate may; the reason stays public.

    Returns where the bytes of the file and its small picture are, to `discard` after the commit. Of a piece as a whole
    nothing is deleted: those who may moderate go on reading it. Raises TakeOffReasonNeeded, TooLong, TakenOffAlready.
    """
    campaign = lock_action(session, evidence.action)
    _read_again(session, evidence)
    if not reason.strip():
        raise TakeOffReasonNeeded
    reason = required(reason, max_length=MAX_REASON_LENGTH)
    before = {"action": evidence.action.title}
    places: list[str] = []
    if file_id is None:
        if evidence.removed_at is not None:
            raise TakenOffAlready
        evidence.removed_at, evidence.removed_by_id, evidence.removed_reason = now, by.id, reason
    else:
        one = next((one for one in evidence.shown_files if one.file_id == file_id), None)
        if one is None:
            raise TakenOffAlready
        before["file"] = one.file.name
        one.removed_reason, one.alternative = reason, ""
        places = [remove_file(session, file, by=by, now=now) for file in (one.file, one.small) if file is not None]
    session.flush()
    record(
        session, Verb.REMOVED, evidence,
        by=by, now=now, campaign_id=campaign.id, reason=reason, before=before,
    )  # fmt: skip
    return places


def _read_again(session: Session, evidence: Evidence) -> None:
    """The evidence and its files as they are behind the lock: somebody may have taken one off meanwhile."""
    session.refresh(evidence)
    files = select(EvidenceFile).where(EvidenceFile.evidence_id == evidence.id)
    loaded = files.options(joinedload(EvidenceFile.file), joinedload(EvidenceFile.small))
    session.scalars(loaded.execution_options(populate_existing=True)).all()


def _by_form_key(session: Session, action: Action, by: Person, form_key: str | None) -> Evidence | None:
    if not form_key:
        return None
    key = _bound(action, form_key)
    return session.scalar(select(Evidence).where(Evidence.added_by_id == by.id, Evidence.form_key == key))


def _bound(action: Action, form_key: str | None) -> str | None:
    return bound_key(form_key, use="evidence", place=action.id)


def _check_room(session: Session, campaign: Campaign, files: Sequence[IdeaFile]) -> None:
    if not files:
        return
    if len(files) > MAX_FILES:
        raise TooManyEvidenceFiles(most=MAX_FILES)
    size = sum(one.file.size for one in files)
    if size > MAX_IDEA_BYTES:
        raise EvidenceFilesTooLarge(most=MAX_IDEA_BYTES // MEGABYTE)
    here = (File.campaign_id == campaign.id) & (File.purpose == Purpose.EVIDENCE) & File.removed_at.is_(None)
    used = session.scalar(select(func.sum(File.size)).where(here)) or 0
    if used + size > MAX_CAMPAIGN_EVIDENCE_BYTES:
        raise EvidenceFilesFull


def _take_over(session: Session, one: IdeaFile, evidence: Evidence, alternative: str, campaign: Campaign) -> None:
    """A file that waited is one of the evidence from now on: no form and no deletion of waiting files finds it."""
    for file in filter(None, (one.file, one.small)):
        file.purpose, file.campaign_id = Purpose.EVIDENCE, campaign.id
    evidence.files.append(
        EvidenceFile(file_id=one.file_id, small_id=one.small_id, alternative=alternative if one.file.is_picture else "")
    )
    session.delete(one)
