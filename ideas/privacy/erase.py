"""The erasure itself, in one transaction: what the register says of each table, then every mention elsewhere.

Results stay as they are. Of a campaign that has closed, votes, reactions, ideas and comments go on counting, without
whose they were, and without their texts where the person chose that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import Version
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import TeamMember
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.writer import is_author_of
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.files.idea_file import IdeaFile, remove_all_files
from ideas.contributions.idea import Idea, ask_for_places
from ideas.contributions.imports.importing import IdeaImport, ImportProgress, drop_upload
from ideas.contributions.merged import take_out
from ideas.contributions.talk.clarification import Clarification
from ideas.contributions.talk.mention import Mention
from ideas.contributions.vote import Reaction, Vote
from ideas.contributions.withheld import ObjectKind, Review
from ideas.files import File, Purpose
from ideas.organisation.organisation import lock_organisation
from ideas.people.person import Person
from ideas.privacy.erasure import Contents, Erasure, ErasureOver, hold_account
from ideas.privacy.export import export_job, is_for_others
from ideas.privacy.holdings import holdings_of
from ideas.privacy.jury import empty_jury_reasons
from ideas.privacy.mentions import count_mentions, replace_mentions
from ideas.privacy.merges import decline_proposals, empty_reasons
from ideas.privacy.quotations import erase_quotations
from ideas.privacy.register import MENTIONS, REGISTER, WAITING_FILES, Fate, Holding
from ideas.privacy.wanted import wanted_of
from ideas.spaces.membership import move_up
from ideas.spaces.space import Membership, Space, lock_space
from ideas.themes.placement import Placement
from ideas.work.job import cancel

# Mentions are looked for in anonymous ideas, too: the rows that say whose they are go last.
_OF_ANONYMOUS = next(line for line in REGISTER if line.table == AnonymousAuthor.__tablename__)
# Files that belong to the person; a supporting file belongs to its campaign.
OWN_FILES = (Purpose.PORTRAIT, Purpose.EXPORT, Purpose.IDEA)


def _to_delete(person: Person) -> ColumnElement[bool]:
    """SQL condition: their own files, and the exports of campaigns, each of which may name them."""
    return _own(person) | (File.purpose == Purpose.CAMPAIGN_EXPORT)


def _own(person: Person) -> ColumnElement[bool]:
    return (File.uploaded_by_id == person.id) & File.purpose.in_(OWN_FILES) & ~is_for_others()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What stands in the place of what was erased. `name`: of the account; `text`: of a text that was deleted."""

    name: str
    text: str


def rehearse(session: Session, person: Person, *, with_mentions: bool = False) -> dict[str, int]:
    """How many rows each line of the register has of the person, those that have any. One query.

    The person may know, and administrators. `with_mentions`: also how many others name them, for administrators only.
    """
    counts = {line.name: _count_of(person, line).label(line.name) for line in REGISTER}
    rows = session.execute(select(*counts.values())).mappings().one()
    found = {name: count for name, count in rows.items() if count}
    mentions = count_mentions(session, person, wanted_of(session, person)) if with_mentions else 0
    return found | ({MENTIONS: mentions} if mentions else {})


def _count_of(person: Person, line: Holding) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(Base.metadata.tables[line.table]).where(holdings_of(person, line))
    return counted.correlate(None).scalar_subquery()  # tables are named by several lines


def own_files(session: Session, person: Person) -> Sequence[str]:
    """Where the bytes of the files to delete are, also after the erasure: the job deletes them last."""
    removed = (File.purpose == Purpose.CAMPAIGN_EXPORT) & File.removed_at.is_not(None)  # others were made since
    return session.scalars(select(File.stored_as).where(_own(person) | removed)).all()


