"""What an author changes in the files of an idea: some are added, described, taken off. They are part of its text."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, column, func, select, table
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
# Of all ideas of a campaign that count, together.
MAX_CAMPAIGN_BYTES = 2_000 * MEGABYTE
# Of one person in a campaign, drafts and withdrawn ideas too. What they type for others is apart.
MAX_OWN_BYTES = 100 * MEGABYTE
# Its model imports this module, so the table is named here without it.
_idea = table(
    "idea", column("id"), column("campaign_id"), column("submitted_at"), column("withdrawn_at"), column("written_by_id")
)
_PHOTO_NAME = re.compile(r"Photo (\d{1,6})\.webp")


class TooManyIdeaFiles(FieldRefused):
    message = message_id("An idea can have %(most)s photos and documents at most. Take one off, then add this one.")


class IdeaFilesTooLarge(FieldRefused):
    message = message_id("The files of an idea take %(most)s MB at most. Take one off, or choose a smaller file.")


class CampaignFilesFull(FieldRefused):
    message = message_id(
        "The ideas of this campaign have all the files that they can have. Publish yours without files."
    )


class OwnFilesFull(FieldRefused):
    message = message_id(
        "Your files in this campaign take %(most)s MB at most. Take some off your ideas or drafts, then add this one."
    )


class DocumentNotAnonymous(FieldRefused):
    message = message_id(
        "An anonymous idea takes photos only: a document may hold your name. Take “%(name)s” off, then publish."
    )


@dataclass(frozen=True, slots=True)
class FileChanges:
    """What a form says of files, by their ids: those that wait and are added, those taken off, what pictures show."""

    added: Collection[int] = ()
    removed: Collection[int] = ()
    alternatives: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What is about to change, checked. `texts`: what pictures show afterwards, and the names of what is added, to be
    looked at as a text is. `renamed`: the files of an anonymous idea, whose names may say whose they are.
    """

    added: Sequence[IdeaFile] = ()
    removed: Sequence[IdeaFile] = ()
    described: Sequence[tuple[IdeaFile, str]] = ()
    texts: Sequence[str] = ()
    renamed: Sequence[tuple[IdeaFile, str]] = ()

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
    publishes: bool = False,
    is_anonymous: bool = False,
    for_other: bool = False,
) -> FilePlan:
    """Check what the author of an idea changes in its files. None changes nothing.

    A file for a field takes the place of the one that is there. `complete`: the idea is published now, so required
    fields have their file. `has_fields`: the form asks some. `publishes`: the idea was a draft until now.
    `is_anonymous`: it shows no name, so it takes pictures alone, whose names are made. `for_other`: the team types it.
    A file that is no longer there is left out.
    Raises TooManyIdeaFiles, IdeaFilesTooLarge, OwnFilesFull, CampaignFilesFull, DocumentNotAnonymous, FieldMissing or
    TooLong.
    """
    if changes is None and not (has_fields or is_anonymous):
        return FilePlan()
    plan, left = _planned(session, campaign, idea_id, changes or FileChanges(), by=by)
    if is_anonymous:
        _check_pictures(left if publishes else plan.added)
        plan = replace(plan, renamed=_made_names(left))
    elif plan.added:
        plan = replace(plan, texts=[*plan.texts, *(one.file.name for one in plan.added)])
    if plan.added:
        _check_room(session, campaign, idea_id, left, by=None if for_other else by)
    if left and (plan.added or publishes):
        _check_campaign(session, campaign, idea_id, left)
    if complete and has_fields:
        _check_required(session, campaign, left)
    return plan


def changes_files(
    session: Session, campaign: Campaign, idea_id: int, changes: FileChanges | None, *, by: Person
) -> bool:
    """True where the form says something of files that is not so yet, for an idea that it published already."""
    return changes is not None and bool(_planned(session, campaign, idea_id, changes, by=by)[0])


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
    for one, name in plan.renamed:
        for file in filter(None, (one.file, one.small)):
            file.name = name
    session.flush()


def take_off(one: IdeaFile, *, now: datetime) -> None:
    """Take a file off its idea, with what was said of it. For the rules of moderation."""
    for file in filter(None, (one.file, one.small)):
        file.removed_at = now
    one.alternative = ""


def removed_places(session: Session, file_ids: Collection[int]) -> list[str]:
    """Where the bytes of those of these files are that were taken off, and of their small pictures: to be discarded."""
    small = select(IdeaFile.small_id).where(IdeaFile.file_id.in_(file_ids))
    gone = File.removed_at.is_not(None) & (File.purpose == Purpose.IDEA)
    return list(session.scalars(select(File.stored_as).where(gone, File.id.in_(file_ids) | File.id.in_(small))))


