"""Earlier texts of an idea or a comment, as the reader may read them, with what each of them changed."""

from collections.abc import Sequence
from typing import Any

from app.access.roles import may, reader
from app.extensions import database
from app.text.differences import around_changes, differences
from app.text.peoples_text import with_short_mentions
from app.web.pages.language import gettext, number
from ideas.activity.version import Version, versions_of
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import Filled
from ideas.contributions.idea import Idea, one_text
from ideas.contributions.talk.mention import names_in, names_in_texts
from ideas.moderation.acts.change import may_answer
from ideas.people.person import names_of, short_name


def readable_versions(row: Idea | Comment) -> dict[str, Any]:
    """The texts of an idea or a comment that the reader may read, and what each changed in the one before it.

    Those that broke a rule are for the author and the team. Who has no account here reads short names in all of them.
    """
    versions = versions_of(database(), row.__tablename__, row.id)
    person = reader()
    sees_all = may(Act.MODERATE) or (person is not None and may_answer(row, person))
    shown = [version for version in versions if sees_all or not version.is_restricted]
    bodies = {version.number: version.content["body"] for version in shown}
    mentions: list[str] = []
    if isinstance(row, Comment):
        stored = names_in(database(), [row.id]).get(row.id, [])
        found = {*stored, *names_in_texts(database(), row.campaign, bodies.values())}
        mentions = sorted(found, key=len, reverse=True)
    if person is None and mentions:
        bodies = {number: with_short_mentions(body, mentions) for number, body in bodies.items()}
        mentions = [short_name(name) for name in mentions]
    given_then = _filled_by_version(shown)
    texts = {
        version.number: "\n\n".join(
            filter(None, (one_text(version.content.get("title", ""), bodies[version.number]),
                          field_lines(given_then[version.number])))
        )
        for version in shown
    }  # fmt: skip
    changes = {
        version.number: around_changes(differences(texts[version.number - 1], texts[version.number]))
        for version in shown
        if version.number - 1 in texts
    }
    writers = names_of(database(), {version.by_id for version in shown if version.by_id is not None})
    return {
        "versions": shown,
        "writers": writers,
        "bodies": bodies,
        "filled": given_then,
        "changes": changes,
        "sees_all": sees_all,
        "mentions": mentions,
    }


def _filled_by_version(versions: Sequence[Version]) -> dict[int, list[Filled]]:
    """What was given in the form's fields, by the number of the version. Where a version says nothing, as before."""
    found: dict[int, list[Filled]] = {}
    latest: list[Filled] = []
    for version in sorted(versions, key=lambda one: one.number):
        if "fields" in version.content:
            latest = [Filled.from_json(one) for one in version.content["fields"]]
        found[version.number] = latest
    return found


def field_lines(fields: Sequence[Filled]) -> str:
    """The fields as a text, a line for each, to be compared."""
    words = {
        one: one.text
        or ", ".join(one.options)
        or "; ".join(file.in_words for file in one.files)
        or number(one.number or 0)
        for one in fields
    }
    units = {one: f" {one.unit}" if one.unit and one.number is not None else "" for one in fields}
    return "\n".join(f"{one.label or gettext('Photos and documents')} · {words[one]}{units[one]}" for one in fields)
