"""A draft: an idea from its first words to its submission. Only its author sees it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from ideas.activity.activity import Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.form_field import hold_fields
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.writer import is_author_of
from ideas.contributions.fields.value import Values, checked_values, places_in, store_values, values_of
from ideas.contributions.files.change import FileChanges, change_files, changes_files, plan_files
from ideas.contributions.idea import (
    MAX_BODY_LENGTH,
    MAX_TITLE_LENGTH,
    Idea,
    ask_for_places,
    bound_key,
    idea_visible_to,
    is_author,
    record_own,
)
from ideas.contributions.withheld import ObjectKind, hold_if_needed
from ideas.errors import DomainError, EmptyText, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import check_may_write
from ideas.personal_data.personal_data import check_personal_data
from ideas.text import clean_line, optional, required
from ideas.work.job import changed_rows


class DraftChangedMeanwhile(ChangedMeanwhile):
    """`draft` was saved in another tab or on another device since the form was opened."""

    message = message_id(
        "Another version of this draft was saved, maybe in another tab. Compare both versions, then save again."
    )

    def __init__(self, draft: Idea) -> None:
        self.draft = draft
        super().__init__()


class AlreadySubmitted(DomainError):
    message = message_id("This idea is already published.")


class NotAnonymously(DomainError):
    message = message_id("This campaign takes no anonymous ideas any more. You can publish yours with your name.")


class SubmittedOtherwise(AlreadySubmitted):
    """`idea` was submitted before, with another text or other files than those that came now."""

    message = message_id("This idea is already published with another text. To replace it, publish your changes.")

    def __init__(self, idea: "Idea") -> None:
        self.idea = idea
        super().__init__()


class SubmittedWithName(SubmittedOtherwise):
    """`idea` was submitted before with its author's name, and came now without it."""

    message = message_id("This idea is already published with your name.")


def save_draft(
    session: Session,
    campaign: Campaign,
    *,
    author: Person,
    title: str,
    body: str,
    now: datetime,
    draft: Idea | None = None,
    form_key: str | None = None,
    seen: int | None = None,
    writer: int | None = None,
    values: Values | None = None,
    files: FileChanges | None = None,
    is_anonymous: bool = False,
) -> Idea:
    """Store a text as a draft, at any time of the campaign. Anyone signed in may, for themselves.

    With a `form_key` that was used before, the same draft is changed. `seen`, `writer`: see `_check_unchanged`.
    `values`: what the fields of the form have now, any of which may be empty; one that is not named stays as it is.
    `files`: what changes in its files.
    Raises EmptyText (neither title nor text) or TooLong; NotAllowed for another person's draft; AlreadySubmitted;
    DraftChangedMeanwhile; LimitReached; FieldRefused.
    """
    title, body = optional(clean_line(title), max_length=MAX_TITLE_LENGTH), optional(body, max_length=MAX_BODY_LENGTH)
    if not (title or body):
        raise EmptyText
    draft = _locked_draft(session, campaign, author, draft, form_key, now)
    if draft.submitted_at is not None:
        raise AlreadySubmitted
    present, stored = _values(session, draft, values, complete=False)
    _check_unchanged(
        draft, title, body, seen=seen, writer=writer, present=present, values=stored, is_anonymous=is_anonymous
    )
    # It is new where it has no text: no draft is ever kept without.
    spend(session, LimitedAct.SAVE_DRAFT if draft.text else LimitedAct.DRAFT, by=author, now=now)
    draft.title, draft.body, draft.updated_at, draft.is_anonymous = title, body, now, is_anonymous
    draft.version = writer or draft.version
    session.flush()
    if stored != present:
        store_values(session, draft.id, stored)
    plan = plan_files(session, campaign, draft.id, files, by=author, complete=False, has_fields=False)
    change_files(session, campaign, draft.id, plan, now=now)
    return draft