def _planned(
    session: Session, campaign: Campaign, idea_id: int, changes: FileChanges, *, by: Person
) -> tuple[FilePlan, list[IdeaFile]]:
    """What the form changes, and the files that the idea has then. Raises TooLong."""
    present = files_of(session, [idea_id]).get(idea_id, [])
    sent = sent_files(session, set(changes.added) - set(changes.removed), by=by)
    added = _in_fields(session, campaign, [one for one in sent if one.idea_id is None])
    replaced = {one.field_id for one in added if one.field_id is not None}
    removed = [one for one in present if one.file_id in changes.removed or one.field_id in replaced]
    left = [one for one in present if one not in removed] + added
    typed = {one: changes.alternatives.get(one.file_id, one.alternative) for one in left if one.file.is_picture}
    words = {one: optional(clean_line(said), max_length=MAX_ALTERNATIVE_LENGTH) for one, said in typed.items()}
    described = [(one, said) for one, said in words.items() if said != one.alternative]
    return FilePlan(added, removed, described, [said for said in words.values() if said]), left


def _in_fields(session: Session, campaign: Campaign, added: Sequence[IdeaFile]) -> list[IdeaFile]:
    """Those to add: of each field of the form the last one. What came with a field that this campaign does not ask,
    such as of another one, belongs to none, and is counted as such.
    """
    if any(one.field_id is not None for one in added):
        asked = {one.id for one in asked_fields(session, campaign) if one.kind is FieldKind.FILE}
        for one in added:
            if one.field_id not in asked:
                one.field_id = None
    last = {one.field_id: one for one in added}
    return [one for one in added if one.field_id is None or last[one.field_id] is one]


def _check_pictures(files: Sequence[IdeaFile]) -> None:
    """Pictures were drawn again; a document is kept as it is, with whatever it says of who made it."""
    for one in files:
        if not one.file.is_picture:
            raise DocumentNotAnonymous(name=one.file.name)


def _made_names(files: Sequence[IdeaFile]) -> list[tuple[IdeaFile, str]]:
    """Names for the pictures that have none of these yet: “Photo 1.webp”."""
    pictures = [one for one in files if one.file.is_picture]
    found = [_PHOTO_NAME.fullmatch(one.file.name) for one in pictures]
    number = max((int(one[1]) for one in found if one is not None), default=0)
    unnamed = [one for one, name in zip(pictures, found, strict=True) if name is None]
    return [(one, f"Photo {each}.webp") for each, one in enumerate(unnamed, start=number + 1)]


def _check_room(
    session: Session, campaign: Campaign, idea_id: int, files: Sequence[IdeaFile], *, by: Person | None
) -> None:
    """Before files are added. `by`: whose they are; None for those of an idea that is typed for somebody else."""
    if sum(one.field_id is None for one in files) > MAX_FILES:
        raise TooManyIdeaFiles(most=MAX_FILES)
    if sum(one.file.size for one in files) > MAX_IDEA_BYTES:
        raise IdeaFilesTooLarge(most=MAX_IDEA_BYTES // MEGABYTE)
    if by is None:
        return
    own = (File.uploaded_by_id == by.id) & _idea.c.written_by_id.is_(None)
    mine = sum(one.file.size for one in files if one.file.uploaded_by_id == by.id)
    if _bytes_of(session, campaign, own, but=idea_id) + mine > MAX_OWN_BYTES:
        raise OwnFilesFull(most=MAX_OWN_BYTES // MEGABYTE)


def _check_campaign(session: Session, campaign: Campaign, idea_id: int, files: Sequence[IdeaFile]) -> None:
    counts = _idea.c.submitted_at.is_not(None) & _idea.c.withdrawn_at.is_(None)
    if _bytes_of(session, campaign, counts, but=idea_id) + sum(one.file.size for one in files) > MAX_CAMPAIGN_BYTES:
        raise CampaignFilesFull


def _bytes_of(session: Session, campaign: Campaign, which: ColumnElement[bool], *, but: int) -> int:
    """What the files of these ideas of the campaign take, beside one of them, and without the small pictures."""
    here = (_idea.c.campaign_id == campaign.id) & (_idea.c.id != but) & File.removed_at.is_(None)
    joined = (
        select(func.sum(File.size))
        .select_from(_idea)
        .join(IdeaFile, IdeaFile.idea_id == _idea.c.id)
        .join(File, File.id == IdeaFile.file_id)
    )
    return int(session.scalar(joined.where(here, which)) or 0)


def _check_required(session: Session, campaign: Campaign, files: Sequence[IdeaFile]) -> None:
    given = {one.field_id for one in files}
    for asked in asked_fields(session, campaign):
        if asked.kind is FieldKind.FILE and asked.is_required and asked.id not in given:
            raise FieldMissing(label=asked.label)
