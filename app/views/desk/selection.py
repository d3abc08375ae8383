"""What is done to several themes at once, which were selected in the table: assigned, tagged, answered, merged."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from wtforms import SelectChoice

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.decision import team_choices
from app.forms.desk.work import ChangeThemesForm, DecideTogetherForm, SelectedThemesForm
from app.views.answers.decision import today
from app.views.answers.decision_form import inserts_template
from app.views.answers.similar import similar_context
from app.views.desk.address import query_of, read_query_string, table_url
from app.views.desk.panel import assignee_choices
from app.views.themes.theme import names_of
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, translated
from ideas.activity.version import ReasonNeeded
from ideas.answers.decision import (
    DecidedInTheFuture,
    DecisionStatus,
    ExpectedInThePast,
    NotARespondent,
    decisions_in,
    needs_second_person,
    respondents,
)
from ideas.answers.similar import themes_to_answer
from ideas.answers.template import templates_for
from ideas.answers.together import decide_together
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.desk.table import NOBODY
from ideas.desk.work import Change, DueInThePast, NotAnAssignee, Refused, assignable, change_themes, tags_in, work_in
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.theme import Theme, active_themes, themes_by_id

ACTS = ("assign", "decide", "merge")

views = Blueprint("theme_selection", __name__, url_prefix="/campaigns/<int:campaign_id>/themes/table")


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
    if not inserts_template(campaign, form) and form.validate_on_submit():
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
                community_impact=form.community_impact.data or None,  # left empty, it is not taken away anywhere
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
        flash(_what_was_done(campaign, act, form, done), "success")
    if not refused:
        return redirect(table_url(campaign, form.query.data), 303)
    left = [one.theme for one in refused]
    return _selected_page(campaign, act, left, query=form.query.data, form=form, refused=refused)


def _what_was_done(campaign: Campaign, act: str, form: SelectedThemesForm, done: int) -> str:
    if act != "decide":
        return str(ngettext("%(num)s theme was changed.", "%(num)s themes were changed.", done))
    if needs_second_person(campaign, DecisionStatus(form.status.data)):
        return str(
            ngettext(
                "The answer to %(num)s theme is published once a second person approves it.",
                "The answers to %(num)s themes are published once a second person approves them.",
                done,
            )
        )
    return str(ngettext("%(num)s theme was answered.", "%(num)s themes were answered.", done))


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
        templates=templates_for(database(), campaign) if act == "decide" else (),
        # Of what was refused since it had changed: the reader now sees what is stored, and may send the form again.
        versions=" ".join(f"{theme.id}:{versions.get(theme.id, 0)}" for theme in themes),
        form=form,
        reasons={one.theme.id: translated(one.error) for one in refused},
        back_query=query_of(read_query_string(query or "")),
        back_url=table_url(campaign, query or ""),
        today=today(),
        **(similar_context(themes_to_answer(database(), themes)) if act == "decide" and themes else {}),
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
