"""All that a page shows of a row, so that it can keep what it wrote: the values for `kept` in its rendering."""

from collections.abc import Hashable, Sequence
from datetime import date
from functools import cache

from flask import Flask
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy import inspect

from app.clock import now
from app.text.peoples_text import language_of
from app.web.pages.dates import zone
from app.web.pages.language import gettext
from ideas.answers.action import Action
from ideas.answers.decision import Decision
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import short_name
from ideas.themes.theme import Theme


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(as_answered=as_answered, as_author=as_author, theme_name=theme_name)
    app.jinja_env.filters.update(shown_name=shown_name)


def shown_name(name: str) -> str:
    """A person's name as the reader may see it: whole for members; first name and initial for a visitor.

    Every page that shows a name asks it.
    """
    return name if current_user.is_authenticated else short_name(name)


def theme_name(theme: Theme) -> str:
    """A theme's name in the reader's language where some of its ideas are written in it; its number without a name."""
    return theme.name_in(str(get_locale())[:2]) or gettext("Theme %(number)s", number=theme.id)


def as_author(idea: Idea) -> Hashable:
    """Of an idea's author."""
    return idea.author.name if idea.author else None, idea.author_name, idea.is_anonymous, idea.written_by_id


def as_answered(
    campaign: Campaign, decision: Decision | None, actions: Sequence[Action], today: date
) -> tuple[Hashable, ...]:
    """Of an answer with its actions. How a day is written depends on how far away it is, and on the reader's zone."""
    answer = (_stored(decision), decision.respondent.name) if decision is not None else None
    done = tuple((_stored(action), action.owner.name, _steps(action)) for action in actions)
    return language_of(campaign), answer, done, today, now().date(), zone()


def _steps(action: Action) -> tuple[Hashable, ...]:
    """Its milestones, and its evidence with the files."""
    shown = (
        (_stored(one), one.added_by.name, tuple((_stored(each), _stored(each.file)) for each in one.files))
        for one in action.evidence
    )
    return tuple(map(_stored, action.milestones)), tuple(shown)


def _stored(row: Base) -> tuple[Hashable, ...]:
    return tuple(getattr(row, name) for name in _columns(type(row)))


@cache
def _columns(model: type[Base]) -> tuple[str, ...]:
    return tuple(inspect(model).column_attrs.keys())
