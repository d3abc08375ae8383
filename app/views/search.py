"""The search over the whole site: campaigns, themes and ideas."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from app.access.needs import Platform, requires
from app.access.roles import reader
from app.extensions import database
from app.views.spaces.filter import SpaceFilter, space_filter
from app.web.search import Asked, asked
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contributions.idea import Idea, idea_visible_to, is_submitted
from ideas.people.person import Person
from ideas.search import Found, Match, Searchable, search
from ideas.themes.theme import Theme, theme_visible_to

views = Blueprint("search", __name__)

PER_PAGE = 20  # where one kind is shown


@dataclass(frozen=True, slots=True)
class Kind:
    """What is searched: how many are shown beside the other kinds, and what is read with each."""

    model: type[Searchable]
    shown: int
    options: tuple[ORMOption, ...]


KINDS = {
    "campaign": Kind(Campaign, 5, (joinedload(Campaign.owner).load_only(Person.name),)),
    "theme": Kind(Theme, 5, (joinedload(Theme.campaign).load_only(Campaign.title),)),
    "idea": Kind(
        Idea,
        10,
        (joinedload(Idea.campaign).load_only(Campaign.title), joinedload(Idea.author).load_only(Person.name)),
    ),
}


@views.get("/search")
@requires(Platform.EVERYONE)
def show() -> ResponseReturnValue:
    search, only = asked(reader=reader()), request.args.get("kind", "")
    only = only if only in KINDS else ""
    spaces = space_filter()
    found = _found(search, only, spaces)
    return render_template("search/show.html", search=search, only=only, found=found, kinds=KINDS, spaces=spaces)


def _found(asked: Asked, only: str, spaces: SpaceFilter) -> dict[str, Found[Any]]:
    """What each kind has, met in the same way: the first one that finds something in any of them."""
    found: dict[str, Found[Any]] = {}
    for match in [asked.match] if asked.match else Match:
        for name, kind in KINDS.items():
            if only in {"", name}:
                limit, before = (PER_PAGE, asked.before) if only else (kind.shown, None)
                found[name] = search(
                    database(),
                    kind.model,
                    asked.query,
                    where=_visible(name) & _in_space(kind.model, spaces),
                    match=match,
                    before=before,
                    limit=limit,
                    options=kind.options,
                )
        if any(part.total for part in found.values()):
            break
    return found


def _visible(name: str) -> ColumnElement[bool]:
    """What the reader may see of a kind. What they may not is neither listed nor counted."""
    if name == "campaign":
        return campaign_visible_to(reader())
    if name == "theme":
        return theme_visible_to(reader())
    return idea_visible_to(reader()) & is_submitted()


def _in_space(model: type[Searchable], spaces: SpaceFilter) -> ColumnElement[bool]:
    """What belongs to a campaign of the space that the reader chose."""
    if spaces.campaigns is None:
        return true()
    if model is Campaign:
        return spaces.campaigns
    return (Theme if model is Theme else Idea).campaign_id.in_(select(Campaign.id).where(spaces.campaigns))
