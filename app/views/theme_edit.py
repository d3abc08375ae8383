"""What people do to themes: rename, merge, split, move, pin, forbid; and the history where each can be undone."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.access import member
from app.clock import now
from app.extensions import database
from app.forms.theme_edit import (
    ALONE,
    ChooseIdeasForm,
    MergeThemesForm,
    MoveIdeasForm,
    RenameThemeForm,
    SplitThemeForm,
)
from app.rendering import refuse
from app.views.theme import leftover_page, theme_page
from ideas.campaign import Campaign
from ideas.decision import AnswersGo, check_answers_stay
from ideas.errors import Conflict, DomainError, InvalidText
from ideas.theme import Leftover, Theme, active_themes
from ideas.theme_edit import (
    ThemeEdit,
    edit_history,
    forbid,
    merge_themes,
    move_ideas,
    pin_ideas,
    rename_theme,
    split_theme,
    unpin_ideas,
)
from ideas.theme_undo import undo_edit

views = Blueprint("theme_edit", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.post("/<int:theme_id>/rename")
def rename(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = RenameThemeForm()
    if form.validate_on_submit():
        try:
            edit = rename_theme(
                database(), theme, name=form.name.data, reason=form.reason.data or "", by=member(), now=now()
            )
        except InvalidText as error:
            database().rollback()
            refuse(form, error, form.name)
        else:
            return _done(campaign, edit, _address("theme.show", campaign, theme_id=theme.id))
    return theme_page(campaign, theme, rename_form=form)


@views.post("/<int:theme_id>/merge")
def merge(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = MergeThemesForm()
    if form.validate_on_submit():
        others = [other for other in active_themes(database(), campaign) if other.id in set(form.other.data)]
        try:
            if not form.anyway.data:
                check_answers_stay(database(), others)
            edit = merge_themes(database(), theme, others=others, reason=form.reason.data or "", by=member(), now=now())
        except DomainError as error:
            database().rollback()
            refuse(form, error, form.anyway if isinstance(error, AnswersGo) else form.other)
        else:
            return _done(campaign, edit, _address("theme.show", campaign, theme_id=theme.id))
    return theme_page(campaign, theme, merge_form=form)


@views.post("/<int:theme_id>/split")
def split(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = SplitThemeForm()
    if form.validate_on_submit():
        try:
            edit = split_theme(
                database(),
                theme,
                idea_ids=form.idea.data,
                name=form.name.data,
                reason=form.reason.data or "",
                by=member(),
                now=now(),
            )
        except DomainError as error:
            database().rollback()
            refuse(form, error, form.name if isinstance(error, InvalidText) else None)
        else:
            return _done(campaign, edit, _address("theme.show", campaign, theme_id=theme.id))
    return theme_page(campaign, theme, choose_form=form, chosen=form.idea.data or ())


@views.post("/move")
def move(campaign: Campaign) -> ResponseReturnValue:
    form = MoveIdeasForm()
    if form.validate_on_submit():
        try:
            edit = move_ideas(
                database(),
                campaign,
                idea_ids=form.idea.data,
                to=_target(campaign, form.to.data),
                reason=form.reason.data or "",
                by=member(),
                now=now(),
            )
        except DomainError as error:
            database().rollback()
            refuse(form, error)
        else:
            return _done(campaign, edit, _back(campaign, form.back.data or ""))
    return _where_it_stood(campaign, form)


@views.post("/pin")
def pin(campaign: Campaign) -> ResponseReturnValue:
    return _with_chosen(
        campaign,
        lambda form: pin_ideas(
            database(), campaign, idea_ids=form.idea.data, reason=form.reason.data or "", by=member(), now=now()
        ),
    )


@views.post("/unpin")
def unpin(campaign: Campaign) -> ResponseReturnValue:
    return _with_chosen(
        campaign,
        lambda form: unpin_ideas(
            database(), campaign, idea_ids=form.idea.data, reason=form.reason.data or "", by=member(), now=now()
        ),
    )


@views.post("/<int:theme_id>/forbid", endpoint="forbid")
def never_there(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    return _with_chosen(
        campaign,
        lambda form: forbid(
            database(),
            campaign,
            idea_ids=form.idea.data,
            theme=theme,
            reason=form.reason.data or "",
            by=member(),
            now=now(),
        ),
    )


@views.get("/history")
def history(campaign: Campaign) -> ResponseReturnValue:
    return render_template("theme_edit/history.html", campaign=campaign, edits=edit_history(database(), campaign))


@views.post("/edits/<int:edit_id>/undo")
def undo(campaign: Campaign, edit: ThemeEdit) -> ResponseReturnValue:
    undo_edit(database(), edit, by=member(), now=now())
    database().commit()
    flash(_("Undone: all is as it was before."), "success")
    return redirect(_address("theme_edit.history" if "history" in request.form else "theme.index", campaign), 303)


def _with_chosen(campaign: Campaign, act: Callable[[ChooseIdeasForm], ThemeEdit]) -> ResponseReturnValue:
    """Does it to the chosen ideas, and goes back to where they were chosen."""
    form = ChooseIdeasForm()
    if form.validate_on_submit():
        try:
            edit = act(form)
        except DomainError as error:
            database().rollback()
            refuse(form, error)
        else:
            return _done(campaign, edit, _back(campaign, form.back.data or ""))
    return _where_it_stood(campaign, form)


def _where_it_stood(campaign: Campaign, form: ChooseIdeasForm) -> ResponseReturnValue:
    """The page that a refused act was sent from, with the same ideas chosen."""
    back, chosen = form.back.data or "", form.idea.data or ()
    if back in set(Leftover):
        return leftover_page(campaign, Leftover(back), refused=form, chosen=chosen)
    theme = next((theme for theme in active_themes(database(), campaign) if str(theme.id) == back), None)
    if theme is None:  # it was merged away meanwhile
        flash(" ".join(str(sentence) for told in form.errors.values() for sentence in told), "error")
        return redirect(_address("theme.index", campaign), 303)
    return theme_page(campaign, theme, choose_form=form, chosen=chosen)


def _back(campaign: Campaign, back: str) -> str:
    if back in set(Leftover):
        return _address("theme.leftover", campaign, kind=back)
    return (
        _address("theme.show", campaign, theme_id=int(back)) if back.isdecimal() else _address("theme.index", campaign)
    )


def _target(campaign: Campaign, to: str) -> Theme | None:
    """The theme that the form names, or None for "alone". Raises Conflict where it is no more."""
    if to == ALONE:
        return None
    for theme in active_themes(database(), campaign):
        if str(theme.id) == to:
            return theme
    raise Conflict


def _done(campaign: Campaign, edit: ThemeEdit, address: str) -> ResponseReturnValue:
    """Commits, tells what was done with a way to undo it, and goes on."""
    database().commit()
    flash(Markup(render_template("theme_edit/done.html", campaign=campaign, edit=edit)), "success")  # noqa: S704 -- an autoescaped template
    return redirect(address, 303)


def _address(endpoint: str, campaign: Campaign, **values: Any) -> str:
    return url_for(endpoint, campaign_id=campaign.id, **values)
