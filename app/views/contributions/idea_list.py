"""The list of a campaign's ideas: searched, filtered, in several orders. Each page has an address to send to others."""

import re
from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.roles import may, reader
from app.clock import now
from app.extensions import database
from app.web.search import WORDS, Asked, asked
from clustering.types import Leftover
from ideas.answers.decision import DecisionStatus
from ideas.answers.idea_list import Cursor, Filters, IdeaList, Order, Unplaced, facets_of, list_ideas
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField, fields_of
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import comment_counts
from ideas.contributions.fields.counts import FieldFilter
from ideas.contributions.fields.reading import read_number
from ideas.contributions.fields.value import MAX_PLACE_LENGTH, plain_number
from ideas.contributions.files.idea_file import first_pictures
from ideas.contributions.vote import responses
from ideas.text import clean_line
from ideas.themes.theme import Theme, themes_by_id

_CURSOR = re.compile(r"(\d{1,10})-(\d{1,10})", re.ASCII)
_RESTED_ON = {"yes": True, "no": False}
_HAS_FILE = {"with": True, "without": False}
_LEFT: dict[str, Leftover | Unplaced] = {kind.value: kind for kind in (*Leftover, *Unplaced)}
_LANG = re.compile(r"[a-z]{2,3}", re.ASCII)


def list_page(campaign: Campaign) -> ResponseReturnValue:
    """The page that the address of this request asks for."""
    search, filters, order = asked(campaign), _filters(campaign), _order()
    query = search.query if search.typed else None
    page = list_ideas(
        database(),
        campaign,
        reader=reader(),
        order=order,
        filters=filters,
        query=query,
        match=search.match,
        cursor=_cursor(search),
    )
    facets = facets_of(
        database(),
        campaign,
        reader=reader(),
        with_themes=may(Act.READ_THEMES),
        filters=filters,
        query=query,
        match=page.match,
    )
    return render_template(
        "contributions/idea/index.html",
        campaign=campaign,
        state=campaign.state(now()),
        search=search,
        page=page,
        order=order,
        orders=list(Order),
        filters=filters,
        facets=facets,
        themes=_named(campaign, facets.themes),
        addresses=_Addresses(campaign, search, filters, order, page),
        responses=responses(database(), page.ideas, reader=reader()),
        comments=comment_counts(database(), page.ideas),
        pictures=first_pictures(database(), [idea.id for idea in page.ideas]),
    )


def _filters(campaign: Campaign) -> Filters:
    """The filters of the address. What makes no sense there, or is not for this reader, is left out."""
    theme, answer = request.args.get("theme", 0, type=int), request.args.get("answer")
    lang, reads_themes = request.args.get("lang", ""), may(Act.READ_THEMES)
    debrief_is_read = campaign.debriefed_at is not None or may(Act.PUBLISH)
    left, rested_on = request.args.get("left"), request.args.get("debrief")
    return Filters(
        left=_LEFT.get(left or "") if reads_themes else None,
        rested_on=_RESTED_ON.get(rested_on or "") if debrief_is_read else None,
        imported=request.args.get("imported") == "yes",
        theme_id=theme if reads_themes and 0 < theme <= MAX_ID else None,
        lang=lang if _LANG.fullmatch(lang) else "",
        answer=DecisionStatus(answer) if reads_themes and answer in set(DecisionStatus) else None,
        mine=reader() is not None and request.args.get("mine") == "yes",
        fields=tuple(filter(None, map(_field_filter, _asked_fields(campaign)))),
    )


def _asked_fields(campaign: Campaign) -> Sequence[FormField]:
    """The fields of the form, where the address asks something of one."""
    return fields_of(database(), campaign) if any(name.startswith("field-") for name in request.args) else ()


