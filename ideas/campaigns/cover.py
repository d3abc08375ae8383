"""The cover of a campaign: a wide picture on its page, its card in lists, and what other sites show of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import MAX_ALTERNATIVE_LENGTH, Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.files import File, Purpose, Upload, add_file, kept, remove_file
from ideas.people.person import Person
from ideas.store import Store
from ideas.text import clean_line, optional


class NoCover(DomainError):
    message = message_id("Choose a picture first.")


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture for large screens and a small one for phones, each with its name in the store."""

    large: Upload
    large_as: str
    small: Upload
    small_as: str


@contextmanager
def kept_cover(store: Store, large: Upload, small: Upload) -> Iterator[Cover]:
    """Both pictures in the store, deleted if the block fails: see `kept`."""
    with kept(store, large.content) as large_as, kept(store, small.content) as small_as:
        yield Cover(large, large_as, small, small_as)


def set_cover(
    session: Session, campaign: Campaign, cover: Cover | None, *, alternative: str, by: Person, now: datetime
) -> Sequence[str]:
    """Make these pictures the cover, or keep the present one. Whoever manages the campaign may.

    `alternative`: what the picture shows, for who does not see it; empty where it only decorates. Returns where the
    files that it replaces are: `discard` them after the commit. Raises NoCover, TooLong, QuotaReached.
    """
    said = optional(clean_line(alternative), max_length=MAX_ALTERNATIVE_LENGTH)
    lock_campaign(session, campaign)
    if cover is None and campaign.cover_id is None:
        raise NoCover
    replaced: Sequence[str] = ()
    if cover is not None:
        replaced = _remove_files(session, campaign, by=by, now=now)

        def added(upload: Upload, stored_as: str) -> File:
            return add_file(
                session, upload, stored_as=stored_as, purpose=Purpose.COVER, campaign_id=campaign.id, by=by, now=now
            )

        campaign.cover, campaign.cover_small = added(cover.large, cover.large_as), added(cover.small, cover.small_as)
    if said != campaign.cover_alternative:
        before, campaign.cover_alternative = campaign.cover_alternative, said
        record(
            session, Verb.CHANGED, campaign,
            by=by, campaign_id=campaign.id,
            before={"cover_alternative": before}, after={"cover_alternative": said}, now=now,
        )  # fmt: skip
    session.flush()
    return replaced


def remove_cover(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> Sequence[str]:
    """Show no cover any more. Whoever manages the campaign may. Returns as `set_cover` does."""
    lock_campaign(session, campaign)
    if campaign.cover is None:
        return ()
    removed = _remove_files(session, campaign, by=by, now=now)
    campaign.cover, campaign.cover_small, campaign.cover_alternative = None, None, ""
    session.flush()
    return removed


def _remove_files(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> list[str]:
    files = [file for file in (campaign.cover, campaign.cover_small) if file is not None]
    return [remove_file(session, file, by=by, now=now) for file in files]