def submit_idea(
    session: Session,
    campaign: Campaign,
    *,
    author: Person,
    title: str,
    body: str,
    now: datetime,
    draft: Idea | None = None,
    form_key: str | None = None,
    seen: int | None = None,
    writer: int | None = None,
    kept: str = "",
    lang: str | None = None,
    values: Values | None = None,
    files: FileChanges | None = None,
    is_anonymous: bool = False,
    is_trusted: bool = False,
) -> Idea:
    """Submit an idea to an open campaign. Anyone signed in may.

    While the campaign is not open, or the author has not proven their address, the text is stored as a draft: the
    caller looks at `submitted_at`. It may have to wait for a moderator: the caller looks at `withheld`.
    With a `form_key` that was used before, the idea submitted with it is returned unchanged.
    `seen`, `writer`: see `_check_unchanged`. `kept`: the personal data that the author keeps knowingly.
    `lang`: the language of the text, where it is known. `values`: what the fields of the form have; None for a form
    without any. `files`: what changes in the files of the draft. `is_anonymous`: it names no author, and the log
    neither. `is_trusted`: see `hold_if_needed`.
    Raises EmptyText, TooLong or FieldRefused; PersonalDataFound; NotAllowed for another person's draft;
    DraftChangedMeanwhile; LimitReached; SanctionInForce where the author is suspended or banned, whose text is the
    caller's to save; SubmittedOtherwise where the idea was submitted before with another text or other files, or with
    its author's name; NotAnonymously where the campaign does not allow it.
    """
    title, body = optional(clean_line(title), max_length=MAX_TITLE_LENGTH), required(body, max_length=MAX_BODY_LENGTH)
    lock_campaign(session, campaign, shared=True)  # the closing date must not change between the check and the commit
    idea = _locked_draft(session, campaign, author, draft, form_key, now)
    is_open = campaign.takes(PhaseAct.WRITE, now) and author.verified_at is not None
    present, stored = _values(session, idea, values, complete=is_open)
    if idea.submitted_at is not None:
        same = stored == present and not changes_files(session, campaign, idea.id, files, by=author)
        _check_same(idea, title, body, same_contents=same, is_anonymous=is_anonymous)
        return idea
    _check_unchanged(
        idea, title, body, seen=seen, writer=writer, present=present, values=stored, is_anonymous=is_anonymous
    )
    check_may_write(session, author, campaign.id, now=now)
    plan = plan_files(
        session, campaign, idea.id, files,
        by=author, complete=is_open, has_fields=values is not None, publishes=is_open,
        is_anonymous=is_open and is_anonymous,
    )  # fmt: skip
    places = [*(places_in(session, campaign, stored) if stored else []), *plan.texts]
    if is_open and is_anonymous and not campaign.allows_anonymous:
        raise NotAnonymously
    if is_open:
        check_personal_data([title, body, *places], health=campaign.is_health, kept=kept)
    if is_open or not idea.text:
        spend(session, LimitedAct.SUBMIT if is_open else LimitedAct.DRAFT, by=author, now=now)
    idea.title, idea.body, idea.lang, idea.updated_at = title, body, lang, now
    idea.is_anonymous = is_anonymous
    idea.version = writer or idea.version
    session.flush()
    if stored != present:
        store_values(session, idea.id, stored)
    change_files(session, campaign, idea.id, plan, now=now)
    if is_open:
        idea.submitted_at, idea.version = now, 1
        if is_anonymous:
            idea.author, idea.anonymous_author = None, AnonymousAuthor(person_id=author.id)
        session.flush()
        public = "\n".join([idea.text, *places])
        hold_if_needed(
            session,
            idea,
            ObjectKind.IDEA,
            campaign=campaign,
            author=author,
            text=public,
            now=now,
            is_trusted=is_trusted,
        )
        if idea.withheld is None:
            ask_for_places(session, campaign, now=now)
        record_own(session, Verb.SUBMITTED, idea, by=author, now=now)
    session.flush()
    return idea


def delete_draft(session: Session, draft: Idea, *, by: Person) -> None:
    """Delete a draft. Only its author may. Raises NotAllowed, AlreadySubmitted."""
    if draft.author_id != by.id:
        raise NotAllowed
    if draft.submitted_at is not None:
        raise AlreadySubmitted
    session.delete(draft)


def delete_stale_drafts(session: Session, *, now: datetime, kept: timedelta) -> int:
    """Delete drafts that can't be submitted any more: their campaign closed this long ago, and so were they changed
    last. Returns how many. For the worker.
    """
    closed = select(Campaign.id).where(Campaign.closes_at < now - kept)
    stale = Idea.submitted_at.is_(None) & (Idea.updated_at < now - kept) & Idea.campaign_id.in_(closed)
    return changed_rows(session, delete(Idea).where(stale).execution_options(synchronize_session=False))


