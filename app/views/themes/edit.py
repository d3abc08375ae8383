"""What people do to themes: rename, merge, split, move, pin, forbid; and the history, where each can be undone."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.themes.edit import (
    NO_THEME,
    ChosenIdeasForm,
    ForbidIdeasForm,
    MergeThemesForm,
    MoveIdeasForm,
    PinIdeasForm,
    RenameThemeForm,
    SplitPartForm,
    SplitThemeForm,
    UnpinIdeasForm,
)
from app.views.themes.theme import leftover_page, list_params, theme_page
from app.web.errors import show_refusals
from clustering.types import Leftover
from ideas.answers.decision import decisions_in, publish_answers
from ideas.answers.earlier import AnswersGo, check_answers_stay
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.team import Act
from ideas.errors import Conflict, DomainError, InvalidText
from ideas.page import page_at
from ideas.themes.edit import forbid as forbid_theme
from ideas.themes.edit import merge_themes, move_ideas, pin_ideas, rename_theme, split_theme, unpin_ideas
from ideas.themes.explanation import Part, parts_of
from ideas.themes.history import ThemeEdit, count_edits, edit_history
from ideas.themes.proposal import declined_proposals
from ideas.themes.run import latest_run
from ideas.themes.theme import Theme, active_themes
from ideas.themes.undo import undo_edit

EDITS_PER_PAGE = 50

views = Blueprint("theme_edit", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.post("/<int:theme_id>/rename")
@requires(Act.GROUP)
def rename(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = RenameThemeForm()
    if form.validate_on_submit():
        with show_refusals(form, {InvalidText: form.name}):
            edit = rename_theme(database(), theme, name=form.name.data, reason=form.reason.data, by=member(), now=now())
            return commit_edit(campaign, edit, _theme_url(theme))
    return theme_page(campaign, theme, rename_form=form)


@views.post("/<int:theme_id>/merge")
@requires(Act.GROUP)
def merge(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = MergeThemesForm()
    if form.validate_on_submit():
        with show_refusals(form, {AnswersGo: form.anyway, DomainError: form.other}):
            others = [other for other in active_themes(database(), campaign) if other.id in set(form.other.data)]
            if not form.anyway.data:
                check_answers_stay(database(), others)
            edit = merge_themes(database(), theme, others=others, reason=form.reason.data, by=member(), now=now())
            return commit_edit(campaign, edit, _theme_url(theme))
    return theme_page(campaign, theme, merge_form=form)


@views.post("/<int:theme_id>/split")
@requires(Act.GROUP)
def split(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = SplitThemeForm()
    if form.validate_on_submit():
        with show_refusals(form, {InvalidText: form.name}):
            edit = split_theme(
                database(),
                theme,
                idea_ids=form.idea.data,
                name=form.name.data,
                reason=form.reason.data,
                by=member(),
                now=now(),
            )
            return commit_edit(campaign, edit, _theme_url(theme))
    return theme_page(campaign, theme, choose_form=form, chosen=form.idea.data)


@views.post("/<int:theme_id>/parts/<int:place>")
@requires(Act.GROUP)
def split_part(campaign: Campaign, theme: Theme, place: int) -> ResponseReturnValue:
    """Make a sub-theme a theme of its own, under the name that it has on the page."""
    part = _part_on_page(theme, place)
    edit = split_theme(
        database(), theme, idea_ids=part.idea_ids, name=part.name, phrases=part.phrases, by=member(), now=now()
    )
    return commit_edit(campaign, edit, _theme_url(theme))


@views.post("/move")
@requires(Act.GROUP)
def move(campaign: Campaign) -> ResponseReturnValue:
    form = MoveIdeasForm()
    if form.validate_on_submit():
        with show_refusals(form):
            target = _target_theme(campaign, form.to.data)
            edit = move_ideas(
                database(),
                campaign,
                idea_ids=form.idea.data,
                to=target,
                reason=form.reason.data,
                by=member(),
                now=now(),
            )
            return commit_edit(campaign, edit, _return_url(campaign, form.back.data))
    return _page_with_refusal(campaign, form)


@views.post("/pin")
@requires(Act.GROUP)
def pin(campaign: Campaign) -> ResponseReturnValue:
    return _act_on_chosen(campaign, PinIdeasForm(), pin_ideas)


@views.post("/unpin")
@requires(Act.GROUP)
def unpin(campaign: Campaign) -> ResponseReturnValue:
    return _act_on_chosen(campaign, UnpinIdeasForm(), unpin_ideas)


@views.post("/<int:theme_id>/forbid")
@requires(Act.GROUP)
def forbid(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    return _act_on_chosen(campaign, ForbidIdeasForm(), forbid_theme, theme=theme)


@views.get("/history")
@requires(Act.GROUP)
def history(campaign: Campaign) -> ResponseReturnValue:
    total = count_edits(database(), campaign)
    page = page_at(request.args.get("page", 1, type=int), size=EDITS_PER_PAGE, total=total)
    return render_template(
        "themes/edit/history.html",
        campaign=campaign,
        edits=edit_history(database(), campaign, start=(page.number - 1) * EDITS_PER_PAGE, limit=EDITS_PER_PAGE),
        declined=declined_proposals(database(), campaign, limit=EDITS_PER_PAGE) if page.number == 1 else [],
        page=page,
        page_url=lambda number: _url("theme_edit.history", campaign, page=number),
    )


@views.post("/edits/<int:edit_id>/undo")
@requires(Act.GROUP)
def undo(campaign: Campaign, edit: ThemeEdit) -> ResponseReturnValue:
    lock_campaign(database(), campaign)  # no answer may be given between reading them and the undoing
    undo_edit(database(), edit, keep=decisions_in(database(), campaign), by=member(), now=now())
    if campaign.debriefed_at is not None:  # a theme that comes back shows its answer to everyone
        publish_answers(database(), campaign, by=member(), now=now())
    database().commit()
    flash(_("Change undone."), "success")
    if "history" in request.form:
        return redirect(_url("theme_edit.history", campaign), 303)
    return redirect(_return_url(campaign, request.form.get("back", "")), 303)


def commit_edit(campaign: Campaign, edit: ThemeEdit, next_url: str) -> ResponseReturnValue:
    """Commit, show on the next page what was done and a button that undoes it, and redirect there."""
    database().commit()
    undo_fields = {"back": request.form["back"]} | list_params() if "back" in request.form else {}
    notice = render_template("themes/edit/done.html", campaign=campaign, edit=edit, undo_fields=undo_fields)
    flash(Markup(notice), "success")  # noqa: S704 -- an autoescaped template
    return redirect(next_url, 303)


def _act_on_chosen(
    campaign: Campaign, form: ChosenIdeasForm, act: Callable[..., ThemeEdit], **target: Theme
) -> ResponseReturnValue:
    """Call `act`, a function of ideas.themes.edit, with the ideas that are chosen in the form, and with `target`."""
    if form.validate_on_submit():
        with show_refusals(form):
            edit = act(
                database(),
                campaign,
                idea_ids=form.idea.data,
                reason=form.reason.data,
                by=member(),
                now=now(),
                **target,
            )
            return commit_edit(campaign, edit, _return_url(campaign, form.back.data))
    return _page_with_refusal(campaign, form)


def _page_with_refusal(campaign: Campaign, form: ChosenIdeasForm) -> ResponseReturnValue:
    """The page that a refused form was sent from, with the same ideas chosen."""
    back, chosen = form.back.data, form.idea.data
    if back in set(Leftover):
        return leftover_page(campaign, Leftover(back), refused=form, chosen=chosen)
    theme = _active_theme(campaign, back)
    if theme is None:  # it was merged into another one meanwhile
        flash(" ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences), "error")
        return redirect(_url("theme.index", campaign), 303)
    return theme_page(campaign, theme, choose_form=form, chosen=chosen)


def _return_url(campaign: Campaign, back: str) -> str:
    """The page that a form was sent from; the list of themes where that page is gone."""
    if back in set(Leftover):
        return _url("theme.leftover", campaign, kind=back, **list_params())
    theme = _active_theme(campaign, back)
    if theme is None:
        return _url("theme.index", campaign)
    return _url("theme.show", campaign, theme_id=theme.id, **list_params())


def _active_theme(campaign: Campaign, theme_id: str) -> Theme | None:
    """The theme with this id as a form sends it, or None."""
    return next((theme for theme in active_themes(database(), campaign) if str(theme.id) == theme_id), None)


def _target_theme(campaign: Campaign, to: str) -> Theme | None:
    """The theme to move to, or None for no theme. Raises Conflict where the theme was retired."""
    if to == NO_THEME:
        return None
    theme = _active_theme(campaign, to)
    if theme is None:
        raise Conflict
    return theme


def _part_on_page(theme: Theme, place: int) -> Part:
    """The sub-theme that was on the page. Raises Conflict where there was a newer run, or the sub-theme is gone."""
    run, form = latest_run(database(), theme.campaign), SplitPartForm()
    if run is None or not form.validate() or form.run.data != run.id:
        raise Conflict
    for part in parts_of(database(), theme, run):
        if part.place == place:
            return part
    raise Conflict


def _theme_url(theme: Theme) -> str:
    return _url("theme.show", theme.campaign, theme_id=theme.id)


def _url(endpoint: str, campaign: Campaign, **values: Any) -> str:
    return url_for(endpoint, campaign_id=campaign.id, **values)
