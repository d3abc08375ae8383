"""Rows of an imported file beside the ideas that the campaign has: which are new, which are known, which changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import Version, keep_version
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.imports.row import PreparedRow
from ideas.contributions.merged import take_out
from ideas.contributions.withheld import Cause, Withheld, hold_ideas, release_ideas
from ideas.people.person import Person
from ideas.personal_data.personal_data import find_personal_data


class SameId(StrEnum):
    """What becomes of a row whose identifier the campaign has with another text."""

    REPLACE = "replace"
    ADD = "add"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Sorted:
    """`changed`: each row with the idea that has its identifier."""

    new: Sequence[PreparedRow]
    known: Sequence[PreparedRow]
    changed: Sequence[tuple[PreparedRow, int]]


def sort_rows(session: Session, campaign: Campaign, rows: Sequence[PreparedRow]) -> Sorted:
    """Compare rows that are not refused with the ideas of the campaign, in two queries at most.

    A row is known where an idea with its identifier has its text, or had it before it was changed.
    """
    keys = {key for row in rows for key in (row.key, row.text_key) if key}
    there = {
        key: (number, (title, body))
        for number, key, title, body in session.execute(
            select(Idea.id, Idea.import_key, Idea.title, Idea.body).where(
                Idea.campaign_id == campaign.id, Idea.import_key.in_(keys)
            )
        )
    }
    new, known, differing = [], [], []
    for row in rows:
        if row.key not in there and row.text_key not in there:
            new.append(row)
        elif row.text_key in there or not row.text_key or row.text == there[row.key][1]:
            known.append(row)
        else:
            differing.append((row, there[row.key][0]))
    earlier = _earlier_texts(session, [number for _, number in differing])
    changed = [(row, number) for row, number in differing if row.text not in earlier.get(number, ())]
    known += [row for row, number in differing if row.text in earlier.get(number, ())]
    return Sorted(new, known, changed)


def replace_texts(
    session: Session,
    changed: Sequence[tuple[PreparedRow, int]],
    *,
    by: Person | None,
    now: datetime,
    import_id: int | None = None,
) -> None:
    """Give the ideas the texts of these rows. The earlier texts stay readable, as after any change."""
    ideas = {idea.id: idea for idea in session.scalars(select(Idea).where(Idea.id.in_([n for _, n in changed])))}
    for row, number in changed:
        _set_text(session, ideas[number], row.text, by=by, now=now, import_id=import_id)
    session.flush()


def ideas_replaced(session: Session, campaign: Campaign, import_id: int) -> Sequence[int]:
    """The ideas that have a text of this import in place of an earlier one, and were not changed since.

    Not those whose earlier text is erased: it cannot be given back.
    """
    acts = session.execute(
        select(Activity.object_id, Activity.after)
        .where(
            Activity.campaign_id == campaign.id,
            Activity.object_kind == Idea.__tablename__,
            Activity.verb == Verb.CHANGED,
            Activity.after.is_not(None),
        )
        .order_by(Activity.id)
    )
    given = {number: after["version"] for number, after in acts if after and after.get("import") == import_id}
    earlier = (Version.object_kind == Idea.__tablename__) & (Version.object_id == Idea.id)
    kept = select(Idea.id, Idea.version).join(Version, earlier & (Version.number == Idea.version - 1))
    return [
        number
        for part in chunks(list(given))
        for number, version in session.execute(kept.where(Idea.id.in_(part)))
        if version == given[number]
    ]


def swap_replaced_texts(
    session: Session,
    campaign: Campaign,
    import_id: int,
    *,
    by: Person,
    reason: str = "",
    keeps_personal: bool = False,
    now: datetime,
) -> int:
    """Give the ideas whose text this import replaced the text before it; a second time, that of the import again.

    A text that breaks a rule is for the team once another is in its place, and a moderator reads it before it is public
    again; so with personal data, unless `keeps_personal`. An idea that only waited because of such a text is public.
    Returns how many. An idea that was changed since keeps its text.
    """
    replaced = ideas_replaced(session, campaign, import_id)
    held: list[Idea] = []
    released: list[Idea] = []
    for part in chunks(replaced):
        texts = select(Version).where(Version.object_kind == Idea.__tablename__, Version.object_id.in_(part))
        kept = {(version.object_id, version.number): version for version in session.scalars(texts)}
        for idea in session.scalars(select(Idea).where(Idea.id.in_(part))).all():
            before, after = kept[idea.id, idea.version], kept[idea.id, idea.version - 1]
            waits = idea.withheld is Withheld.WAITING and _has_personal_data(before, campaign)
            before.is_restricted |= waits or idea.withheld in {Withheld.HIDDEN, Withheld.CHANGE_ASKED}
            if after.is_restricted or (not keeps_personal and _has_personal_data(after, campaign)):
                held.append(idea)
            elif waits:
                released.append(idea)
            text = after.content["title"], after.content["body"]
            _set_text(session, idea, text, by=by, reason=reason, now=now, import_id=import_id)
        session.flush()
    for some in chunks(released):
        release_ideas(session, some, campaign_id=campaign.id, cause=Cause.PERSONAL_DATA, now=now)
    for some in chunks(held):
        hold_ideas(session, some, campaign_id=campaign.id, cause=Cause.PERSONAL_DATA, now=now)
        for idea in some:
            take_out(session, idea, by=by, now=now)
    if held:
        facts = {"ideas": len(held), "cause": Cause.PERSONAL_DATA}
        record(session, Verb.HELD, campaign, by=by, campaign_id=campaign.id, after=facts, now=now)
    return len(replaced)


def _has_personal_data(version: Version, campaign: Campaign) -> bool:
    text = f"{version.content['title']}\n{version.content['body']}"
    return bool(find_personal_data(text, health=campaign.is_health))


def _set_text(
    session: Session,
    idea: Idea,
    text: tuple[str, str],
    *,
    by: Person | None,
    now: datetime,
    import_id: int | None,
    reason: str = "",
) -> None:
    if idea.version == 1:
        keep_version(session, idea, object_id=idea.id, content=_content(idea), by=None, now=idea.created_at)
    idea.title, idea.body = text
    idea.updated_at, idea.version = now, idea.version + 1
    keep_version(session, idea, object_id=idea.id, content=_content(idea), reason=reason, by=by, now=now)
    after = {"import": import_id, "version": idea.version} if import_id is not None else None
    record(session, Verb.CHANGED, idea, by=by, campaign_id=idea.campaign_id, reason=reason, after=after, now=now)


def _content(idea: Idea) -> dict[str, str]:
    """The text alone: a file changes nothing else, and a version without fields has those of the one before."""
    return {"title": idea.title, "body": idea.body}


def _earlier_texts(session: Session, ideas: Sequence[int]) -> dict[int, set[tuple[str, str]]]:
    """The texts that these ideas had, by their number. No query without ideas."""
    found: dict[int, set[tuple[str, str]]] = {}
    if ideas:
        kept = select(Version.object_id, Version.content).where(
            Version.object_kind == Idea.__tablename__, Version.object_id.in_(ideas)
        )
        for number, content in session.execute(kept):
            found.setdefault(number, set()).add((content.get("title", ""), content.get("body", "")))
    return found
