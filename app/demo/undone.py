"""What was undone in the demo: an import and a draft campaign, so that these pages have something to show."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.draft import delete_draft_campaign
from ideas.campaigns.promise import CampaignText, start_campaign
from ideas.contributions.imports.importing import ImportProgress, finish_import, import_chunk, keep_upload
from ideas.contributions.imports.report import ImportReport
from ideas.contributions.imports.row import ImportRow, prepare
from ideas.contributions.imports.undo import undo_import
from ideas.people.person import Person


def undone_import(
    session: Session, campaign: Campaign, facts: Mapping[str, Any], *, by: Person, today: datetime
) -> None:
    """Import a file with the wrong column, and undo it an hour later."""
    at = today - timedelta(days=facts["days_ago"])
    upload = keep_upload(session, campaign, by=by, filename=facts["filename"], content=b"", preview={}, now=at)
    # Without the job of `start_import`: the rows are at hand.
    upload.progress = ImportProgress(columns={}, started_at=at, done_rows=0, report=ImportReport.empty().as_json())
    session.flush()
    rows = list(prepare(ImportRow(line=line, body=body) for line, body in enumerate(facts["rows"], start=2)))
    import_chunk(session, campaign, upload.id, rows, done=0, now=at)
    finish_import(session, upload, now=at)
    session.flush()
    undo_import(session, campaign, upload, by=by, reason=facts["reason"], now=at + timedelta(hours=1))


def deleted_draft(session: Session, facts: Mapping[str, Any], *, owner: Person, today: datetime) -> None:
    """Start a campaign, and delete it before it is announced."""
    text = CampaignText(**{name: facts[name] for name in ("title", "challenge", "brief", "benefit", "motivation")})
    written_at = today - timedelta(days=facts["written_days_ago"])
    draft = start_campaign(session, owner=owner, text=text, now=written_at)
    session.flush()
    delete_draft_campaign(session, draft, by=owner, now=today - timedelta(days=facts["days_ago"]))
