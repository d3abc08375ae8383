"""The pictures of newsletters, which every newsletter of their space may show."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base
from ideas.errors import NotAllowed, message_id
from ideas.files import File, Purpose, Upload, add_file
from ideas.media_type import PICTURES, FileRefused
from ideas.outreach.newsletters.newsletter import may_propose
from ideas.people.person import Person
from ideas.spaces.space import Space, lock_space

MAX_PICTURES = 200  # of a space


class OnlyPictures(FileRefused):
    message = message_id("Choose a picture: JPEG, PNG or WebP.")


class TooManyPictures(FileRefused):
    message = message_id("The newsletters of this space already have %(most)s pictures.")


class NewsletterPicture(Base):
    __tablename__ = "newsletter_picture"

    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)


def add_picture(session: Session, space: Space, upload: Upload, *, stored_as: str, by: Person, now: datetime) -> File:
    """Add a picture for newsletters of the space. Who may propose one may.

    Raises NotAllowed, OnlyPictures, TooManyPictures, and what `add_file` raises.
    """
    lock_space(session, space)
    if not may_propose(session, space, by):
        raise NotAllowed
    if upload.media_type not in PICTURES:
        raise OnlyPictures
    of_space = select(func.count()).select_from(NewsletterPicture).where(NewsletterPicture.space_id == space.id)
    if (session.scalar(of_space) or 0) >= MAX_PICTURES:
        raise TooManyPictures(most=MAX_PICTURES)
    file = add_file(session, upload, stored_as=stored_as, purpose=Purpose.NEWSLETTER, campaign_id=None, by=by, now=now)
    session.add(NewsletterPicture(file_id=file.id, space_id=space.id))
    session.flush()
    return file


def pictures_in(session: Session, space_id: int, numbers: Collection[int]) -> set[int]:
    """Those of these numbers that are pictures of the space. One query, or none."""
    if not numbers:
        return set()
    here = (NewsletterPicture.space_id == space_id) & NewsletterPicture.file_id.in_(numbers)
    return set(session.scalars(select(NewsletterPicture.file_id).where(here)))


def picture_file(session: Session, number: int) -> File | None:
    """The file of a picture. Whoever holds the signed address that a newsletter has may read it."""
    found = select(File).join(NewsletterPicture, NewsletterPicture.file_id == File.id)
    return session.scalar(found.where(File.id == number, File.removed_at.is_(None)))
