"""The address of the table of the themes: all that one chose there, so that it can be kept, sent and gone back to."""

from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from ideas.campaigns.campaign import Campaign
from ideas.desk.table import COLUMNS, FIRST_COLUMNS, MAX_QUERY_LENGTH, MOST_FIRST, SORTS, Asked
from ideas.search import MAX_SEARCH_LENGTH

_GIVEN = ("words", "status", "assignee", "tag", "group")


def read_address(values: MultiDict[str, str]) -> Asked:
    """What the parameters of the address ask for. What makes no sense in them is not asked for."""
    given = {name: values.get(name, "").strip()[:MAX_SEARCH_LENGTH] for name in _GIVEN}
    sort = values.get("sort", "size")
    sort = sort if sort in SORTS else "size"
    columns = tuple(column for column in COLUMNS if column in values.getlist("col"))
    ascending = values.get("dir", "") == "asc" or (values.get("dir", "") != "desc" and sort not in MOST_FIRST)
    return Asked(
        **given,
        late=bool(values.get("late")),
        waiting=bool(values.get("waiting")),
        map=bool(values.get("map")),
        sort=sort,
        descending=not ascending,
        columns=columns or FIRST_COLUMNS,
    )


def address_params(asked: Asked, **others: str) -> dict[str, Any]:
    """The parameters that ask for this, without those that say what is so anyway. `others` replace some of them."""
    params: dict[str, Any] = {name: getattr(asked, name) for name in _GIVEN}
    params["late"] = "1" if asked.late else ""
    params["waiting"] = "1" if asked.waiting else ""
    params["map"] = "yes" if asked.map else ""
    if asked.columns != FIRST_COLUMNS:
        params["col"] = list(asked.columns)
    if asked.sort != "size" or not asked.descending:
        params |= {"sort": asked.sort, "dir": "desc" if asked.descending else "asc"}
    return {name: value for name, value in (params | others).items() if value}


def query_of(asked: Asked) -> str:
    return urlencode(address_params(asked), doseq=True)


def read_query_string(query: str) -> Asked:
    """What a query asks for that a form sent back, or that was stored."""
    return read_address(MultiDict(parse_qs(query[:MAX_QUERY_LENGTH])))


def table_url(campaign: Campaign, query: str = "") -> str:
    """The table as this query shows it; what makes no sense in it is left out."""
    return url_for("theme_table.show", campaign_id=campaign.id, **address_params(read_query_string(query)))
