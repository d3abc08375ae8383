"""All that is stored about a person, as the register names it, for a file that only they may fetch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import JSON, ColumnElement, LargeBinary, func, select, type_coerce
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FormField, FormOption
from ideas.contest.contest import Criterion
from ideas.contest.judging import Judgement, Score
from ideas.contributions.authors.writer import wrote
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.files.idea_file import IdeaFile
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.errors import Conflict, message_id
from ideas.files import File, Purpose
from ideas.people.person import Person
from ideas.privacy.holdings import holdings_of
from ideas.privacy.register import REGISTER, By, Holding
from ideas.work.job import UNFINISHED, Job, JobKind, enqueue

KEPT = timedelta(days=7)
ZIP = "application/zip"


class ExportAsked(Conflict):
    message = message_id("Your export is already being made. You will be notified when it is ready.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the export, to be opened in a spreadsheet."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def ask_for_export(session: Session, person: Person, *, now: datetime) -> Job:
    """Queue the making of a file with all that is stored about the person, who has proven their password.

    Only they may. Raises ExportAsked while one is being made.
    """
    if export_job(session, person) is not None:
        raise ExportAsked
    job = enqueue(session, JobKind.EXPORT_DATA, key=_job_key(person), payload={"person": person.id}, now=now)
    record(session, Verb.REQUESTED, job, by=person, after={"kind": job.kind}, now=now)
    return job


def export_job(session: Session, person: Person) -> Job | None:
    """The job that makes their export, if one waits or runs."""
    return session.scalar(select(Job).where(Job.key == _job_key(person), Job.status.in_(UNFINISHED)))


def ready_export(session: Session, person: Person, *, now: datetime) -> File | None:
    """The person's latest export, for seven days. Only they may fetch it."""
    own = (File.uploaded_by_id == person.id) & (File.purpose == Purpose.EXPORT) & File.removed_at.is_(None)
    return session.scalar(select(File).where(own, File.created_at > now - KEPT).order_by(File.id.desc()).limit(1))


def keep_export(
    session: Session, person: Person, *, stored_as: str, size: int, digest: str, now: datetime
) -> Sequence[str]:
    """Keep the file that was made, in place of earlier ones, and have its owner notified. For the worker.

    Returns where the earlier ones are, to discard after the commit.
    """
    earlier = _remove(session, (File.uploaded_by_id == person.id) & (File.purpose == Purpose.EXPORT), now)
    file = File(
        uploaded_by_id=person.id,
        purpose=Purpose.EXPORT,
        name=f"convergence-{now:%Y-%m-%d}.zip",
        media_type=ZIP,
        size=size,
        digest=digest,
        stored_as=stored_as,
        created_at=now,
    )
    session.add(file)
    session.flush()
    record(session, Verb.EXPORTED, file, by=None, now=now)
    return earlier


def remove_old_exports(session: Session, *, now: datetime) -> Sequence[str]:
    """Remove exports that are seven days old. Returns where they are, to discard after the commit. For the worker."""
    return _remove(session, (File.purpose == Purpose.EXPORT) & (File.created_at <= now - KEPT), now)


def _remove(session: Session, which: Any, now: datetime) -> Sequence[str]:
    old = session.scalars(select(File).where(which, File.removed_at.is_(None))).all()
    for file in old:
        file.removed_at = now
    return [file.stored_as for file in old]


# What the file holds --------------------------------------------------------------------------------------------------


def stored_rows(session: Session, person: Person) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """For each line of the register that has any, its name and its rows as JSON has them: without secrets, and without
    who else is named in them. Only the person may have them.
    """
    for line in REGISTER:
        source = Base.metadata.tables[line.table]
        columns = [
            type_coerce(each, JSON()).label(each.name) if _is_stored_json(each) else each
            for each in source.columns
            if _is_theirs(line, each)
        ]
        order = list(source.primary_key.columns)
        found = session.execute(select(*columns).where(holdings_of(person, line)).order_by(*order)).mappings()
        rows = [{name: _plain(value) for name, value in row.items()} for row in found]
        if rows:
            yield line.name, rows


def _is_theirs(line: Holding, column: Any) -> bool:
    """A secret, bytes, or the number of somebody else's account are left out."""
    others = any(key.target_fullname == "person.id" for key in column.foreign_keys) and column.name != line.column
    hashed = line.by is By.ADDRESS_HASH
    return (hashed or column.name not in line.hidden) and not others and not isinstance(column.type, LargeBinary)


