"""The search over the whole site: campaigns, themes and ideas. Ideas can be narrowed to what many of them share."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from app.access.needs import Platform, requires
from app.access.roles import reader
from app.extensions import database
from app.views.spaces.filter import SpaceFilter, space_filter
from app.web.search import WORDS, Asked, asked
from ideas.answers.decision import DecisionStatus
from ideas.answers.found.best import BestPage, SearchOrder, best_ideas
from ideas.answers.found.facets import Narrowed, narrows, search_facets
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, fields_of
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contributions.fields.counts import FieldFilter
from ideas.contributions.idea import Idea, idea_visible_to, is_submitted
from ideas.people.person import Person
from ideas.search import MAX_COUNTED, Found, Match, Searchable, count_found, search
from ideas.themes.theme import Theme, theme_visible_to

views = Blueprint("search", __name__)

PER_PAGE = 20  # where one kind is shown
_LANG = re.compile(r"[a-z]{2,3}", re.ASCII)


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
    asked_for, chosen, only = asked(reader=reader()), _narrowed(), request.args.get("kind", "")
    only = "idea" if chosen else only if only in KINDS else ""
    order = request.args.get("order")
    order = SearchOrder(order) if order in set(SearchOrder) else SearchOrder.NEWEST
    spaces = space_filter()
    visible = {name: _visible(name) & _in_space(kind.model, spaces) for name, kind in KINDS.items()}
    wanted = visible | {"idea": visible["idea"] & narrows(chosen, reader())}
    if chosen and asked_for.match is None:  # in the same way as without what was chosen: that may leave nothing
        asked_for = replace(asked_for, match=_way(asked_for, visible["idea"]))
    found = _found(asked_for, only, wanted)
    ideas = found.get("idea")
    best = None
    if ideas is not None and ideas.total and order is SearchOrder.BEST:
        best = _best(asked_for, ideas, only, wanted["idea"])
        found["idea"] = replace(ideas, rows=best.rows, older=best.upto)
    facets = None
    if ideas is not None and (ideas.total or chosen):
        facets = search_facets(
            database(), asked_for.query, ideas.match, reader=reader(), where=visible["idea"], chosen=chosen
        )
    return render_template(
        "search/show.html",
        search=asked_for,
        only=only,
        found=found,
        totals=_totals(asked_for, found, visible, chosen),
        spaces=spaces,
        chosen=chosen,
        facets=facets,
        order=order,
        orders=list(SearchOrder),
        best=best,
        addresses=_Addresses(asked_for, only, spaces, chosen, order),
    )


def _narrowed() -> Narrowed:
    """What the address narrows the ideas to. What makes no sense there, or is not for this reader, is left out."""
    number, lang, answer = (request.args.get(name, "") for name in ("campaign", "lang", "answer"))
    campaign = None
    if number.isascii() and number.isdigit() and int(number[:12]) <= MAX_ID:
        here = select(Campaign).where(Campaign.id == int(number[:12]), campaign_visible_to(reader()))
        campaign = database().scalar(here)
    return Narrowed(
        campaign=campaign,
        lang=lang if _LANG.fullmatch(lang) else "",
        answer=DecisionStatus(answer) if answer in set(DecisionStatus) else None,
        fields=_fields(campaign) if campaign is not None else (),
    )


def _fields(campaign: Campaign) -> tuple[FieldFilter, ...]:
    """The options of the campaign's form that the address asks for."""
    if not any(name.startswith("field-") for name in request.args):
        return ()
    asked_of = [
        (field, request.args.get(f"field-{field.id}", ""))
        for field in fields_of(database(), campaign)
        if field.kind is FieldKind.CHOICE
    ]
    return tuple(
        FieldFilter(field_id=field.id, option_id=option.id)
        for field, value in asked_of
        for option in field.options
        if str(option.id) == value
    )


def _found(asked: Asked, only: str, wanted: Mapping[str, ColumnElement[bool]]) -> dict[str, Found[Any]]:
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
                    where=wanted[name],
                    match=match,
                    before=before,
                    limit=limit,
                    options=kind.options,
                )
        if any(part.total for part in found.values()):
            break
    return found


def _way(asked: Asked, visible: ColumnElement[bool]) -> Match | None:
    """How ideas meet the search, before it is narrowed; None where none does."""
    ways = (way for way in Match if asked.query and count_found(database(), Idea, asked.query, way, where=visible))
    return next(ways, None)


def _best(asked: Asked, found: Found[Idea], only: str, wanted: ColumnElement[bool]) -> BestPage:
    """The page of the best ideas that the address asks for."""
    place = request.args.get("place", 0, type=int)
    return best_ideas(
        database(),
        asked.query,
        found,
        where=wanted,
        limit=PER_PAGE if only else KINDS["idea"].shown,
        upto=asked.before if only else None,
        place=place if only and 0 < place < MAX_COUNTED else 0,
        options=KINDS["idea"].options,
    )


def _totals(
    asked: Asked, found: dict[str, Found[Any]], visible: Mapping[str, ColumnElement[bool]], chosen: Narrowed
) -> dict[str, int]:
    """How many each kind has in all, met in the same way, whatever is chosen. Kinds that have none are left out."""
    match = next((part.match for part in found.values()), None)
    if match is None or not asked.query:
        return {}
    totals = {
        name: found[name].total
        if name in found and not chosen
        else count_found(database(), kind.model, asked.query, match, where=visible[name])
        for name, kind in KINDS.items()
    }
    return {name: total for name, total in totals.items() if total}


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


class _Addresses:
    """The addresses of searches near to this one: of another kind, in another order, narrowed or not."""

    def __init__(self, asked: Asked, only: str, spaces: SpaceFilter, chosen: Narrowed, order: SearchOrder) -> None:
        self.asked: dict[str, Any] = {WORDS: asked.query.text, "kind": only or None} | spaces.asked
        self.asked["order"] = order.value if order is not SearchOrder.NEWEST else None
        self.narrowed: dict[str, Any] = {
            "campaign": chosen.campaign.id if chosen.campaign is not None else None,
            "lang": chosen.lang or None,
            "answer": chosen.answer.value if chosen.answer is not None else None,
        } | {f"field-{one.field_id}": one.option_id for one in chosen.fields}

    def changed(self, **values: Any) -> str:
        """The first page of the search with these values; None leaves one out."""
        return url_for("search.show", **self.asked | self.narrowed | values)

    def of_kind(self, kind: str | None, **values: Any) -> str:
        """What is found of a kind, or of all, not narrowed."""
        return url_for("search.show", **self.asked | {"kind": kind} | values)

    def of_campaign(self, campaign_id: int | None) -> str:
        """Narrowed to a campaign, without fields of the form of another one."""
        names = [name for name in self.narrowed if name.startswith("field-")]
        return self.changed(**dict.fromkeys(names), campaign=campaign_id)

    def hidden(self, *left_out: str) -> dict[str, Any]:
        """What a form that sets the other values sends along."""
        sent: Sequence[tuple[str, Any]] = list((self.asked | self.narrowed).items())
        return {name: value for name, value in sent if value is not None and name not in left_out}
