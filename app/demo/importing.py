"""What was imported into the demo, and what was undone: an import and a draft campaign."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.draft import delete_draft_campaign
from ideas.campaigns.promise import CampaignText, start_campaign
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport, ImportProgress, finish_import, import_chunk, keep_upload
from ideas.contributions.imports.report import ImportReport
from ideas.contributions.imports.row import ImportRow, prepare
from ideas.contributions.imports.undo import undo_import
from ideas.people.person import Person


def undone_import(
    session: Session, campaign: Campaign, facts: Mapping[str, Any], *, by: Person, today: datetime
) -> None:
    """Import a file with the wrong column, and undo it an hour later."""
    at = today - timedelta(days=facts["days_ago"])
    upload = _begun(session, campaign, facts["filename"], {}, by=by, now=at)
    rows = list(prepare(ImportRow(line=line, body=body) for line, body in enumerate(facts["rows"], start=2)))
    import_chunk(session, campaign, upload.id, rows, done=0, now=at)
    finish_import(session, upload, now=at)
    session.flush()
    undo_import(session, campaign, upload, by=by, reason=facts["reason"], now=at + timedelta(hours=1))


class ImportedIdeas:
    """Ideas of a campaign that came in one file, whose authors have no account and agreed to be told. They are imported
    one by one, at their place among the others: themes are found among ideas in the order of their ids.
    """

    def __init__(self, session: Session, campaign: Campaign, *, by: Person) -> None:
        self._session, self._campaign, self._by = session, campaign, by
        self._upload: IdeaImport | None = None
        self._done = 0

    def add(self, said: Mapping[str, Any], *, now: datetime) -> Idea:
        """Import one idea. `said["imported"]`: the address of its author."""
        if self._upload is None:
            agreed = {"with_agreed": True}
            self._upload = _begun(self._session, self._campaign, "boite-a-idees.csv", agreed, by=self._by, now=now)
        row = ImportRow(line=self._done + 2, title=said["title"], body=said["body"], email=said["imported"])
        rows = list(prepare([row]))
        self._done = import_chunk(
            self._session, self._campaign, self._upload.id, rows, done=self._done, now=now
        )  # fmt: skip
        latest = select(Idea).where(Idea.import_id == self._upload.id).order_by(Idea.id.desc()).limit(1)
        return self._session.scalars(latest).one()

    def finish(self, *, now: datetime) -> None:
        """Keep the report, where something was imported."""
        if self._upload is not None:
            finish_import(self._session, self._upload, now=now)
            self._session.flush()


def _begun(
    session: Session, campaign: Campaign, filename: str, columns: dict[str, Any], *, by: Person, now: datetime
) -> IdeaImport:
    """An import that has begun, without the job of `start_import`: the rows are at hand."""
    upload = keep_upload(session, campaign, by=by, filename=filename, content=b"", preview={}, now=now)
    upload.progress = ImportProgress(
        columns=columns, started_at=now, done_rows=0, report=ImportReport.empty().as_json()
    )
    session.flush()
    return upload


def deleted_draft(session: Session, facts: Mapping[str, Any], *, owner: Person, today: datetime) -> None:
    """Start a campaign, and delete it before it is announced."""
    text = CampaignText(**{name: facts[name] for name in ("title", "challenge", "brief", "benefit", "motivation")})
    written_at = today - timedelta(days=facts["written_days_ago"])
    draft = start_campaign(session, owner=owner, text=text, now=written_at)
    session.flush()
    delete_draft_campaign(session, draft, by=owner, now=today - timedelta(days=facts["days_ago"]))