def erase(
    session: Session, erasure: Erasure, *, words: Words, now: datetime, waiting_files: Sequence[int] = ()
) -> None:
    """Carry the request out, and keep its counts as the certificate. For the job, in one transaction.

    `waiting_files`: the uploads that have the person's address, not imported yet. They are deleted whole.

    Raises ErasureOver, or as `hold_account` where the account has taken on something since the request.
    """
    session.refresh(erasure, with_for_update=True)
    if not erasure.is_open:
        raise ErasureOver
    person = erasure.person
    _hold_campaigns(session, person)
    hold_account(session, person, now=now)
    if (export := export_job(session, person)) is not None:
        cancel(session, export, by=None, now=now)
    counts, wanted = rehearse(session, person), wanted_of(session, person)
    dropped = _drop_files(session, waiting_files, now)
    _leave_spaces(session, person, now)
    _leave_teams(session, person, now)
    decline_proposals(session, person, now=now)
    redacted = _erase_contents(session, person, erasure.contents, words, now)
    if erasure.contents is Contents.DELETE:
        redacted |= empty_reasons(session, person)
    redacted |= empty_jury_reasons(session, person)
    _remove_files(session, person, now)
    _empty_imported_names(session, person)
    _rename_in_comments(session, person, words)
    _empty_cases(session, person)
    for line in REGISTER:
        if line is not _OF_ANONYMOUS:
            _apply(session, person, line)
    session.expire_all()
    _empty_account(person, words.name, now)
    session.flush()
    changed, seals = replace_mentions(session, wanted, instead=words.name, redacted=redacted)
    _apply(session, person, _OF_ANONYMOUS)
    erasure.done_at, erasure.counts = (
        now,
        counts | {name: count for name, count in ((MENTIONS, changed), (WAITING_FILES, dropped)) if count},
    )
    facts: dict[str, Any] = {"contents": erasure.contents, "redacted": seals}
    record(session, Verb.ERASED, erasure, by=None, after=facts, now=now)
    session.flush()


def _hold_campaigns(session: Session, person: Person) -> None:
    """Lock the campaigns of their ideas, before the account as every act there does: nobody closes or merges them."""
    own = select(Idea.campaign_id).where(is_author_of(Idea, person.id))
    theirs = select(Campaign).where(Campaign.id.in_(own)).order_by(Campaign.id)
    for campaign in session.scalars(theirs).all():
        lock_campaign(session, campaign)


def _drop_files(session: Session, uploads: Sequence[int], now: datetime) -> int:
    """Delete these files, and stop their imports. Returns how many there were still."""
    found = session.scalars(select(IdeaImport).where(IdeaImport.id.in_(uploads), IdeaImport.finished_at.is_(None)))
    files = found.all()
    for upload in files:
        drop_upload(session, upload, by=None, now=now)
    session.flush()
    return len(files)


def _apply(session: Session, person: Person, line: Holding) -> None:
    """What the register says of this line. What the person chose, and their account, have functions of their own."""
    source = Base.metadata.tables[line.table]
    if line.fate is Fate.DELETED:
        session.execute(delete(source).where(holdings_of(person, line)))
    elif line.empties and source.name != Person.__tablename__:
        session.execute(update(source).where(holdings_of(person, line)).values(dict.fromkeys(line.empties, "")))


def _empty_imported_names(session: Session, person: Person) -> None:
    """The name of the author on imported ideas that they never claimed, before the register deletes their address."""
    line = next(line for line in REGISTER if line.table == ImportedAddress.__tablename__)
    theirs = select(ImportedAddress.idea_id).where(holdings_of(person, line))
    session.execute(update(Idea).where(Idea.id.in_(theirs)).values(author_name=""))


def _empty_cases(session: Session, person: Person) -> None:
    """The texts in cases about their ideas that do not name them: of anonymous ones, and of those claimed later."""
    theirs = select(Idea.id).where(is_author_of(Idea, person.id))
    about = (Review.object_kind == ObjectKind.IDEA) & Review.object_id.in_(theirs)
    session.execute(update(Review).where(about).values(text="", span=""))


def _rename_in_comments(session: Session, person: Person, words: Words) -> None:
    """Where an @ names them in a comment, or in its earlier texts: by the name that they had then, also of one word."""
    for mention in session.scalars(select(Mention).where(Mention.person_id == person.id, Mention.name != "")):
        named = re.compile(rf"(?<![\w@.])@{re.escape(mention.name)}(?!\w)")
        comment = session.get_one(Comment, mention.comment_id)
        comment.body = named.sub(lambda _found: f"@{words.name}", comment.body)
        kept = select(Version).where(Version.object_kind == "comment", Version.object_id == comment.id)
        for version in session.scalars(kept):
            body = named.sub(lambda _found: f"@{words.name}", str(version.content.get("body", "")))
            version.content = version.content | {"body": body}
    session.flush()


def _empty_account(person: Person, name: str, now: datetime) -> None:
    """Nobody can sign in with it, and its address is free for a new account."""
    person.email, person.name, person.headline = f"erased-{person.id}@erased.invalid", name, ""
    person.is_admin = person.may_open_campaigns = False
    person.verified_at, person.erased_at = None, now


