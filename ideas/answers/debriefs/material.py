"""What the blocks of a debrief name by a number: themes, and files that are kept for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ideas.answers.debriefs.blocks import Block, BlockKind, parts_of
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.files import File, Purpose, Upload, add_file
from ideas.people.person import Person
from ideas.themes.edits.merged import last_target, merge_targets, merges_in
from ideas.themes.theme import Theme


class UnknownTheme(DomainError):
    message = message_id("This campaign has no theme %(number)s. Choose a theme from the list.")


class UnknownFile(DomainError):
    message = message_id("This debrief has no file %(number)s. Choose a file from the list, or add one.")


class NotAPictureFile(DomainError):
    message = message_id("This file is not a picture. Show it as a file, or choose a picture.")


def check_numbers(session: Session, campaign: Campaign, body: str) -> None:
    """Raises UnknownTheme, UnknownFile or NotAPictureFile for a block of the text that names what is not there.

    A theme that was merged since is still one. At most two queries.
    """
    blocks = [block for block in parts_of(body) if block.argument.isdecimal()]
    themes = {block.number for block in blocks if block.kind is BlockKind.THEME}
    if themes:
        known = set(session.scalars(select(Theme.id).where(Theme.campaign_id == campaign.id, Theme.id.in_(themes))))
        for number in sorted(themes - known):
            raise UnknownTheme(number=number)
    files = files_in(session, campaign, blocks)
    for block in blocks:
        if block.kind is not BlockKind.THEME and block.number not in files:
            raise UnknownFile(number=block.number)
        if block.kind is BlockKind.IMAGE and not files[block.number].is_picture:
            raise NotAPictureFile


def files_in(session: Session, campaign: Campaign, blocks: Sequence[Block]) -> dict[int, File]:
    """The files that these blocks show, by number: those of the debrief only. One query, or none."""
    numbers = {block.number for block in blocks if block.kind in {BlockKind.IMAGE, BlockKind.FILE}}
    if not numbers:
        return {}
    found = session.scalars(select(File).where(*_of_debrief(campaign), File.id.in_(numbers)))
    return {file.id: file for file in found}


def debrief_files(session: Session, campaign: Campaign) -> Sequence[File]:
    """The files that blocks of the debrief may show, latest first. For the owner and facilitators."""
    return session.scalars(select(File).where(*_of_debrief(campaign)).order_by(File.id.desc())).all()


def add_debrief_file(
    session: Session, campaign: Campaign, upload: Upload, *, stored_as: str, by: Person, now: datetime
) -> File:
    """Add a file for the debrief. The owner and facilitators may. Only they read it before the debrief is published.

    It stays until the team removes it: earlier versions of the text show it. Raises as `add_file` does.
    """
    lock_campaign(session, campaign)
    return add_file(
        session, upload, stored_as=stored_as, purpose=Purpose.DEBRIEF, campaign_id=campaign.id, by=by, now=now
    )


def file_numbers(body: str) -> set[int]:
    """The numbers of the files that the blocks of a text show."""
    return {block.number for block in parts_of(body) if block.kind in {BlockKind.IMAGE, BlockKind.FILE}}


def theme_now(session: Session, campaign: Campaign, numbers: Sequence[int]) -> dict[int, int]:
    """By the number of each of these themes, that of the theme that has its ideas today. One query, or none."""
    if not numbers:
        return {}
    targets = merge_targets(merges_in(session, [campaign.id]))
    return {number: last_target(number, targets) for number in numbers}


def _of_debrief(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    return File.campaign_id == campaign.id, File.purpose == Purpose.DEBRIEF, File.removed_at.is_(None)
