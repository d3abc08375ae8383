"""The table of a campaign's themes, its saved views, and what is done to several themes at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from wtforms import SelectChoice

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.decision import team_choices
from app.forms.desk.work import ChangeThemesForm, DecideTogetherForm, SaveViewForm, SelectedThemesForm
from app.pictures.theme_map import tones
from app.views.answers.decision import today
from app.views.desk.address import address_params, query_of, read_address, read_query_string, table_url
from app.views.desk.panel import assignee_choices
from app.views.themes.theme import names_of
from app.web.errors import show_refusals
from app.web.rendering import form_status, translated
from ideas.activity.version import ReasonNeeded
from ideas.answers.decision import (
    DecidedInTheFuture,
    Decision,
    DecisionStatus,
    ExpectedInThePast,
    NotARespondent,
    decisions_in,
    respondents,
)
from ideas.answers.together import decide_together
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act
from ideas.desk.table import (
    COLUMNS,
    MOST_FIRST,
    NO_ANSWER,
    NOBODY,
    SORTS,
    Asked,
    QueryTooLong,
    Table,
    delete_view,
    save_view,
    theme_table,
    views_of,
)
from ideas.desk.work import (
    Change,
    DueInThePast,
    NotAnAssignee,
    Refused,
    assignable,
    change_themes,
    tags_in,
    work_in,
)
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.theme import Theme, active_themes, themes_by_id

# The keys of assign, decide and merge, by language: letters of the words on the buttons.
KEYS = {"en": ("a", "d", "m"), "fr": ("a", "d", "f")}
ACTS = ("assign", "decide", "merge")

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
def drop_view(campaign: Campaign, view_id: int) -> ResponseReturnValue:
    delete_view(database(), campaign, view_id=view_id, by=member())
    database().commit()
    flash(_("View deleted."), "success")
    return redirect(table_url(campaign, request.form.get("query", "")), 303)


@views.get("/selected")
@requires(Act.GROUP)
def selected(campaign: Campaign) -> ResponseReturnValue:
    """What to do with the themes that were selected in the table: the form of one act, with their names."""
    act = request.args.get("act", "")
    form = SelectedThemesForm(request.args)
    chosen = set(form.theme.data or ())
    themes = [theme for theme in active_themes(database(), campaign) if theme.id in chosen]
    enough = 2 if act == "merge" else 1
    if act not in ACTS or len(themes) < enough:
        flash(
            _("Select at least two themes to merge them.") if act == "merge" else _("Select at least one theme."),
            "error",
        )
        return redirect(table_url(campaign, form.query.data), 303)
    return _selected_page(campaign, act, themes, query=form.query.data)


@views.post("/work")
@requires(Act.GROUP)
def change(campaign: Campaign) -> ResponseReturnValue:
    """Assign the selected themes, set their day, tag them."""
    form = _change_form(campaign, sent=True)
    themes = _sent_themes(campaign, form)
    refused: Sequence[Refused] = ()
    if form.validate_on_submit():
        fields = {NotAnAssignee: form.assignee, DueInThePast: form.due_on, DomainError: form.add}
        with show_refusals(form, fields):
            refused = change_themes(
                database(), campaign, themes, _change_of(form), by=member(), now=now(), seen=form.versions
            )
            return _done(campaign, "assign", form, themes, refused)
    return _selected_page(campaign, "assign", themes, query=form.query.data, form=form)


@views.post("/answers")
@requires(Act.DECIDE)
def decide(campaign: Campaign) -> ResponseReturnValue:
    """Give the selected themes one answer."""
    form = _decide_form(campaign, sent=True)
    themes = _sent_themes(campaign, form)
    if form.validate_on_submit():
        fields = {
            DecidedInTheFuture: form.decided_on,
            ExpectedInThePast: form.expected_on,
            NotARespondent: form.respondent,
            ReasonNeeded: form.change_reason,
            DomainError: form.reason,
        }
        with show_refusals(form, fields):
            refused = decide_together(
                database(),
                campaign,
                themes,
                status=DecisionStatus(form.status.data),
                reason=form.reason.data or "",
                respondent=database().get_one(Person, form.respondent.data),
                decided_on=form.decided_on.data,
                expected_on=form.expected_on.data,
                replace=form.replace.data,
                change_reason=form.change_reason.data or "",
                by=member(),
                now=now(),
                seen=form.versions,
            )
            return _done(campaign, "decide", form, themes, refused)
    return _selected_page(campaign, "decide", themes, query=form.query.data, form=form)


def _done(
    campaign: Campaign, act: str, form: SelectedThemesForm, themes: Sequence[Theme], refused: Sequence[Refused]
) -> ResponseReturnValue:
    """Commit what was done. Where some themes were left out, the form again with those alone, and why of each."""
    done = len(themes) - len(refused)
    database().commit()
    if done:
        sentence = (
            ngettext("%(num)s theme was answered.", "%(num)s themes were answered.", done)
            if act == "decide"
            else ngettext("%(num)s theme was changed.", "%(num)s themes were changed.", done)
        )
        flash(sentence, "success")
    if not refused:
        return redirect(table_url(campaign, form.query.data), 303)
    left = [one.theme for one in refused]
    return _selected_page(campaign, act, left, query=form.query.data, form=form, refused=refused)


def _page(campaign: Campaign, asked: Asked, *, view_form: SaveViewForm | None = None) -> ResponseReturnValue:
    session, person = database(), member()
    decisions = decisions_in(session, campaign)
    table = theme_table(session, campaign, asked, answers=_answers(decisions), reader=person, today=today(), now=now())
    themes = active_themes(session, campaign)
    query = query_of(asked)
    page = render_template(
        "desk/table/show.html",
        campaign=campaign,
        table=table,
        asked=asked,
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
        keys=dict(zip(ACTS, KEYS[get_locale().language], strict=True)),
        today=today(),
    )
    return page, form_status(view_form) if view_form is not None else 200


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


def _selected_page(
    campaign: Campaign,
    act: str,
    themes: Sequence[Theme],
    *,
    query: str | None,
    form: SelectedThemesForm | None = None,
    refused: Sequence[Refused] = (),
) -> ResponseReturnValue:
    """The form of one act on these themes: as it was sent, or empty. `refused`: why nothing was done with them."""
    works, decisions = work_in(database(), [campaign.id]), decisions_in(database(), campaign)
    if act == "decide":
        form = form or _decide_form(campaign, sent=False)
        versions = {theme_id: decision.version for theme_id, decision in decisions.items()}
    else:
        form = form or _change_form(campaign, sent=False)
        versions = {theme_id: work.stamp for theme_id, work in works.items()}
    page = render_template(
        "desk/table/selected.html",
        campaign=campaign,
        act=act,
        themes=themes,
        names=names_of(active_themes(database(), campaign)) | names_of(themes),
        works=works,
        decisions=decisions,
        published=[theme for theme in themes if theme.id in decisions and decisions[theme.id].published_at],
        tags=tags_in(works.values()),
        # Of what was refused since it had changed: the reader now sees what is stored, and may send the form again.
        versions=" ".join(f"{theme.id}:{versions.get(theme.id, 0)}" for theme in themes),
        form=form,
        reasons={one.theme.id: translated(one.error) for one in refused},
        back_query=query_of(read_query_string(query or "")),
        back_url=table_url(campaign, query or ""),
        today=today(),
    )
    return page, 409 if refused else form_status(form)


def _sent_themes(campaign: Campaign, form: SelectedThemesForm) -> Sequence[Theme]:
    """The themes of a form, also those that were merged away since: the rule names them."""
    return themes_by_id(database(), campaign, form.theme.data or ())


def _change_form(campaign: Campaign, *, sent: bool) -> ChangeThemesForm:
    form = ChangeThemesForm() if sent else ChangeThemesForm(formdata=None)
    team = assignee_choices(assignable(database(), campaign))
    form.assignee.choices = [SelectChoice("", _("Leave as it is")), SelectChoice(NOBODY, _("Nobody")), *team]
    return form


def _change_of(form: ChangeThemesForm) -> Change:
    person = form.assignee.data if form.assignee.data not in {"", NOBODY} else None
    return Change(
        assigns=bool(form.assignee.data),
        assignee=database().get_one(Person, int(person)) if person else None,
        sets_day=bool(form.due_on.data or form.no_day.data),
        due_on=form.due_on.data,
        add=tuple(form.adds),
        remove=tuple(form.removes),
    )


def _decide_form(campaign: Campaign, *, sent: bool) -> DecideTogetherForm:
    given: dict[str, Any] = {"respondent": campaign.owner_id, "decided_on": today()}
    form = DecideTogetherForm(**given) if sent else DecideTogetherForm(formdata=None, **given)
    form.respondent.choices = team_choices(respondents(database(), campaign))
    return form
