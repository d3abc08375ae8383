from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypedDict

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup

from app.access import manages, member
from app.clock import now
from app.extensions import database
from app.forms.theme import ALONE, MergeThemesForm, MoveIdeasForm, RenameThemeForm, SplitThemeForm
from app.rendering import is_fragment, refuse, render_block
from app.theme_map import draw_map, tones
from ideas.action import actions_in
from ideas.campaign import Campaign
from ideas.debrief import figures
from ideas.decision import AnswersGo, Decision, check_answers_stay, decision_on, decisions_in
from ideas.errors import Conflict, DomainError, InvalidText
from ideas.job import Job, JobKind, JobStatus, cancel, enqueue, latest_job
from ideas.page import page_at
from ideas.theme import (
    Leftover,
    Theme,
    ThemeCard,
    active_themes,
    all_placements,
    count_unplaced,
    latest_run,
    leftovers,
    theme_cards,
    theme_members,
    themes_containing,
)
from ideas.theme_edit import ThemeEdit, edit_history, merge_themes, move_ideas, rename_theme, split_theme
from ideas.theme_undo import undo_edit

views = Blueprint("theme", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")

SORTS = ("largest", "supported", "undecided")
FIRST_LEFTOVERS = 3
LEFTOVERS_A_PAGE = 100
PATIENCE = timedelta(seconds=15)


@views.get("")
def index(campaign: Campaign) -> ResponseReturnValue:
    session = database()
    cards, decisions = theme_cards(session, campaign), decisions_in(session, campaign)
    themes = [card.theme for card in cards]
    placements = all_placements(session, campaign)
    run = latest_run(session, campaign)
    words, sort = request.args.get("containing", "").strip(), request.args.get("sort", SORTS[0])
    found = themes_containing(session, campaign, words) if words else {theme.id for theme in themes}
    few = LEFTOVERS_A_PAGE if run and run.too_few else FIRST_LEFTOVERS
    return render_template(
        "theme/index.html",
        campaign=campaign,
        cards=_sorted([card for card in cards if card.theme.id in found], sort, decisions),
        themes=themes,
        decisions=decisions,
        map=draw_map(placements, themes, lambda theme_id: _address("show", campaign, theme_id=theme_id)),
        tones=tones(themes),
        names=_names(themes),
        figures=figures(session, campaign),
        leftover_counts=Counter(leftover for _theme, leftover, _x, _y in placements if leftover),
        leftovers={kind: leftovers(session, campaign, kind, most=few) for kind in Leftover},
        run=run,
        unplaced=count_unplaced(session, campaign),
        words=words,
        sort=sort,
        sorts=SORTS,
        **_job(campaign),
    )


@views.get("/progress")
def progress(campaign: Campaign) -> ResponseReturnValue:
    """The state of the work as a fragment; once it has ended, word to load the page anew."""
    if not is_fragment():
        return _to_index(campaign)
    context = _job(campaign)
    job = context["job"]
    if job is None or not job.is_unfinished:
        if job is not None and job.status is JobStatus.DONE:
            flash(_("The ideas are grouped: here are the themes."), "success")
        return "", 200, {"HX-Refresh": "true"}
    return render_block("theme/index.html", "progress", campaign=campaign, **context)


@views.post("/group")
def group(campaign: Campaign) -> ResponseReturnValue:
    enqueue(database(), JobKind.FIND_THEMES, campaign, now=now())
    database().commit()
    return _panel(campaign)


@views.post("/cancel", endpoint="cancel")
def stop(campaign: Campaign) -> ResponseReturnValue:
    job = latest_job(database(), campaign, JobKind.FIND_THEMES)
    if job is not None:
        cancel(database(), job, now=now())
        database().commit()
    return _panel(campaign)


@views.get("/<int:theme_id>")
def show(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    return _theme_page(campaign, theme, chosen=request.args.getlist("choose", type=int))


@views.get("/leftover/<kind>")
def leftover(campaign: Campaign, kind: str) -> ResponseReturnValue:
    if kind not in set(Leftover):
        abort(404)
    return _leftover_page(campaign, Leftover(kind), chosen=request.args.getlist("choose", type=int))


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
            return _done(campaign, edit, _address("show", campaign, theme_id=theme.id))
    return _theme_page(campaign, theme, rename_form=form)


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
            return _done(campaign, edit, _address("show", campaign, theme_id=theme.id))
    return _theme_page(campaign, theme, merge_form=form)


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
            return _done(campaign, edit, _address("show", campaign, theme_id=theme.id))
    return _theme_page(campaign, theme, choose_form=form, chosen=form.idea.data or ())


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


@views.get("/history")
def history(campaign: Campaign) -> ResponseReturnValue:
    return render_template("theme/history.html", campaign=campaign, edits=edit_history(database(), campaign))


@views.post("/edits/<int:edit_id>/undo")
def undo(campaign: Campaign, edit: ThemeEdit) -> ResponseReturnValue:
    undo_edit(database(), edit, by=member(), now=now())
    database().commit()
    flash(_("Undone: all is as it was before."), "success")
    return redirect(_address("history" if "history" in request.form else "index", campaign), 303)


def _theme_page(
    campaign: Campaign,
    theme: Theme,
    *,
    rename_form: RenameThemeForm | None = None,
    merge_form: MergeThemesForm | None = None,
    choose_form: FlaskForm | None = None,
    chosen: Sequence[int] = (),
) -> ResponseReturnValue:
    """The page of a theme; a form that was refused keeps what was written."""
    session = database()
    forms = [form for form in (rename_form, merge_form, choose_form) if form is not None]
    themes = active_themes(session, campaign)
    page = render_template(
        "theme/show.html",
        campaign=campaign,
        theme=theme,
        card=theme_cards(session, campaign, only=theme)[0],
        members=theme_members(session, theme),
        themes=_by_name(themes),
        names=_names(themes),
        tones=tones(themes),
        decision=decision_on(session, theme),
        decisions=decisions_in(session, campaign) if manages() else {},
        actions=actions_in(session, campaign).get(theme.id, []),
        edits=_edits_of(theme, campaign) if manages() else [],
        rename_form=rename_form or RenameThemeForm(formdata=None, name=theme.name),
        merge_form=merge_form or MergeThemesForm(formdata=None),
        refused=next(iter(forms), None),
        chosen=set(chosen),
    )
    return page, 422 if forms else 200


def _leftover_page(
    campaign: Campaign, kind: Leftover, *, refused: FlaskForm | None = None, chosen: Sequence[int] = ()
) -> ResponseReturnValue:
    session = database()
    themes = active_themes(session, campaign)
    total = Counter(leftover for _theme, leftover, _x, _y in all_placements(session, campaign))[kind]
    at = page_at(request.args.get("page", 1, type=int), size=LEFTOVERS_A_PAGE, total=total)
    found = leftovers(session, campaign, kind, start=(at.number - 1) * LEFTOVERS_A_PAGE, most=LEFTOVERS_A_PAGE)
    page = render_template(
        "theme/leftover.html",
        campaign=campaign,
        kind=kind,
        placements=found,
        total=total,
        address_of=lambda n: _address("leftover", campaign, kind=kind, page=n),
        page=at,
        themes=_by_name(themes),
        names=_names(themes),
        tones=tones(themes),
        refused=refused,
        chosen=set(chosen),
    )
    return page, 422 if refused else 200


def _where_it_stood(campaign: Campaign, form: MoveIdeasForm) -> ResponseReturnValue:
    """The page that a refused move was sent from, with the same ideas chosen."""
    back, chosen = form.back.data or "", form.idea.data or ()
    if back in set(Leftover):
        return _leftover_page(campaign, Leftover(back), refused=form, chosen=chosen)
    theme = next((theme for theme in active_themes(database(), campaign) if str(theme.id) == back), None)
    if theme is None:  # it was merged away meanwhile
        flash(" ".join(str(sentence) for told in form.errors.values() for sentence in told), "error")
        return _to_index(campaign)
    return _theme_page(campaign, theme, choose_form=form, chosen=chosen)


def _back(campaign: Campaign, back: str) -> str:
    if back in set(Leftover):
        return _address("leftover", campaign, kind=back)
    return _address("show", campaign, theme_id=int(back)) if back.isdecimal() else _address("index", campaign)


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
    flash(Markup(render_template("theme/done.html", campaign=campaign, edit=edit)), "success")  # noqa: S704 -- an autoescaped template
    return redirect(address, 303)


def _panel(campaign: Campaign) -> ResponseReturnValue:
    if is_fragment():
        return make_response(render_block("theme/index.html", "panel", campaign=campaign, **_job(campaign)))
    return _to_index(campaign)


def _to_index(campaign: Campaign) -> ResponseReturnValue:
    return redirect(_address("index", campaign), 303)


def _address(name: str, campaign: Campaign, **values: Any) -> str:
    return url_for(f"theme.{name}", campaign_id=campaign.id, **values)


class _Work(TypedDict):
    job: Job | None
    waits: bool


def _job(campaign: Campaign) -> _Work:
    """The latest grouping, for those who may start one, and whether nobody seems to take it up."""
    job = latest_job(database(), campaign, JobKind.FIND_THEMES) if manages() else None
    waits = job is not None and job.status is JobStatus.QUEUED and now() - job.created_at > PATIENCE
    return {"job": job, "waits": waits}


def _sorted(cards: list[ThemeCard], sort: str, decisions: dict[int, Decision]) -> list[ThemeCard]:
    """The cards, which come largest first, in the order asked for."""
    if sort == "supported":
        return sorted(cards, key=lambda card: -card.support)
    if sort == "undecided":
        return sorted(cards, key=lambda card: card.theme.id in decisions)
    return cards


def _by_name(themes: Sequence[Theme]) -> list[Theme]:
    return sorted(themes, key=lambda theme: theme.name.casefold())


def _names(themes: Sequence[Theme]) -> dict[int, str]:
    return {theme.id: theme.name for theme in themes}


def _edits_of(theme: Theme, campaign: Campaign) -> list[ThemeEdit]:
    return [edit for edit in edit_history(database(), campaign) if str(theme.id) in edit.after["themes"]]
