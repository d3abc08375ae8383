"""What an author changes in the files of an idea: some are added, described, taken off. They are part of its text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, asked_fields
from ideas.contributions.fields.value import FieldMissing, FieldRefused
from ideas.contributions.files.idea_file import MAX_ALTERNATIVE_LENGTH, IdeaFile, files_of, sent_files
from ideas.errors import message_id
from ideas.files import File, Purpose
from ideas.media_type import MEGABYTE
from ideas.people.person import Person
from ideas.text import clean_line, optional

# Beside those that fields of the form ask for.
MAX_FILES = 4
MAX_IDEA_BYTES = 20 * MEGABYTE
# Of all ideas of a campaign together.
MAX_CAMPAIGN_BYTES = 2_000 * MEGABYTE


class TooManyIdeaFiles(FieldRefused):
    message = message_id("An idea can have %(most)s photos and documents at most. Take one off, then add this one.")


class IdeaFilesTooLarge(FieldRefused):
    message = message_id("The files of an idea take %(most)s MB at most. Take one off, or choose a smaller file.")


class CampaignFilesFull(FieldRefused):
    message = message_id(
        "The ideas of this campaign have all the files that they can have. Publish yours without files."
    )


@dataclass(frozen=True, slots=True)
class FileChanges:
    """What a form says of files, by their ids: those that wait and are added, those taken off, what pictures show."""

    added: Collection[int] = ()
    removed: Collection[int] = ()
    alternatives: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What is about to change, checked. `texts`: what pictures show afterwards, to be looked at as a text is."""

    added: Sequence[IdeaFile] = ()
    removed: Sequence[IdeaFile] = ()
    described: Sequence[tuple[IdeaFile, str]] = ()
    texts: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.described)


def plan_files(
    session: Session,
    campaign: Campaign,
    idea_id: int,
    changes: FileChanges | None,
    *,
    by: Person,
    complete: bool,
    has_fields: bool,
) -> FilePlan:
    """Check what the author of an idea changes in its files. None changes nothing.

    A file for a field takes the place of the one that is there. `complete`: the idea is published now, so required
    fields have their file. `has_fields`: the form asks some. A file that is no longer there is left out.
    Raises TooManyIdeaFiles, IdeaFilesTooLarge, CampaignFilesFull, FieldMissing or TooLong.
    """
    if changes is None and not has_fields:
        return FilePlan()
    changes = changes or FileChanges()
    present = files_of(session, [idea_id]).get(idea_id, [])
    sent = sent_files(session, set(changes.added) - set(changes.removed), by=by)
    added = [one for one in sent if one.idea_id is None]
    replaced = {one.field_id for one in added if one.field_id is not None}
    removed = [one for one in present if one.file_id in changes.removed or one.field_id in replaced]
    left = [one for one in present if one not in removed] + added
    if added:
        _check_room(session, campaign, left, added)
    if complete and has_fields:
        _check_required(session, campaign, left)
    typed = {one: changes.alternatives.get(one.file_id, one.alternative) for one in left if one.file.is_picture}
    words = {one: optional(clean_line(said), max_length=MAX_ALTERNATIVE_LENGTH) for one, said in typed.items()}
    described = [(one, said) for one, said in words.items() if said != one.alternative]
    return FilePlan(added, removed, described, [said for said in words.values() if said])


def change_files(session: Session, campaign: Campaign, idea_id: int, plan: FilePlan, *, now: datetime) -> None:
    """Do what was checked, in the transaction that holds the idea. The bytes of what is taken off are deleted later."""
    for one in plan.added:
        one.idea_id = idea_id
        for file in filter(None, (one.file, one.small)):
            file.campaign_id = campaign.id
    for one in plan.removed:
        for file in filter(None, (one.file, one.small)):
            file.removed_at = now
    for one, said in plan.described:
        one.alternative = said
    session.flush()


def removed_places(session: Session, file_ids: Collection[int]) -> list[str]:
    """Where the bytes of those of these files are that were taken off, and of their small pictures: to be discarded."""
    small = select(IdeaFile.small_id).where(IdeaFile.file_id.in_(file_ids))
    gone = File.removed_at.is_not(None) & (File.purpose == Purpose.IDEA)
    return list(session.scalars(select(File.stored_as).where(gone, File.id.in_(file_ids) | File.id.in_(small))))


def _check_room(session: Session, campaign: Campaign, files: Sequence[IdeaFile], added: Sequence[IdeaFile]) -> None:
    if sum(one.field_id is None for one in files) > MAX_FILES:
        raise TooManyIdeaFiles(most=MAX_FILES)
    if sum(one.file.size for one in files) > MAX_IDEA_BYTES:
        raise IdeaFilesTooLarge(most=MAX_IDEA_BYTES // MEGABYTE)
    here = (File.campaign_id == campaign.id) & (File.purpose == Purpose.IDEA) & File.removed_at.is_(None)
    used = session.scalar(select(func.sum(File.size)).where(here)) or 0
    if used + sum(one.file.size for one in added) > MAX_CAMPAIGN_BYTES:
        raise CampaignFilesFull


def _check_required(session: Session, campaign: Campaign, files: Sequence[IdeaFile]) -> None:
    given = {one.field_id for one in files}
    for asked in asked_fields(session, campaign):
        if asked.kind is FieldKind.FILE and asked.is_required and asked.id not in given:
            raise FieldMissing(label=asked.label)