def drafts_of(session: Session, person: Person, *, campaign: Campaign | None = None) -> Sequence[Idea]:
    """The person's drafts, latest first; with `campaign`, those of this campaign."""
    here = Idea.campaign_id == campaign.id if campaign is not None else true()
    return session.scalars(
        select(Idea)
        .where(Idea.author_id == person.id, Idea.submitted_at.is_(None), idea_visible_to(person), here)
        .options(joinedload(Idea.campaign))
        .order_by(Idea.updated_at.desc())
    ).all()


def _check_same(idea: Idea, title: str, body: str, *, same_contents: bool, is_anonymous: bool) -> None:
    """Before an idea that is submitted already answers for the same form. `same_contents`: of its fields and files.

    Raises SubmittedOtherwise.
    """
    if (title, body) != (idea.title, idea.body) or not same_contents:
        raise SubmittedOtherwise(idea)
    if is_anonymous and not idea.is_anonymous:
        raise SubmittedWithName(idea)


def _check_unchanged(
    draft: Idea,
    title: str,
    body: str,
    *,
    seen: int | None,
    writer: int | None,
    present: Values,
    values: Values,
    is_anonymous: bool,
) -> None:
    """Raises DraftChangedMeanwhile if this save would replace a text, or a value, that its form never showed.

    So it does where it would add a name to a draft that another form made anonymous.

    A draft's `version` is the number of the form that saved it last. `seen`: the version that the form was opened
    with; `writer`: the form's own number, so that it may save again even where the answer to its last save was lost.
    Without `seen` nothing is checked. A text that only adds to the saved one replaces nothing.
    """
    if seen is None or not draft.text or draft.version in {seen, writer}:
        return
    replaced = any(values.get(field_id) != given for field_id, given in present.items())
    replaced |= draft.is_anonymous and not is_anonymous
    if replaced or not (title.startswith(draft.title) and body.startswith(draft.body)):
        raise DraftChangedMeanwhile(draft)


def _values(session: Session, draft: Idea, values: Values | None, *, complete: bool) -> tuple[Values, Values]:
    """What the fields of the form have by now, and what they get; neither for a form without any."""
    if values is None:
        return {}, {}
    hold_fields(session, draft.campaign)
    present = values_of(session, draft.id)
    given = values if complete else {**present, **values}
    return present, checked_values(session, draft.campaign, given, present=present, complete=complete)


def _locked_draft(
    session: Session, campaign: Campaign, author: Person, draft: Idea | None, form_key: str | None, now: datetime
) -> Idea:
    """The draft to change, locked until the commit: a late autosave must not change a submitted idea.

    Raises NotAllowed if it is another person's, or of another campaign than the one whose dates were checked.
    """
    draft = (
        draft
        or _by_form_key(session, campaign, author, form_key)
        or _new_draft(session, campaign, author, form_key, now)
    )
    if not is_author(draft, author) or draft.campaign_id != campaign.id:
        raise NotAllowed
    session.refresh(draft, with_for_update={"of": Idea})
    return draft


def _new_draft(session: Session, campaign: Campaign, author: Person, form_key: str | None, now: datetime) -> Idea:
    draft = Idea(campaign=campaign, author=author, created_at=now, updated_at=now, form_key=_bound(campaign, form_key))
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # the same form was sent twice at once, and the other request came first
        first = _by_form_key(session, campaign, author, form_key)
        if first is None:
            raise
        return first
    # The key of an idea that was sent anonymously belongs to no account, so the database does not refuse it twice.
    first = _by_form_key(session, campaign, author, form_key) if campaign.allows_anonymous else None
    if first is not None and first is not draft:
        session.delete(draft)
        return first
    return draft


def _by_form_key(session: Session, campaign: Campaign, author: Person, form_key: str | None) -> Idea | None:
    if not form_key:
        return None
    # A draft of an earlier version of the site may have the key as it was sent.
    keys = [_bound(campaign, form_key), form_key]
    return session.scalar(
        select(Idea)
        .where(is_author_of(Idea, author.id), Idea.campaign_id == campaign.id, Idea.form_key.in_(keys))
        .order_by(Idea.id)
        .limit(1)
    )


def _bound(campaign: Campaign, form_key: str | None) -> str | None:
    return bound_key(form_key, use="idea", place=campaign.id)
