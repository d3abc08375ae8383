"""Add, edit, move and remove the blocks of a debrief, one act each. Once it is published, each makes a version.

A form sends the version of the text, the place of its block and the block's key. Whoever saved something else meanwhile
is in nobody's way: the block is found again by its key. Where the block itself was changed, ChangedMeanwhile is raised.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.version import ChangedMeanwhile
from ideas.answers.debriefs.blocks import Block, blocks_of, joined
from ideas.answers.debriefs.debrief import Debrief, write_debrief
from ideas.answers.debriefs.material import file_numbers
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.files import File, remove_file
from ideas.people.person import Person

_MARK_LENGTH = 16


class FileIsShown(DomainError):
    message = message_id("The debrief shows the file “%(name)s”. Remove its block first.")


@dataclass(frozen=True, slots=True)
class Seen:
    """The block that a person saw: its place in the list, its key, and the version of the text it was in.

    Without a key it is the place behind the last block.
    """

    version: int
    place: int = 0
    key: str = ""


def mark_of_others(blocks: Sequence[Block], place: int) -> str:
    """Stands for the blocks around the one in this place. While it stays the same, that place is still the place of the
    block that somebody opened, whatever was written into it meanwhile.
    """
    keys = [block.key for block in (*blocks[:place], *blocks[place + 1 :])]
    return hashlib.sha256(f"{place} {' '.join(keys)}".encode()).hexdigest()[:_MARK_LENGTH]


@dataclass(frozen=True, slots=True)
class Arranged:
    """The blocks after an act. `place`: of the block that was added, edited or moved, or that stands where one was."""

    blocks: Sequence[Block]
    place: int


def add_block(
    session: Session, campaign: Campaign, block: Block, *, after: Seen, by: Person, now: datetime, reason: str = ""
) -> Arranged:
    """Add a block behind the one that was seen; in front of all with place -1; at the end without a key, or where that
    block is gone. The owner and facilitators may. Raises as `write_debrief` does, and TooManyBlocks.
    """
    blocks = _locked(session, campaign)
    try:
        place = -1 if after.place < 0 else _find(session, campaign, blocks, after)
    except ChangedMeanwhile:
        place = len(blocks)
    place = min(place + 1, len(blocks))
    return _write(session, campaign, [*blocks[:place], block, *blocks[place:]], place, by, now, reason)


def edit_block(
    session: Session, campaign: Campaign, block: Block, *, seen: Seen, by: Person, now: datetime, reason: str = ""
) -> Arranged:
    """Put this block in the place of the one that was seen. The owner and facilitators may.

    Raises ChangedMeanwhile where that one was changed or removed since, and as `write_debrief` does.
    """
    blocks = _locked(session, campaign)
    place = _find(session, campaign, blocks, seen)
    return _write(session, campaign, [*blocks[:place], block, *blocks[place + 1 :]], place, by, now, reason)


def move_block(
    session: Session, campaign: Campaign, *, seen: Seen, up: bool, by: Person, now: datetime, reason: str = ""
) -> Arranged:
    """Move a block in front of the one before it, or behind the one after it; nothing happens at the end of the list.

    The owner and facilitators may. Raises as `edit_block` does.
    """
    blocks = _locked(session, campaign)
    place = _find(session, campaign, blocks, seen)
    other = place - 1 if up else place + 1
    if place == len(blocks) or not 0 <= other < len(blocks):
        return Arranged(blocks, place)
    blocks[place], blocks[other] = blocks[other], blocks[place]
    return _write(session, campaign, blocks, other, by, now, reason)


def remove_block(
    session: Session, campaign: Campaign, *, seen: Seen, by: Person, now: datetime, reason: str = ""
) -> tuple[Arranged, Block]:
    """Remove a block. Returns the blocks that are left, and the one that is gone, to put it back with `add_block`.

    The owner and facilitators may. Raises as `edit_block` does; once published NothingWritten for the last block.
    """
    blocks = _locked(session, campaign)
    place = _find(session, campaign, blocks, seen)
    if place == len(blocks):
        raise ChangedMeanwhile
    removed = blocks.pop(place)
    return _write(session, campaign, blocks, place, by, now, reason), removed


def remove_debrief_file(session: Session, campaign: Campaign, file: File, *, by: Person, now: datetime) -> str:
    """Remove a file that no block shows now; earlier versions of the text then lack it. Returns `stored_as`, to
    `discard` after the commit. The owner and facilitators may.

    Raises FileIsShown, or as `remove_file` does.
    """
    lock_campaign(session, campaign)
    debrief = session.get(Debrief, campaign.id, populate_existing=True)
    if debrief is not None and file.id in file_numbers(debrief.body):
        raise FileIsShown(name=file.name)
    return remove_file(session, file, by=by, now=now)


def _locked(session: Session, campaign: Campaign) -> list[Block]:
    """The blocks as they are stored now, which nobody else changes until the commit."""
    lock_campaign(session, campaign)
    debrief = session.get(Debrief, campaign.id, populate_existing=True)
    return blocks_of(debrief.body) if debrief is not None else []


def _find(session: Session, campaign: Campaign, blocks: Sequence[Block], seen: Seen) -> int:
    """Where the block that was seen is now; the number of blocks for the place behind the last."""
    debrief = session.get(Debrief, campaign.id)
    if not seen.key:
        return len(blocks)
    if seen.version == (debrief.version if debrief is not None else 0):
        if 0 <= seen.place < len(blocks) and blocks[seen.place].key == seen.key:
            return seen.place
        raise ChangedMeanwhile
    places = [place for place, block in enumerate(blocks) if block.key == seen.key]
    if len(places) != 1:
        raise ChangedMeanwhile
    return places[0]


def _write(
    session: Session, campaign: Campaign, blocks: Sequence[Block], place: int, by: Person, now: datetime, reason: str
) -> Arranged:
    debrief = session.get(Debrief, campaign.id)
    written = write_debrief(
        session,
        campaign,
        body=joined(blocks),
        hides_agreement=debrief.hides_agreement if debrief is not None else False,
        by=by,
        now=now,
        change_reason=reason,
    )
    return Arranged(blocks_of(written.body), place)
