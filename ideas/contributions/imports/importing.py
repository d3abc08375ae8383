"""Import of ideas from a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.campaigns.form_field import fields_of
from ideas.contributions.claim import keep_addresses
from ideas.contributions.fields.reading import read_cells
from ideas.contributions.fields.value import Values, add_values
from ideas.contributions.idea import Idea, ask_for_places
from ideas.contributions.imports.known import SameId, replace_texts, sort_rows
from ideas.contributions.imports.report import MAX_LISTED_REFUSALS, ImportReport
from ideas.contributions.imports.row import ImportRow, PreparedRow, look_for_personal_data, prepare
from ideas.contributions.merged import take_out
from ideas.contributions.withheld import Cause, hold_ideas
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.personal_data.rows import PersonalReport, PersonalRows
from ideas.search import index_new
from ideas.text import clean_line
from ideas.work.job import Job, JobKind, cancel, changed_rows, enqueue
from ideas.work.lease import LeaseLost

# Rows added in one transaction: others write between two of them.
CHUNK_ROWS = 500
MAX_FILENAME_LENGTH = 200


class ImportClosed(DomainError):
    message = message_id("You can no longer import ideas: the debrief is published.")


class IdeaImport(Base):
    """An uploaded file: stored until it is imported, then replaced by the report of the import."""

    __tablename__ = "idea_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filename: Mapped[str] = mapped_column(String(MAX_FILENAME_LENGTH))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # When its ideas were withdrawn together: see `undo`.
    undone_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]
    # What the page shows of the file before it is imported.
    preview: Mapped[dict[str, Any] | None]

    person: Mapped[Person] = relationship()
    # None until the import is started.
    progress: Mapped["ImportProgress | None"] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class ImportProgress(Base):
    """How far an import is: what was chosen of the file, how many rows are imported or refused, what came of them.

    A table of its own: SQLite writes a row whole when it changes, and that of the import holds the file.
    """

    __tablename__ = "import_progress"

    import_id: Mapped[int] = mapped_column(ForeignKey("idea_import.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    # The next attempt goes on after these.
    done_rows: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]]


def import_ideas(
    session: Session,
    campaign: Campaign,
    rows: Iterable[ImportRow],
    *,
    by: Person | None = None,
    same_id: SameId = SameId.SKIP,
    personal: PersonalRows = PersonalRows.HOLD,
    now: datetime,
    kept: IdeaImport | None = None,
    dry_run: bool = False,
    most_read: int | None = None,
    after_chunk: Callable[[], object] = lambda: None,
) -> ImportReport:
    """Add the rows as submitted ideas of the campaign, in the file's order. The owner and facilitators may.

    `by`: None for a command on the server. Repeating an import adds nothing: a row is recognised by its identifier or,
    without one, by its text and how often that text came before it in the file. `same_id`: what becomes of a row with
    the identifier of an idea and another text. `personal`: what becomes of rows with personal data; a strict campaign
    holds them. `kept`: where the report is written after each chunk, see `keep_report`; rows stop coming once it is
    undone. `most_read`: with `dry_run`, how many characters are looked at for such data. `after_chunk` is called
    after each CHUNK_ROWS rows: a caller that commits there lets others write meanwhile. Raises ImportClosed once the
    debrief is published.
    """
    _check_open(campaign, now)
    report = ImportReport.empty()
    how = _How(same_id, personal, dry_run=dry_run, import_id=kept.id if kept else None)
    looked_at = look_for_personal_data(prepare(rows), health=campaign.is_health, most=most_read if dry_run else None)
    for chunk in _in_chunks(looked_at):
        if kept is not None and _is_undone(session, campaign, kept):
            break
        report = report.plus(_add_chunk(session, campaign, chunk, how, by=by, now=now))
        if kept is not None:
            kept.report = report.as_json() | {"same_id": same_id}
        after_chunk()
    if not dry_run:
        _close_import(session, campaign, report, same_id=same_id, by=by, now=now)
    return report


def keep_report(session: Session, campaign: Campaign, *, filename: str, now: datetime) -> IdeaImport:
    """Add the report of an import by a command on the server, so that it can be undone as one of the page, at any time.

    It stands among those of the campaign's owner, who answers for what is imported. Raises ImportClosed.
    """
    _check_open(campaign, now)
    report = ImportReport.empty().as_json()
    kept = IdeaImport(
        campaign_id=campaign.id, person_id=campaign.owner_id, filename=clean_line(filename)[:MAX_FILENAME_LENGTH],
        created_at=now, finished_at=now, report=report,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    return kept


def keep_upload(
    session: Session,
    campaign: Campaign,
    *,
    by: Person,
    filename: str,
    content: bytes,
    preview: Mapping[str, Any],
    now: datetime,
) -> IdeaImport:
    """Store a file until its columns are chosen. It replaces an upload of the same person that was not started.

    `preview`: what the page shows of the file, so that it is not read again. The owner and facilitators may.
    Raises ImportClosed or LimitReached.
    """
    _check_open(campaign, now)
    spend(session, LimitedAct.IMPORT, by=by, now=now)
    session.execute(
        delete(IdeaImport).where(
            IdeaImport.campaign_id == campaign.id,
            IdeaImport.person_id == by.id,
            IdeaImport.finished_at.is_(None),
            IdeaImport.id.not_in(select(ImportProgress.import_id)),
        )
    )
    upload = IdeaImport(
        campaign_id=campaign.id,
        person_id=by.id,
        filename=clean_line(filename)[:MAX_FILENAME_LENGTH],
        content=content,
        preview=dict(preview),
        created_at=now,
    )
    session.add(upload)
    session.flush()
    return upload


def start_import(
    session: Session, campaign: Campaign, upload: IdeaImport, columns: Mapping[str, Any], *, now: datetime
) -> None:
    """Queue the import of a stored file with these choices. A second time changes nothing.

    The owner and facilitators may. Raises ImportClosed.
    """
    lock_campaign(session, campaign)
    session.refresh(upload)
    _check_open(campaign, now)
    if upload.progress is None and upload.finished_at is None:
        upload.progress = ImportProgress(
            columns=dict(columns), started_at=now, done_rows=0, report=ImportReport.empty().as_json()
        )
        enqueue(session, JobKind.IMPORT_IDEAS, campaign_id=campaign.id, payload={"import": upload.id}, now=now)
        session.flush()


def import_chunk(
    session: Session, campaign: Campaign, import_id: int, rows: Sequence[PreparedRow], *, done: int, now: datetime
) -> int:
    """Add the next rows of a started import, after those that are done. Returns how many are done then.

    For the worker, which commits each chunk and has looked for personal data in them before. Raises ImportClosed;
    LeaseLost where another worker has done these rows meanwhile, or the import was stopped.
    """
    moved = (
        update(ImportProgress)
        .where(ImportProgress.import_id == import_id, ImportProgress.done_rows == done)
        .values(done_rows=done + len(rows))
        .execution_options(synchronize_session=False)
    )
    if changed_rows(session, moved) != 1:
        raise LeaseLost
    progress = session.get_one(ImportProgress, import_id, populate_existing=True)
    by = session.get_one(IdeaImport, import_id).person
    how = _How(
        SameId(progress.columns.get("same_id", SameId.SKIP)),
        PersonalRows(progress.columns.get("personal", PersonalRows.HOLD)),
        import_id=import_id,
        agreed=bool(progress.columns.get("with_agreed", False)),
    )
    added = _add_chunk(session, campaign, rows, how, by=by, now=now)
    progress.report = ImportReport.from_json(progress.report).plus(added).as_json()
    session.flush()
    return progress.done_rows


def finish_import(session: Session, upload: IdeaImport, *, now: datetime) -> None:
    """Keep the report of what was imported, and delete the file. For the worker, at the end or where it has to stop."""
    progress = upload.progress
    same_id = SameId(progress.columns.get("same_id", SameId.SKIP)) if progress is not None else SameId.SKIP
    upload.report = progress.report if progress is not None else ImportReport.empty().as_json()
    upload.content = upload.preview = upload.progress = None
    upload.finished_at = now
    campaign = session.get_one(Campaign, upload.campaign_id)
    upload.report["same_id"] = same_id  # the page says what was done with them
    report = ImportReport.from_json(upload.report)
    _close_import(session, campaign, report, same_id=same_id, by=upload.person, now=now)


def drop_upload(session: Session, upload: IdeaImport, *, by: Person | None, now: datetime) -> None:
    """Delete a file that was not imported, and stop its import. The report of what was imported stays.

    The owner and facilitators may. `by`: None for an erasure, whose person the file names.
    """
    if upload.finished_at is not None:
        return
    job = import_job(session, upload)
    if job is not None:
        cancel(session, job, by=by, now=now)
    if upload.progress is not None:
        session.refresh(upload.progress, with_for_update=True)
    if upload.progress is not None and upload.progress.done_rows:
        finish_import(session, upload, now=now)
    else:
        session.delete(upload)


def import_job(session: Session, upload: IdeaImport) -> Job | None:
    """The latest job that imports this file, or None where it is not started or the job is long over."""
    jobs = select(Job).where(Job.campaign_id == upload.campaign_id, Job.kind == JobKind.IMPORT_IDEAS)
    found = session.scalars(jobs.order_by(Job.id.desc()).limit(50))
    return next((job for job in found if job.payload.get("import") == upload.id), None)


def waiting_uploads(session: Session) -> Sequence[int]:
    """The ids of the files of all campaigns that are not imported to the end. For whatever looks into them."""
    return session.scalars(select(IdeaImport.id).where(IdeaImport.finished_at.is_(None)).order_by(IdeaImport.id)).all()


def imports_of(session: Session, campaign: Campaign) -> Sequence[IdeaImport]:
    """The campaign's finished imports, latest first."""
    return session.scalars(
        select(IdeaImport)
        .where(IdeaImport.campaign_id == campaign.id, IdeaImport.finished_at.is_not(None))
        .order_by(IdeaImport.id.desc())
    ).all()


