"""The portrait of a campaign's lead: the one that is shown, and one that waits for its form to be sent again.

A portrait of no campaign waits. Only the person who sent it sees it, and it is deleted after a day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError, message_id
from ideas.files import File, Purpose, Upload, accept_waiting, add_file, remove_file, wait
from ideas.people.person import Person

WAITS = timedelta(days=1)


class PortraitGone(DomainError):
    message = message_id("The portrait that you chose is no longer kept. Choose it again.")


def set_portrait(
    session: Session, campaign: Campaign, upload: Upload, *, stored_as: str, by: Person, now: datetime
) -> str | None:
    """Make the file that is `stored_as` the owner's portrait. Returns where the one that it replaces is, or None:
    `discard` it after the commit.

    The owner and facilitators may. Raises QuotaReached.
    """
    replaced = remove_file(session, campaign.portrait, by=by, now=now) if campaign.portrait else None
    campaign.portrait = add_file(
        session, upload, stored_as=stored_as, purpose=Purpose.PORTRAIT, campaign_id=campaign.id, by=by, now=now
    )
    session.flush()
    return replaced


def keep_waiting(
    session: Session, upload: Upload, *, stored_as: str, by: Person, now: datetime
) -> tuple[File, list[str]]:
    """Keep a portrait whose form was refused, in place of one of the same person that waits. Returns it, and where the
    ones that it replaces are: `discard` them after the commit.
    """
    earlier = session.scalars(select(File).where(_waits(), File.uploaded_by_id == by.id)).all()
    for file in earlier:
        session.delete(file)
    return wait(session, upload, stored_as=stored_as, purpose=Purpose.PORTRAIT, by=by, now=now), _places(earlier)


def waiting_portrait(session: Session, file_id: int, *, by: Person) -> File | None:
    """The portrait with this id that waits, if this person sent it."""
    return session.scalar(select(File).where(File.id == file_id, _waits(), File.uploaded_by_id == by.id))


def use_waiting(session: Session, campaign: Campaign, file_id: int, *, by: Person, now: datetime) -> str | None:
    """Make a portrait that waits the owner's portrait. Returns as `set_portrait` does.

    Who sent it may, if they manage the campaign. Raises PortraitGone, QuotaReached.
    """
    file = waiting_portrait(session, file_id, by=by)
    if file is None:
        raise PortraitGone
    replaced = remove_file(session, campaign.portrait, by=by, now=now) if campaign.portrait else None
    accept_waiting(session, file, campaign_id=campaign.id, by=by, now=now)
    campaign.portrait = file
    session.flush()
    return replaced


def delete_waiting(session: Session, *, now: datetime) -> int:
    """Delete portraits that have waited for a day. Returns how many. For the worker; `sweep` deletes their bytes."""
    old = session.scalars(select(File.id).where(_waits(), File.created_at < now - WAITS)).all()
    session.execute(delete(File).where(File.id.in_(old)).execution_options(synchronize_session=False))
    return len(old)


def _waits() -> ColumnElement[bool]:
    return (File.purpose == Purpose.PORTRAIT) & File.campaign_id.is_(None) & File.removed_at.is_(None)


def _places(files: Sequence[File]) -> list[str]:
    return [file.stored_as for file in files]