def _is_stored_json(column: Any) -> bool:
    return isinstance(getattr(column.type, "impl", None), JSON)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def sheets(session: Session, person: Person) -> list[Sheet]:
    """The person's ideas with what was given in fields and the files that they sent, comments, support, and scores that
    they gave in a jury, with the campaigns that they are in.
    """
    ideas = session.execute(
        select(Idea.id, Campaign.title, Idea.title, Idea.body, Idea.created_at, Idea.submitted_at, Idea.withdrawn_at)
        .join(Campaign, Campaign.id == Idea.campaign_id)
        .where(wrote(Idea, person.id))
        .order_by(Idea.id)
    )
    values = session.execute(
        select(
            FieldValue.idea_id, Campaign.title, FormField.label, FormOption.label, FieldValue.number, FieldValue.text
        )
        .join(Idea, Idea.id == FieldValue.idea_id)
        .join(Campaign, Campaign.id == Idea.campaign_id)
        .join(FormField, FormField.id == FieldValue.field_id)
        .outerjoin(FormOption, FormOption.id == FieldValue.option_id)
        .where(wrote(Idea, person.id))
        .order_by(FieldValue.id)
    )
    comments = session.execute(
        select(Comment.id, Campaign.title, Comment.idea_id, Comment.body, Comment.created_at, Comment.withdrawn_at)
        .outerjoin(Idea, Idea.id == Comment.idea_id)
        .join(Campaign, Campaign.id == func.coalesce(Comment.debrief_id, Idea.campaign_id))
        .where(Comment.author_id == person.id)
        .order_by(Comment.id)
    )
    votes = session.execute(
        select(Vote.idea_id, Campaign.title, Vote.created_at)
        .join(Idea, Idea.id == Vote.idea_id)
        .join(Campaign, Campaign.id == Idea.campaign_id)
        .where(Vote.person_id == person.id)
        .order_by(Vote.idea_id)
    )
    scores = session.execute(
        select(Judgement.id, Campaign.title, Judgement.idea_id, Criterion.name, Score.value)
        .join(Score, Score.judgement_id == Judgement.id)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .join(Campaign, Campaign.id == Judgement.campaign_id)
        .where(Judgement.person_id == person.id)
        .order_by(Judgement.id, Criterion.position, Criterion.id)
    )
    idea_columns = ("idea_id", "campaign", "title", "text", "created_at", "submitted_at", "withdrawn_at")
    value_columns = ("idea_id", "campaign", "field", "option", "number", "text")
    files = session.execute(
        select(IdeaFile.idea_id, Campaign.title, File.name, IdeaFile.alternative, File.created_at)
        .join(File, File.id == IdeaFile.file_id)
        .outerjoin(Campaign, Campaign.id == File.campaign_id)
        .where(File.uploaded_by_id == person.id, File.removed_at.is_(None), ~is_for_others())
        .order_by(File.id)
    )
    file_columns = ("idea_id", "campaign", "name", "description", "created_at")
    comment_columns = ("comment_id", "campaign", "idea_id", "text", "created_at", "withdrawn_at")
    score_columns = ("judgement_id", "campaign", "idea_id", "criterion", "value")
    return [
        Sheet("ideas", idea_columns, [[_plain(value) for value in row] for row in ideas]),
        Sheet("fields", value_columns, [[_plain(value) for value in row] for row in values]),
        Sheet("idea_files", file_columns, [[_plain(value) for value in row] for row in files]),
        Sheet("comments", comment_columns, [[_plain(value) for value in row] for row in comments]),
        Sheet("votes", ("idea_id", "campaign", "created_at"), [[_plain(value) for value in row] for row in votes]),
        Sheet("scores", score_columns, [[_plain(value) for value in row] for row in scores]),
    ]


def added_files(session: Session, person: Person) -> Mapping[str, str]:
    """Where the files are that the person added and that are there, by a name for each in the export."""
    own = (File.uploaded_by_id == person.id) & File.removed_at.is_(None) & (File.purpose != Purpose.EXPORT)
    found = session.scalars(select(File).where(own, ~is_for_others()).order_by(File.id))
    return {f"files/{file.id}-{file.name}": file.stored_as for file in found}


def is_for_others() -> ColumnElement[bool]:
    """SQL condition: the file is of an idea that was written for somebody else, who has not claimed it. It is theirs,
    not of who typed it.
    """
    unclaimed = Idea.submitted_at.is_not(None) & Idea.author_id.is_(None) & Idea.is_anonymous.is_(False)
    files, small = (
        select(number).join(Idea, Idea.id == IdeaFile.idea_id).where(unclaimed, number.is_not(None))
        for number in (IdeaFile.file_id, IdeaFile.small_id)
    )
    return File.id.in_(files) | File.id.in_(small)


def _job_key(person: Person) -> str:
    return f"{JobKind.EXPORT_DATA}:{person.id}"
