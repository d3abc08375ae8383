"""What people did to themes: the history, where each edit can be undone, and the notice of the last one."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, flash, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup

from app.access.needs import requires
from app.access.roles import member, reader
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.themes.edit import SEARCH, TABLE, UndoEditForm
from app.text.shown import shown_name
from app.views.desk.address import table_url
from app.views.themes.theme import list_params
from app.web.errors import show_refusals
from app.web.pages.dates import moment
from app.web.pages.language import gettext as _
from app.web.pages.language import ngettext
from clustering.types import Leftover
from ideas.answers.assigned import kept_themes
from ideas.answers.decision import publish_answers
from ideas.answers.second_person import propose_drafts
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError
from ideas.page import page_at
from ideas.themes.edits.history import ThemeEdit, count_edits, edit_history, ideas_named
from ideas.themes.edits.later import EditOverlaid, LaterEditsHold
from ideas.themes.edits.undo import undo_edit
from ideas.themes.runs.proposal import declined_proposals
from ideas.themes.theme import Theme, active_themes

EDITS_PER_PAGE = 50
MAX_BACK_LENGTH = 9  # characters of the id of a theme, or of the name of a leftover
MAX_FLASH_LENGTH = 600  # the cookie of the session holds 4 kB
MAX_NAMED_EDITS = 4

views = Blueprint("theme_history", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.get("/history")
@requires(Act.GROUP)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _history_page(campaign, request.args.get("page", 1, type=int))


def _history_page(campaign: Campaign, number: int, refused: tuple[int, UndoEditForm] | None = None) -> str:
    """`refused`: the id of the edit that was not undone, and the form as it was sent."""
    total = count_edits(database(), campaign)
    page = page_at(number, size=EDITS_PER_PAGE, total=total)
    edits = edit_history(database(), campaign, start=(page.number - 1) * EDITS_PER_PAGE, limit=EDITS_PER_PAGE)
    return render_template(
        "themes/edit/history.html",
        campaign=campaign,
        edits=edits,
        named_ideas=ideas_named(database(), edits),
        declined=declined_proposals(database(), campaign, limit=EDITS_PER_PAGE) if page.number == 1 else [],
        page=page,
        page_url=lambda number: _url("theme_history.index", campaign, page=number),
        refused=refused,
    )


@views.post("/edits/<int:edit_id>/undo")
@requires(Act.GROUP)
def undo(campaign: Campaign, edit: ThemeEdit) -> ResponseReturnValue:
    form, number = UndoEditForm(), request.form.get("page", 1, type=int)
    in_history = "history" in request.form
    with show_refusals(form, {DomainError: form.reason}) if in_history else nullcontext():
        if form.validate_on_submit():
            lock_campaign(database(), campaign)  # no answer may be given between reading them and the undoing
            keep = kept_themes(database(), campaign)
            try:
                undo_edit(database(), edit, keep=keep, reason=form.reason.data, by=member(), now=now())
            except EditOverlaid as error:
                if not error.later:
                    raise
                raise LaterEditsHold(changes=_in_words(error.later)) from error
            deleted: Sequence[str] = []
            if campaign.debriefed_at is not None:  # a theme that comes back shows its answer to everyone
                deleted = propose_drafts(database(), campaign, by=member(), now=now())
                publish_answers(database(), campaign, by=member(), now=now())
            database().commit()
            flash(_("Change undone."), "success")
            if deleted:
                about = _(
                    "The answer of a theme waits for a second person. Its actions are deleted: %(actions)s. Add them"
                    " again once it is published.",
                    actions=" · ".join(deleted),
                )
                flash(about[:MAX_FLASH_LENGTH], "info")
    if in_history and form.errors and edit.undone_at is None:
        with rendering(database()):
            return _history_page(campaign, number, (edit.id, form)), 422
    flash_errors(form)
    if in_history:
        return redirect(_url("theme_history.index", campaign, page=number if number > 1 else None), 303)
    return redirect(return_url(campaign, request.form.get("back", "")), 303)


def _in_words(edits: Sequence[ThemeEdit]) -> str:
    """What these edits did, with who did it and when, on one line: the first ones, and how many there are besides."""
    said = get_template_attribute("themes/theme/pieces.html", "said")
    named = []
    for edit in edits[:MAX_NAMED_EDITS]:
        words = Markup(said(edit)).striptags()  # noqa: S704 -- tags are taken out, not kept
        named.append(f"{words} ({shown_name(edit.person.name)}, {moment(edit.created_at)})")
    more = len(edits) - len(named)
    return " · ".join(named + ([ngettext("%(num)s more change", "%(num)s more changes", more)] if more else []))


def commit_edit(edit: ThemeEdit, next_url: str) -> ResponseReturnValue:
    """Commit, and redirect to a page that shows what was done, with a button that undoes it.

    The session's cookie holds numbers and short texts only: see `done_notice`.
    """
    database().commit()
    undo_fields = {"back": request.form["back"][:MAX_BACK_LENGTH]} | list_params() if "back" in request.form else {}
    flash(json.dumps([edit.id, undo_fields]), "edit")
    return redirect(next_url, 303)


@views.app_template_global()
def done_notice(noted: str) -> str:
    """What the reader just did to themes, as `commit_edit` noted it; empty for anybody else."""
    person = reader()
    edit_id, undo_fields = json.loads(noted)
    edit = database().get(ThemeEdit, edit_id) if person is not None else None
    if edit is None or person is None or edit.person_id != person.id:
        return ""
    campaign = database().get_one(Campaign, edit.campaign_id)
    return Markup(  # noqa: S704 -- an autoescaped template
        render_template("themes/edit/done.html", campaign=campaign, edit=edit, undo_fields=undo_fields)
    )


def flash_errors(form: FlaskForm) -> None:
    """Show the sentences of a refused form on the next page."""
    sentences = [str(sentence) for sentences in form.errors.values() for sentence in sentences]
    if sentences:
        flash(" ".join(sentences)[:MAX_FLASH_LENGTH], "error")


def return_url(campaign: Campaign, back: str) -> str:
    """The page that a form was sent from; the list of themes where that page is gone."""
    if back == SEARCH:
        return _url("theme_search.show", campaign, **list_params())
    if back == TABLE:
        return table_url(campaign, request.form.get("query", ""))
    if back in set(Leftover):
        return _url("leftover.show", campaign, kind=back, **list_params())
    theme = active_theme(campaign, back)
    if theme is None:
        return _url("theme.index", campaign, **list_params())
    return _url("theme.show", campaign, theme_id=theme.id, **list_params())


def active_theme(campaign: Campaign, theme_id: str) -> Theme | None:
    """The theme with this id as a form sends it, or None."""
    return next((theme for theme in active_themes(database(), campaign) if str(theme.id) == theme_id), None)


def _url(endpoint: str, campaign: Campaign, **values: Any) -> str:
    return url_for(endpoint, campaign_id=campaign.id, **values)