def _leave_spaces(session: Session, person: Person, now: datetime) -> None:
    """Free the seats, which go to those who wait."""
    places = session.scalars(select(Membership).where(Membership.person_id == person.id)).all()
    for space_id in sorted({place.space_id for place in places}):
        space = session.get_one(Space, space_id)
        lock_space(session, space)
        session.execute(delete(Membership).where(Membership.person_id == person.id, Membership.space_id == space_id))
        move_up(session, space, now=now)


def _leave_teams(session: Session, person: Person, now: datetime) -> None:
    """End their roles. The rows stay: whoever was in a team counts in no figure of its campaign."""
    still = or_(TeamMember.ends_at.is_(None), TeamMember.ends_at > now)
    session.execute(update(TeamMember).where(TeamMember.person_id == person.id, still).values(ends_at=now))


# What the person wrote ------------------------------------------------------------------------------------------------


def _erase_contents(session: Session, person: Person, chosen: Contents, words: Words, now: datetime) -> set[int]:
    """Drafts are deleted in any case, and files of ideas that were never imported: nobody else has seen them.

    Returns the ids of the rows of the log that quoted what is deleted.
    """
    session.execute(delete(Idea).where(Idea.author_id == person.id, Idea.submitted_at.is_(None)))
    started = select(ImportProgress.import_id)
    session.execute(
        delete(IdeaImport).where(
            IdeaImport.person_id == person.id, IdeaImport.finished_at.is_(None), IdeaImport.id.not_in(started)
        )
    )
    answered = session.scalars(select(Clarification).where(Clarification.person_id == person.id)).all()
    # They are deleted whatever the person chose.
    redacted = erase_quotations(session, [], [], answered, instead=words.text)
    if chosen is Contents.DELETE:
        ideas = session.scalars(select(Idea).where(is_author_of(Idea, person.id))).all()
        comments = session.scalars(select(Comment).where(Comment.author_id == person.id)).all()
        redacted |= erase_quotations(session, ideas, comments, instead=words.text)
        _erase_responses(session, person, now)
        for idea in ideas:
            idea.title, idea.body, idea.import_key = "", words.text, None
            if idea.campaign.is_open(now) and idea.withdrawn_at is None:
                idea.withdrawn_at = now
                if take_out(session, idea, by=None, now=now):
                    ask_for_places(session, idea.campaign, now=now)
        for comment in comments:
            comment.body = words.text
            if comment.campaign.is_open(now) and comment.withdrawn_at is None:
                comment.withdrawn_at = now
        session.flush()
        for part in chunks([idea.id for idea in ideas]):
            session.execute(delete(Version).where(Version.object_kind == "idea", Version.object_id.in_(part)))
            session.execute(delete(FieldValue).where(FieldValue.idea_id.in_(part)))
            remove_all_files(session, part, now=now)
            session.execute(update(Placement).where(Placement.idea_id.in_(part)).values(shared=[]))
        for part in chunks([comment.id for comment in comments]):
            session.execute(delete(Version).where(Version.object_kind == "comment", Version.object_id.in_(part)))
    return redacted


def _erase_responses(session: Session, person: Person, now: datetime) -> None:
    """Support and reactions in campaigns that are open. Where the vote is closed its result stays."""
    closed = Campaign.closes_at.is_not(None) & (Campaign.closes_at <= now)
    is_open = select(Idea.id).join(Campaign, Campaign.id == Idea.campaign_id).where(~closed)
    for model in (Vote, Reaction):
        session.execute(delete(model).where(model.person_id == person.id, model.idea_id.in_(is_open)))


def _remove_files(session: Session, person: Person, now: datetime) -> None:
    """The person's portraits, exports and files of ideas, and the message beside a portrait, also in versions."""
    led = session.scalars(select(Campaign).where(Campaign.owner_id == person.id)).all()
    for campaign in led:
        campaign.portrait_id = None
    for part in chunks([campaign.id for campaign in led]):
        kept = select(Version).where(Version.object_kind == "campaign", Version.object_id.in_(part))
        for version in session.scalars(kept):
            gone = {name: "" for name in ("owner_word", "owner_video_url") if version.content.get(name)}
            version.content = version.content | gone
    session.flush()
    lock_organisation(session)  # an export that is being kept waits, and is made again then
    theirs = select(File.id).where(_own(person), File.purpose == Purpose.IDEA)
    session.execute(delete(IdeaFile).where(IdeaFile.file_id.in_(theirs)))
    files = _to_delete(person)
    session.execute(update(File).where(files, File.removed_at.is_(None)).values(removed_at=now))
    session.execute(update(File).where(files).values(name="", digest=""))