def _check_open(campaign: Campaign, now: datetime) -> None:
    if campaign.state(now) in {State.DEBRIEFED, State.FOLLOWED_THROUGH}:
        raise ImportClosed


def _is_undone(session: Session, campaign: Campaign, kept: IdeaImport) -> bool:
    lock_campaign(session, campaign)
    session.refresh(kept)
    return kept.undone_at is not None


def _in_chunks(rows: Iterable[PreparedRow]) -> Iterator[Sequence[PreparedRow]]:
    found = iter(rows)
    while chunk := list(islice(found, CHUNK_ROWS)):
        yield chunk


@dataclass(frozen=True, slots=True)
class _How:
    """What was chosen for an import. `import_id`: the file that the rows come from; `agreed`: see `keep_addresses`."""

    same_id: SameId
    personal: PersonalRows
    dry_run: bool = False
    import_id: int | None = None
    agreed: bool = False


def _add_chunk(
    session: Session, campaign: Campaign, rows: Sequence[PreparedRow], how: _How, *, by: Person | None, now: datetime
) -> ImportReport:
    """Add those of the rows that the campaign does not have yet."""
    if not how.dry_run:
        lock_campaign(session, campaign)  # so that the same file, sent twice at once, adds its ideas once
        _check_open(campaign, now)
        rows = list(look_for_personal_data(rows, health=campaign.is_health))  # where the caller has not
    refused = [row.refused for row in rows if row.refused is not None]
    usable = [row for row in rows if row.refused is None and not row.off and not row.repeats]
    found = sort_rows(session, campaign, usable)
    used = [*found.new, *([] if how.same_id is SameId.SKIP else [row for row, _ in found.changed])]
    personal = {row.key: row for row in used if row.spans}
    chosen = PersonalRows.HOLD if campaign.is_strict else how.personal
    out = personal if chosen is PersonalRows.LEAVE_OUT else {}
    new = [(row.key, row) for row in found.new if row.key not in out]
    changed = [(row, number) for row, number in found.changed if row.key not in out]
    if how.same_id is SameId.ADD:
        new += [(row.text_key, row) for row, _ in changed]
    known = {field.id: field for field in fields_of(session, campaign)} if any(row.cells for _, row in new) else {}
    given = {key: read_cells(known, row.cells) for key, row in new}
    if not how.dry_run:
        ideas = [
            dict(row.fields) | {"campaign_id": campaign.id, "import_key": key, "import_id": how.import_id}
            for key, row in new
        ]
        _insert(session, ideas, now=now)
        index_new(session, Idea, where=(Idea.campaign_id == campaign.id) & Idea.import_key.in_([key for key, _ in new]))
        _fill(session, campaign, {key: values for key, (values, _) in given.items() if values})
        if how.same_id is SameId.REPLACE:
            replace_texts(session, changed, by=by, now=now, import_id=how.import_id)
        if chosen is PersonalRows.HOLD:
            _hold(session, campaign, list(personal.values()), how, by=by, now=now)
        keep_addresses(session, campaign, [row for row in usable if row.key not in out], agreed=how.agreed)
    repeats = [row for row in rows if row.repeats]
    out_again = _out_again(session, campaign, repeats) if chosen is PersonalRows.LEAVE_OUT else []
    unread = sum(row.spans is None for row in usable)
    return ImportReport(
        added=len(new),
        known=len(found.known) + len(repeats) - len(out_again),
        changed=len(changed),
        off=sum(row.off for row in rows),
        misfits=sum(misfits for _, misfits in given.values()),
        refused=refused[:MAX_LISTED_REFUSALS],
        refused_total=len(refused),
        personal=PersonalReport.of([row.found for row in (*personal.values(), *out_again)], chosen, unread=unread),
    )


