"""The table of a campaign's themes, its saved views, and what is done to several themes at once."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.desk.work import SaveViewForm
from app.pictures.map.theme_map import ThemeMap, draw_map, tones
from app.text.shown import theme_name
from app.views.answers.decision import today
from app.views.desk.address import address_params, query_of, read_address, read_query_string, table_url
from app.views.themes.colour import colour_context
from app.views.themes.theme import names_of
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.answers.decision import (
    Decision,
    DecisionStatus,
    decisions_in,
)
from ideas.answers.second_person import waiting_themes
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.desk.table import (
    COLUMNS,
    MOST_FIRST,
    NO_ANSWER,
    SORTS,
    Asked,
    QueryTooLong,
    Table,
    TableView,
    delete_view,
    save_view,
    theme_table,
    views_of,
)
from ideas.desk.work import (
    assignable,
    tags_in,
)
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.card import all_placements
from ideas.themes.theme import active_themes

# The keys of assign, decide and merge, by language: letters of the words on the buttons.
KEYS = {"en": ("a", "d", "m"), "fr": ("a", "d", "f")}

views = Blueprint("theme_table", __name__, url_prefix="/campaigns/<int:campaign_id>/themes/table")


@views.get("")
@requires(Act.MANAGE)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, read_address(request.args))


@views.post("/views")
@requires(Act.MANAGE)
def keep_view(campaign: Campaign) -> ResponseReturnValue:
    form = SaveViewForm()
    asked = read_query_string(form.query.data or "")
    if form.validate_on_submit():
        with show_refusals(form, {QueryTooLong: form.name, DomainError: form.name}):
            view = save_view(database(), campaign, name=form.name.data, query=query_of(asked), by=member())
            name = view.name
            database().commit()
            flash(_("View “%(name)s” saved. Only you see it.", name=name), "success")
            return redirect(table_url(campaign, form.query.data), 303)
    return _page(campaign, asked, view_form=form)


@views.post("/views/<int:view_id>/delete")
@requires(Act.MANAGE)
def drop_view(campaign: Campaign, view: TableView) -> ResponseReturnValue:
    delete_view(database(), view, by=member())
    database().commit()
    flash(_("View deleted."), "success")
    return redirect(table_url(campaign, request.form.get("query", "")), 303)


def _page(campaign: Campaign, asked: Asked, *, view_form: SaveViewForm | None = None) -> ResponseReturnValue:
    session, person = database(), member()
    decisions = decisions_in(session, campaign)
    waiting = waiting_themes(session, campaign)
    table = theme_table(
        session, campaign, asked,
        answers=_answers(decisions), waiting=waiting, reader=person, today=today(), now=now(),
    )  # fmt: skip
    themes = active_themes(session, campaign)
    query = query_of(asked)
    page = render_template(
        "desk/table/show.html",
        campaign=campaign,
        table=table,
        map=_map(campaign, table) if asked.map else None,
        colours=colour_context(campaign, table.cards, decisions)["colours"] if asked.map else None,
        shown_ids=tuple(sorted(row.card.theme.id for row in table.rows)),
        map_url=url_for(
            "theme_table.show", campaign_id=campaign.id, **address_params(asked, map="" if asked.map else "yes")
        ),
        all_url=url_for("theme_table.show", campaign_id=campaign.id, map="yes" if asked.map else None),
        asked=asked,
        waiting=waiting,
        names=names_of(themes),
        tones=tones(themes),
        languages=get_locale().languages,
        statuses=[NO_ANSWER, *(status.value for status in DecisionStatus)],
        people=_people(table, assignable(session, campaign)),
        tags=tags_in(table.works.values()),
        columns=COLUMNS,
        sorts=SORTS,
        views=views_of(session, campaign, person),
        view_form=view_form or SaveViewForm(formdata=None, query=query),
        query=query,
        sort_url=lambda column: url_for(
            "theme_table.show",
            campaign_id=campaign.id,
            **address_params(asked, sort=column, dir=_other_way(asked, column)),
        ),
        view_url=lambda view: table_url(campaign, view.query),
        keys=dict(zip(("assign", "decide", "merge"), KEYS[get_locale().language], strict=True)),
        today=today(),
    )
    return page, form_status(view_form) if view_form is not None else 200


def _map(campaign: Campaign, table: Table) -> ThemeMap:
    """The map of all themes. An island leads to its row, or to the page of its theme where the filters leave it out."""
    listed = {row.card.theme.id for row in table.rows}

    def address(theme_id: int) -> str:
        page = url_for("theme.show", campaign_id=campaign.id, theme_id=theme_id)
        return f"#theme-{theme_id}" if theme_id in listed else page

    counted = {card.theme.id: card.size for card in table.cards}
    themes = [card.theme for card in table.cards]
    return draw_map(all_placements(database(), campaign), themes, address, counted, theme_name)


def _answers(decisions: Mapping[int, Decision]) -> dict[int, tuple[str, bool]]:
    return {theme_id: (decision.status.value, decision.is_answer) for theme_id, decision in decisions.items()}


def _other_way(asked: Asked, column: str) -> str:
    """The direction that a press on the head of this column asks for."""
    if asked.sort == column:
        return "asc" if asked.descending else "desc"
    return "desc" if column in MOST_FIRST else "asc"


def _people(table: Table, team: Sequence[Person]) -> list[tuple[str, str]]:
    """Whom the filter offers: the team, and who is still named; by their ids as text."""
    named = {str(person.id): person.name for person in team}
    named |= {str(work.assignee_id): work.assignee for work in table.works.values() if work.assignee_id is not None}
    return sorted(named.items(), key=lambda pair: pair[1].casefold())