def _field_filter(field: FormField) -> FieldFilter | None:
    """What the address asks of this field. An option that it does not have, or what is no number, asks nothing."""
    name = field_name(field)
    value = request.args.get(name, "")
    number = field.kind is FieldKind.NUMBER
    chosen = FieldFilter(
        field_id=field.id,
        option_id=int(value) if value in {str(option.id) for option in field.options} else None,
        place=clean_line(value)[:MAX_PLACE_LENGTH] if field.kind is FieldKind.PLACE else "",
        least=read_number(request.args.get(f"{name}-from", "")) if number else None,
        most=read_number(request.args.get(f"{name}-to", "")) if number else None,
        has_file=_HAS_FILE.get(value) if field.kind is FieldKind.FILE else None,
    )
    return chosen or None


def field_name(field: FormField) -> str:
    """The name of a field in the address."""
    return f"field-{field.id}"


def _order() -> Order:
    order = request.args.get("order")
    return Order(order) if order in set(Order) else Order.NEWEST


def _cursor(search: Asked) -> Cursor | None:
    for name, back in (("after", False), ("until", True)):
        found = _CURSOR.fullmatch(request.args.get(name, ""))
        if found and int(found[2]) <= MAX_ID and int(found[1]) <= MAX_ID:
            return Cursor(int(found[1]), int(found[2]), back)
    # Links of an earlier version of the site, which were shared.
    return Cursor(search.before, search.before) if search.before else None


def _named(campaign: Campaign, sizes: dict[int, int]) -> list[Theme]:
    """The themes of the filter, those with the most ideas first."""
    return sorted(themes_by_id(database(), campaign, sizes), key=lambda theme: (-sizes[theme.id], theme.id))


class _Addresses:
    """The addresses of lists near to this one: in another order, without a filter, the pages beside it."""

    def __init__(self, campaign: Campaign, search: Asked, filters: Filters, order: Order, page: IdeaList) -> None:
        self._campaign, self._page = campaign, page
        self.asked: dict[str, Any] = {
            WORDS: search.query.text if search.typed else None,
            "order": order.value if order is not Order.NEWEST else None,
            "theme": filters.theme_id,
            "left": filters.left.value if filters.left else None,
            "debrief": None if filters.rested_on is None else "yes" if filters.rested_on else "no",
            "imported": "yes" if filters.imported else None,
            "lang": filters.lang or None,
            "answer": filters.answer.value if filters.answer else None,
            "mine": "yes" if filters.mine else None,
        }
        for chosen in filters.fields:
            name = f"field-{chosen.field_id}"
            has_file = next((word for word, has in _HAS_FILE.items() if has is chosen.has_file), None)
            self.asked |= {name: chosen.option_id or chosen.place or has_file}
            self.asked |= {f"{name}-from": _plain(chosen.least), f"{name}-to": _plain(chosen.most)}

    def changed(self, **values: Any) -> str:
        """The first page of the list with these values; None leaves one out."""
        return url_for("idea.index", campaign_id=self._campaign.id, **self.asked | values)

    @property
    def following(self) -> str:
        return self._beside(self._page.after)

    @property
    def preceding(self) -> str:
        return self._beside(self._page.before)

    def without_field(self, field_id: int) -> str:
        """The first page of the list without the filter by this field."""
        names = (f"field-{field_id}", f"field-{field_id}-from", f"field-{field_id}-to")
        return self.changed(**dict.fromkeys(names))

    @property
    def by_fields(self) -> dict[str, Any]:
        """What a form that searches within the filters by fields sends along."""
        return {name: value for name, value in self.asked.items() if name.startswith("field-") and value is not None}

    def hidden(self, *names: str) -> dict[str, Any]:
        """What a form that sets the other values sends along."""
        return {name: self.asked[name] for name in names if self.asked[name] is not None}

    def _beside(self, cursor: Cursor | None) -> str:
        if cursor is None:
            return ""
        match = self._page.match.value if self._page.match else None
        return self.changed(**{"until" if cursor.back else "after": f"{cursor.value}-{cursor.id}", "match": match})


def _plain(number: float | None) -> str | None:
    return None if number is None else plain_number(number)
