"""Make the file of an export: what a campaign holds at one moment, for the person who asked for it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.clock import now
from app.database.sqlite import reading
from app.exports.files import write_export
from app.extensions import database
from app.mail.address import address_of
from app.signing.keys import secret_key
from app.web.uploads import uploads
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, may, role_of
from ideas.exports.export import ExportFormat, count_erasures, keep_export
from ideas.exports.rows import Authors
from ideas.files import digest_of, writing
from ideas.organisation.organisation import lock_organisation
from ideas.people.person import Person
from ideas.work.job import Job


class _NotAllowed(Exception):
    """The person may not export the campaign any more: nothing is kept."""


class _ErasedMeanwhile(Exception):
    """The file may hold what was erased while it was written: the next attempt writes it again."""


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """See app.worker.worker for the contract. An attempt that ends in between leaves no row; its bytes are swept."""
    session = database()
    report("export", 0.0)
    with suppress(_NotAllowed), writing(uploads()) as (path, stored_as):
        with reading(session):
            erased = _fill(path, session, job)
        report("export", 0.9)
        size, digest = path.stat().st_size, digest_of(path)
        lock_organisation(session)
        if count_erasures(session) != erased:
            raise _ErasedMeanwhile
        file = keep_export(session, job, stored_as=stored_as, size=size, digest=digest, now=now())
        return {"file": file.id}
    return {}


def _fill(path: Path, session: Session, job: Job) -> int:
    """Write the file. Returns how many accounts were erased, as of the moment that the file shows."""
    _read_one_moment(session)
    erased = count_erasures(session)
    campaign, person = session.get(Campaign, job.campaign_id), session.get(Person, job.payload["person"])
    if campaign is None or person is None or person.erased_at is not None:
        raise _NotAllowed
    if not may(role_of(session, campaign, person), Act.EXPORT, is_admin=person.is_admin):
        raise _NotAllowed
    key = secret_key()
    with force_locale(person.locale):
        write_export(
            path,
            session,
            campaign,
            format_=ExportFormat(job.payload["format"]),
            authors=Authors(campaign.id, key, named=job.payload["named"]),
            address=address_of("campaign.show", campaign_id=campaign.id),
        )
    return erased


def _read_one_moment(session: Session) -> None:
    """All tables show one moment, also while people write. A transaction of SQLite does so by itself."""
    bind = session.get_bind()
    if isinstance(bind, Engine) and bind.dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
