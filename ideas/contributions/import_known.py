"""Rows of an imported file beside the ideas that the campaign has: which are new, which are known, which changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import Version, keep_version
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.import_row import PreparedRow
from ideas.people.person import Person


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
    """The ideas that have a text of this import in place of an earlier one, and were not changed since."""
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
    return [
        number
        for part in _parts(list(given))
        for number, version in session.execute(select(Idea.id, Idea.version).where(Idea.id.in_(part)))
        if version == given[number]
    ]


def swap_replaced_texts(
    session: Session, campaign: Campaign, import_id: int, *, by: Person, reason: str = "", now: datetime
) -> int:
    """Give the ideas whose text this import replaced the text before it; a second time, that of the import again.

    Returns how many. An idea that was changed since keeps its text.
    """
    replaced = ideas_replaced(session, campaign, import_id)
    for part in _parts(replaced):
        texts = select(Version).where(Version.object_kind == Idea.__tablename__, Version.object_id.in_(part))
        earlier = {(version.object_id, version.number): version.content for version in session.scalars(texts)}
        for idea in session.scalars(select(Idea).where(Idea.id.in_(part))).all():
            content = earlier[idea.id, idea.version - 1]
            text = content["title"], content["body"]
            _set_text(session, idea, text, by=by, reason=reason, now=now, import_id=import_id)
        session.flush()
    return len(replaced)


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


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yields them a few hundred at a time: a database takes only so many values in one query."""
    return (numbers[start : start + 500] for start in range(0, len(numbers), 500))


def _content(idea: Idea) -> dict[str, str]:
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
