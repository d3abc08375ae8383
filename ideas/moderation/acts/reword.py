"""Rewording: a moderator changes the words of an idea or a comment, and its author is told which and why.

The page says that moderators reworded the text. What it was before stays, for its author and the team: it broke a rule.
Another moderator can give it back, with everything as it was.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import Version, check_unchanged
from ideas.campaigns.form_field import FieldKind, fields_of
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import places_of
from ideas.contributions.idea import Idea, ask_for_places, content_of
from ideas.contributions.withheld import Outcome, Review, Withheld
from ideas.errors import Conflict, DomainError, message_id
from ideas.moderation.acts.change import MODERATED, set_text
from ideas.moderation.review import begin_act, close_with, reopen, withhold
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.text import clean, clean_line


class SameText(DomainError):
    message = message_id("This is the text as it is. Change what breaks the rule.")


class NotReworded(Conflict):
    message = message_id("This text was changed since, or has its first words again. Reload the page.")


def reword(
    session: Session,
    review: Review,
    *,
    title: str = "",
    body: str,
    places: Mapping[int, str] | None = None,
    reason: Reason,
    by: Person,
    now: datetime,
    note: str = "",
    seen: int | None = None,
    seen_text: int | None = None,
) -> None:
    """Give the idea or the comment other words, and publish it with them. Whoever moderates the campaign may.

    `places`: of an idea, other words for places that are given with it, by the field's id; empty takes one out.
    `note`: words for the author. `seen`, `seen_text`: the versions of the review and of the text that were on the page.
    Raises as `hide` does; ChangedMeanwhile where the author changed the text; SameText, EmptyText, TooLong.
    """
    row = begin_act(session, review, by=by, seen=seen)
    check_unchanged(row, seen_text)
    title = clean_line(title) if isinstance(row, Idea) else ""
    present = places_of(session, row.id) if isinstance(row, Idea) else {}
    same_places = all(clean_line((places or {}).get(key, place)) == place for key, place in present.items())
    if same_places and (title, clean(body)) == (row.title if isinstance(row, Idea) else "", row.body):
        raise SameText
    before = row.withheld
    was = {"outcome": review.outcome, "reason": review.reason, "marked": _where(session, row, review.span)}
    set_text(session, row, title=title, body=body, places=places, by=by, now=now, moderated=reason)
    numbers = restrict_earlier(session, row)
    _publish(session, row, None, by=by, now=now)
    close_with(
        session, review, Outcome.REWORDED,
        reason=reason, note=note, span="", by=by, now=now, version=row.version, restricted=numbers, withheld=before,
        was=was,
    )  # fmt: skip


def restore_words(session: Session, review: Review, *, by: Person, now: datetime, seen: int | None = None) -> None:
    """Give the author's last text back, withheld where it was, with what was decided about it and the words marked in
    it. One that nobody had read waits in the queue again. Whoever moderates the campaign may.

    Raises as `hide` does, and NotReworded where the text was changed since, or its first words are erased.
    """
    row = begin_act(session, review, by=by, seen=seen)
    acts = session.scalars(
        select(Activity.after).where(
            Activity.object_kind == Review.__tablename__,
            Activity.object_id == review.id,
            Activity.verb == Verb.REWORDED,
        )
    )
    by_version = {facts["version"]: facts for facts in acts if facts}
    of_row = (Version.object_kind == row.__tablename__) & (Version.object_id == row.id)
    kept = {version.number: version for version in session.scalars(select(Version).where(of_row))}
    number, before = row.version, row.withheld
    if number not in by_version:
        raise NotReworded
    was: Mapping[str, Any] = {}
    restricted: list[int] = []
    while number in by_version:  # it may have been reworded several times
        facts = by_version[number]
        before = Withheld(facts["withheld"]) if facts["withheld"] is not None else None
        was, restricted = facts.get("was", {}), [*restricted, *facts["restricted"]]
        number -= 1
    if number not in kept:
        raise NotReworded
    for earlier in restricted:
        kept[earlier].is_restricted = False
    content = kept[number].content
    places = _places_in(session, row, content)
    set_text(session, row, title=content.get("title", ""), body=content["body"], places=places, by=by, now=now)
    _publish(session, row, before, by=by, now=now)
    close_with(
        session, review, Outcome.RESTORED,
        reason=Reason(was["reason"]) if was.get("reason") else None, note="", span=_marked(content, was.get("marked")),
        by=by, now=now, words=row.version,
    )  # fmt: skip
    if before is not None:
        review.outcome = Outcome(was["outcome"]) if was.get("outcome") else None
    if before is Withheld.WAITING:
        reopen(session, review, by=by, now=now)
    session.flush()


def rewordings(session: Session, rows: Sequence[Idea | Comment]) -> Mapping[int, Version]:
    """The present text of those ideas, or comments, that moderators reworded last, by the id. One query at most.

    Everyone may know.
    """
    numbers = [(row.id, row.version) for row in rows if row.version > 1]
    if not numbers:
        return {}
    found = select(Version).where(
        Version.object_kind == rows[0].__tablename__, tuple_(Version.object_id, Version.number).in_(numbers)
    )
    return {version.object_id: version for version in session.scalars(found) if MODERATED in version.content}


def _places_in(session: Session, row: Idea | Comment, content: Mapping[str, Any]) -> dict[int, str]:
    """The places that this version of an idea has, by the field's id: it knows fields by their labels alone."""
    kept = {one["label"]: one["text"] for one in content.get("fields", ()) if one["text"]}
    fields = fields_of(session, row.campaign) if isinstance(row, Idea) and kept else ()
    places = [field for field in fields if field.kind is FieldKind.PLACE]
    # A place that the version does not name stays: its field may have another label by now.
    return {field.id: kept.pop(field.label) for field in places if field.label in kept}


def _where(session: Session, row: Idea | Comment, span: str) -> tuple[Any, ...] | None:
    """Where these words are first in the text: the log says it without them, which may be personal data.

    Of a place that is given with an idea, also the label of its field.
    """
    content: Mapping[str, Any] = content_of(session, row) if isinstance(row, Idea) else {"body": row.body}
    texts: list[tuple[str, str, str]] = [(name, content.get(name, ""), "") for name in ("title", "body")]
    texts += [("fields", one["text"], one["label"]) for one in content.get("fields", ())]
    for name, text, label in texts:
        if span and span in text:
            return name, text.index(span), len(span), label
    return None


def _marked(content: Mapping[str, Any], place: Sequence[Any] | None) -> str:
    """The words at the place that `_where` gave. Those of an earlier version of the site have no label."""
    if place is None:
        return ""
    name, start, length, *label = place
    if name == "fields":
        text = next((one["text"] for one in content[name] if [one["label"]] == label), "")
    else:
        text = content[name]
    return str(text)[start : start + int(length)]


def restrict_earlier(session: Session, row: Idea | Comment) -> list[int]:
    """Keep the earlier texts for the author and the team. Returns the numbers of those that everyone could read."""
    shown = (Version.object_kind == row.__tablename__) & (Version.object_id == row.id) & ~Version.is_restricted
    numbers = []
    for version in session.scalars(select(Version).where(shown, Version.number < row.version)):
        version.is_restricted = True
        numbers.append(version.number)
    return numbers


def _publish(session: Session, row: Idea | Comment, state: Withheld | None, *, by: Person, now: datetime) -> None:
    if row.withheld is not state:
        withhold(session, row, state, by=by, now=now)
    elif isinstance(row, Idea):
        ask_for_places(session, row.campaign, now=now)
