"""What people do to themes: rename, merge, split, move, pin, forbid; and the history where each can be undone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field

from app.access.access import member
from app.clock import now
from app.extensions import database
from app.forms.themes.edit import (
    ALONE,
    ActForm,
    ChooseIdeasForm,
    MergeThemesForm,
    MoveIdeasForm,
    RenameThemeForm,
    SplitPartForm,
    SplitThemeForm,
)
from app.views.themes.theme import leftover_page, theme_page, where
from app.web.rendering import refuse
from ideas.answers.decision import AnswersGo, check_answers_stay
from ideas.campaigns.campaign import Campaign
from ideas.errors import Conflict, DomainError, InvalidText
from ideas.page import page_at
from ideas.people.person import Person
from ideas.themes.edit import forbid, merge_themes, move_ideas, pin_ideas, rename_theme, split_theme, unpin_ideas
from ideas.themes.explanation import Part, parts_of
from ideas.themes.history import ThemeEdit, count_edits, edit_history
from ideas.themes.proposal import declined_proposals
from ideas.themes.theme import Leftover, Theme, active_themes, latest_run
from ideas.themes.undo import undo_edit

EDITS_A_PAGE = 50

views = Blueprint("theme_edit", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.post("/<int:theme_id>/rename")
def rename(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = RenameThemeForm()
    return _carry_out(
        campaign,
        form,
        lambda: rename_theme(database(), theme, name=form.name.data, **_word(form)),
        then=_page_of(theme),
        otherwise=lambda: theme_page(campaign, theme, rename_form=form),
        beside=lambda error: form.name if isinstance(error, InvalidText) else None,
    )


@views.post("/<int:theme_id>/merge")
def merge(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = MergeThemesForm()

    def act() -> ThemeEdit:
        others = [other for other in active_themes(database(), campaign) if other.id in set(form.other.data)]
        if not form.anyway.data:
            check_answers_stay(database(), others)
        return merge_themes(database(), theme, others=others, **_word(form))

    return _carry_out(
        campaign,
        form,
        act,
        then=_page_of(theme),
        otherwise=lambda: theme_page(campaign, theme, merge_form=form),
        beside=lambda error: form.anyway if isinstance(error, AnswersGo) else form.other,
    )


@views.post("/<int:theme_id>/split")
def split(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = SplitThemeForm()
    return _carry_out(
        campaign,
        form,
        lambda: split_theme(database(), theme, idea_ids=form.idea.data, name=form.name.data, **_word(form)),
        then=_page_of(theme),
        otherwise=lambda: theme_page(campaign, theme, choose_form=form, chosen=form.idea.data or ()),
        beside=lambda error: form.name if isinstance(error, InvalidText) else None,
    )


@views.post("/<int:theme_id>/parts/<int:place>")
def split_part(campaign: Campaign, theme: Theme, place: int) -> ResponseReturnValue:
    """Makes a sub-theme a theme of its own, under the name that it has on the page."""
    part = _part_on_the_page(theme, place)
    edit = split_theme(
        database(), theme, idea_ids=part.idea_ids, name=part.name, phrases=part.phrases, by=member(), now=now()
    )
    return done(campaign, edit, _page_of(theme))


@views.post("/move")
def move(campaign: Campaign) -> ResponseReturnValue:
    form = MoveIdeasForm()
    return _with_chosen(
        campaign,
        form,
        lambda: move_ideas(
            database(), campaign, idea_ids=form.idea.data, to=_target(campaign, form.to.data), **_word(form)
        ),
    )


@views.post("/pin")
def pin(campaign: Campaign) -> ResponseReturnValue:
    form = ChooseIdeasForm()
    return _with_chosen(campaign, form, lambda: pin_ideas(database(), campaign, idea_ids=form.idea.data, **_word(form)))


@views.post("/unpin")
def unpin(campaign: Campaign) -> ResponseReturnValue:
    form = ChooseIdeasForm()
    return _with_chosen(
        campaign, form, lambda: unpin_ideas(database(), campaign, idea_ids=form.idea.data, **_word(form))
    )


@views.post("/<int:theme_id>/forbid", endpoint="forbid")
def never_there(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = ChooseIdeasForm()
    return _with_chosen(
        campaign, form, lambda: forbid(database(), campaign, idea_ids=form.idea.data, theme=theme, **_word(form))
    )


@views.get("/history")
def history(campaign: Campaign) -> ResponseReturnValue:
    total = count_edits(database(), campaign)
    page = page_at(request.args.get("page", 1, type=int), size=EDITS_A_PAGE, total=total)
    return render_template(
        "themes/edit/history.html",
        campaign=campaign,
        edits=edit_history(database(), campaign, start=(page.number - 1) * EDITS_A_PAGE, limit=EDITS_A_PAGE),
        declined=declined_proposals(database(), campaign, limit=EDITS_A_PAGE) if page.number == 1 else [],
        page=page,
        address_of=lambda number: _address("theme_edit.history", campaign, page=number),
    )


@views.post("/edits/<int:edit_id>/undo")
def undo(campaign: Campaign, edit: ThemeEdit) -> ResponseReturnValue:
    undo_edit(database(), edit, by=member(), now=now())
    database().commit()
    flash(_("Change undone."), "success")
    if "history" in request.form:
        return redirect(_address("theme_edit.history", campaign), 303)
    return redirect(_back(campaign, request.form.get("back", "")), 303)


def done(campaign: Campaign, edit: ThemeEdit, address: str) -> ResponseReturnValue:
    """Commits, tells what was done with a way to undo it, and goes on."""
    database().commit()
    stood = {"back": request.form["back"]} | where() if "back" in request.form else {}
    told = render_template("themes/edit/done.html", campaign=campaign, edit=edit, stood=stood)
    flash(Markup(told), "success")  # noqa: S704 -- an autoescaped template
    return redirect(address, 303)


def _carry_out(
    campaign: Campaign,
    form: ActForm,
    act: Callable[[], ThemeEdit],
    *,
    then: str,
    otherwise: Callable[[], ResponseReturnValue],
    beside: Callable[[DomainError], Field | None] = lambda _: None,
) -> ResponseReturnValue:
    """Does what the form asks and goes on to `then`; what it may not is told on the page that it came from.

    `beside`: the field that a rule speaks of, or None for all of the form.
    """
    if form.validate_on_submit():
        try:
            edit = act()
        except DomainError as error:
            database().rollback()
            refuse(form, error, beside(error))
        else:
            return done(campaign, edit, then)
    return otherwise()


def _with_chosen(campaign: Campaign, form: ChooseIdeasForm, act: Callable[[], ThemeEdit]) -> ResponseReturnValue:
    """Does it to the chosen ideas, and goes back to where they were chosen."""
    back = _back(campaign, form.back.data or "")
    return _carry_out(campaign, form, act, then=back, otherwise=lambda: _where_it_stood(campaign, form))


class _Word(TypedDict):
    reason: str
    by: Person
    now: datetime


def _word(form: ActForm) -> _Word:
    """Whose word it is, why, and when."""
    return {"reason": form.reason.data or "", "by": member(), "now": now()}


def _where_it_stood(campaign: Campaign, form: ChooseIdeasForm) -> ResponseReturnValue:
    """The page that a refused act was sent from, with the same ideas chosen."""
    back, chosen = form.back.data or "", form.idea.data or ()
    if back in set(Leftover):
        return leftover_page(campaign, Leftover(back), refused=form, chosen=chosen)
    theme = _theme_named(campaign, back)
    if theme is None:  # it was merged away meanwhile
        flash(" ".join(str(sentence) for told in form.errors.values() for sentence in told), "error")
        return redirect(_address("theme.index", campaign), 303)
    return theme_page(campaign, theme, choose_form=form, chosen=chosen)


def _back(campaign: Campaign, back: str) -> str:
    if back in set(Leftover):
        return _address("theme.leftover", campaign, kind=back, **where())
    theme = _theme_named(campaign, back)
    if theme is None:
        return _address("theme.index", campaign)
    return _address("theme.show", campaign, theme_id=theme.id, **where())


def _theme_named(campaign: Campaign, number: str) -> Theme | None:
    return next((theme for theme in active_themes(database(), campaign) if str(theme.id) == number), None)


def _target(campaign: Campaign, to: str) -> Theme | None:
    """The theme that the form names, or None for "alone". Raises Conflict where it is no more."""
    if to == ALONE:
        return None
    theme = _theme_named(campaign, to)
    if theme is None:
        raise Conflict
    return theme


def _part_on_the_page(theme: Theme, place: int) -> Part:
    """The sub-theme that the form stood beside. Raises Conflict where a run has come since, or it is no more."""
    run, form = latest_run(database(), theme.campaign), SplitPartForm()
    if run is None or not form.validate() or form.run.data != run.id:
        raise Conflict
    for part in parts_of(database(), theme, run):
        if part.place == place:
            return part
    raise Conflict


def _page_of(theme: Theme) -> str:
    return _address("theme.show", theme.campaign, theme_id=theme.id)


def _address(endpoint: str, campaign: Campaign, **values: Any) -> str:
    return url_for(endpoint, campaign_id=campaign.id, **values)
