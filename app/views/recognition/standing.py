"""Standings: who took part most in a campaign, or in the campaigns of a space."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import is_admin, member, reader
from app.clock import now
from app.extensions import database
from app.web.pages.dates import city
from app.web.pages.site import site
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.people.person import Motivation
from ideas.recognition.group_standing import attribute_of_space, group_standing, space_group_standing
from ideas.recognition.points import point_values
from ideas.recognition.standing import (
    Board,
    Period,
    Standing,
    campaign_standing,
    last_midnight,
    period_start,
    space_standing,
)
from ideas.spaces.membership import membership_of
from ideas.spaces.segment import Attribute
from ideas.spaces.space import Space

views = Blueprint("standing", __name__)
Choice = TypeVar("Choice", Board, Period)


@views.get("/campaigns/<int:campaign_id>/standing")
@requires(Act.READ)
def of_campaign(campaign: Campaign) -> ResponseReturnValue:
    if (person := reader()) is not None and person.motivation is Motivation.OFF:
        return redirect(url_for("points.choose"), 303)
    board, period = _chosen(Board, "board"), _chosen(Period, "period")
    attribute = _compared(campaign) if person is not None else None
    if board is Board.GROUPS and attribute is None:
        board = Board.ACTIVITY
    standing, groups = None, None
    if campaign.has_standings and campaign.announced_at is not None:
        since = period_start(period, now=now(), zone=site().timezone)
        if board is Board.GROUPS:
            until = last_midnight(now=now(), zone=site().timezone)
            groups = group_standing(database(), campaign, since=since, until=until)
        else:
            standing = campaign_standing(
                database(), campaign, board=board, since=since, now=now(), reader=person, after=_after()
            )
    return _page(
        "recognition/standing/campaign.html",
        standing,
        board,
        period,
        campaign=campaign,
        attribute=attribute,
        groups=groups,
        values=point_values(database(), campaign),
    )


@views.get("/spaces/<int:space_id>/standing")
@requires(Platform.MEMBER)
def of_space(space: Space) -> ResponseReturnValue:
    person = member()
    if person.motivation is Motivation.OFF:
        return redirect(url_for("points.choose"), 303)
    mine = membership_of(database(), space, person)
    if not (is_admin() or (mine is not None and mine.is_in)):
        return redirect(url_for("space.show", space_id=space.id), 303)
    board, period = _chosen(Board, "board"), _chosen(Period, "period")
    attribute = attribute_of_space(database(), space, person)
    since = period_start(period, now=now(), zone=site().timezone)
    standing, groups = None, None
    if board is Board.GROUPS and attribute is not None:
        until = last_midnight(now=now(), zone=site().timezone)
        groups = space_group_standing(database(), space, attribute, since=since, until=until, reader=person)
    else:
        board = Board.ACTIVITY if board is Board.GROUPS else board
        standing = space_standing(database(), space, board=board, since=since, now=now(), reader=person, after=_after())
    found = {"space": space, "attribute": attribute, "groups": groups}
    return _page("recognition/standing/space.html", standing, board, period, **found)


def _compared(campaign: Campaign) -> Attribute | None:
    """What the groups of a campaign are by, where members choose it themselves and the campaign shows standings."""
    if not campaign.has_standings or campaign.announced_at is None or campaign.standing_attribute_id is None:
        return None
    found = database().get(Attribute, campaign.standing_attribute_id)
    return found if found is not None and found.chosen else None


def _page(template: str, standing: Standing | None, board: Board, period: Period, **more: Any) -> str:
    zone = site().timezone
    place: dict[str, Any] = {f"{name}_id": of.id for name, of in more.items() if isinstance(of, Campaign | Space)}

    def address(**changed: str) -> str:
        asked: dict[str, Any] = {"board": board.value, "period": period.value} | changed
        return url_for(request.endpoint or "", **place, **asked)

    return render_template(
        template,
        standing=standing,
        board=board,
        period=period,
        boards=[one for one in Board if one is not Board.GROUPS or more.get("attribute") is not None],
        periods=list(Period),
        since=period_start(period, now=now(), zone=zone),
        city=city(zone),
        reader_id=person.id if (person := reader()) is not None else None,
        address=address,
        **more,
    )


def _chosen(kind: Callable[[str], Choice], name: str) -> Choice:
    """What the address asks for; the first of its kind where it asks for nothing, or for what there is not."""
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return next(iter(kind))  # type: ignore[call-overload,no-any-return]


def _after() -> tuple[int, int] | None:
    """The points and the person after whom the page begins."""
    points, _dash, person_id = request.args.get("after", "").partition("-")
    if not (points.isdecimal() and person_id.isdecimal()):
        return None
    found = int(points), int(person_id)
    return found if max(found) <= MAX_ID else None
