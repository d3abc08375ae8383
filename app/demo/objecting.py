"""Authors of the demo who say of an idea “this is not what I meant”, and what the team answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ideas.answers.debriefs.debrief import asked_themes
from ideas.answers.debriefs.objection import keep_placement, object_to
from ideas.contributions.idea import Idea
from ideas.people.person import Person


def object_to_places(
    session: Session,
    said: Sequence[Mapping[str, Any]],
    *,
    ideas: Mapping[str, Idea],
    people: Mapping[str, Person],
    today: datetime,
) -> None:
    """Each about the theme where the idea is, or about its being in none, once the debrief is public."""
    for one in said:
        idea, by = ideas[one["idea"]], people[one["by"]]
        themes = asked_themes(session, [idea]).get(idea.id, [])
        at = today - timedelta(days=one["days_ago"])
        theme_id = themes[0].theme.id if themes else None
        made = object_to(session, idea, theme_id=theme_id, reason=one["reason"], by=by, now=at)
        if answer := one.get("answer"):
            later = at + timedelta(days=1)
            keep_placement(session, made, answer=answer, by=idea.campaign.owner, now=later)