def _out_again(session: Session, campaign: Campaign, repeats: Sequence[PreparedRow]) -> Sequence[PreparedRow]:
    """Those of the repeated rows whose first row was left out because of personal data: the campaign has no such idea.

    The first row may be in an earlier chunk. No query where no row has personal data.
    """
    personal = [row for row in repeats if row.spans]
    if not personal:
        return []
    found = sort_rows(session, campaign, personal)
    return [*found.new, *(row for row, _ in found.changed)]


def _fill(session: Session, campaign: Campaign, given: Mapping[str, Values]) -> None:
    """Store what these rows give in the fields of the form, by the keys of the ideas that they became."""
    there = select(Idea.import_key, Idea.id).where(Idea.campaign_id == campaign.id, Idea.import_key.in_(given))
    add_values(session, {number: given[key] for key, number in session.execute(there) if key} if given else {})


def _hold(
    session: Session, campaign: Campaign, rows: Sequence[PreparedRow], how: _How, *, by: Person | None, now: datetime
) -> None:
    """Withhold the ideas that have the texts of these rows now, until a moderator has read them."""
    keys = {row.key for row in rows} | ({row.text_key for row in rows} if how.same_id is SameId.ADD else set())
    texts = {row.text for row in rows}
    imported = select(Idea).where(Idea.campaign_id == campaign.id, Idea.import_key.in_(keys))
    ideas = [idea for idea in session.scalars(imported) if (idea.title, idea.body) in texts]
    hold_ideas(session, ideas, campaign_id=campaign.id, cause=Cause.PERSONAL_DATA, now=now)
    for idea in ideas:
        if idea.version > 1:  # its text was replaced, so it may be merged
            take_out(session, idea, by=by, now=now)


def _close_import(
    session: Session, campaign: Campaign, report: ImportReport, *, same_id: SameId, by: Person | None, now: datetime
) -> None:
    """What follows from an import that added ideas: they are placed, and the log says who imported how many."""
    added = report.added
    if added or (report.changed and same_id is SameId.REPLACE):
        ask_for_places(session, campaign, now=now)
    if held := report.personal.held:
        after = {"ideas": held, "cause": Cause.PERSONAL_DATA}
        record(session, Verb.HELD, campaign, by=by, campaign_id=campaign.id, after=after, now=now)
    if added:
        record(session, Verb.IMPORTED, campaign, by=by, campaign_id=campaign.id, after={"ideas": added}, now=now)


def _insert(session: Session, ideas: Sequence[dict[str, Any]], *, now: datetime) -> None:
    times = {"created_at": now, "updated_at": now, "submitted_at": now}
    if ideas:
        session.execute(insert(Idea), [idea | times for idea in ideas])
