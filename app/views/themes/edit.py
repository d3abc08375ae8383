"""What people do to themes: rename, merge, split, gather, move, pin, forbid."""

from collections.abc import Callable, Sequence

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.themes.edit import (
    NO_THEME,
    SEARCH,
    ChosenIdeasForm,
    ForbidIdeasForm,
    GatherIdeasForm,
    MergeChosenForm,
    MergeThemesForm,
    MoveIdeasForm,
    PinIdeasForm,
    RenameThemeForm,
    SplitPartForm,
    SplitThemeForm,
    UnpinIdeasForm,
)
from app.text.shown import theme_name
from app.views.themes.history import MAX_BACK_LENGTH, active_theme, commit_edit, flash_errors, return_url
from app.views.themes.leftover import leftover_page
from app.views.themes.search import chosen_ideas, search_page
from app.views.themes.theme import theme_page
from app.web.errors import show_refusals
from clustering.types import Leftover
from ideas.answers.earlier import AnswersGo, check_answers_stay
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import Conflict, DomainError, InvalidText
from ideas.themes.edits.edit import gather_theme, merge_themes, rename_theme, split_theme
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.edits.move import Seen, move_ideas, pin_ideas, unpin_ideas
from ideas.themes.edits.move import forbid as forbid_theme
from ideas.themes.explanation import Part, ideas_in_part, parts_of
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import Theme, themes_by_id

views = Blueprint("theme_edit", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.post("/<int:theme_id>/rename")
@requires(Act.GROUP)
def rename(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    form = RenameThemeForm()
    if form.validate_on_submit():
        with show_refusals(form, {InvalidText: form.name}):
            edit = rename_theme(
                database(),
                theme,
                name=form.name.data,
                reason=form.reason.data,
                by=member(),
                now=now(),
                seen=form.seen if form.version.raw_data else None,
                seen_name=form.seen_name.data,
                shown=theme_name,
            )
            if edit is None:
                return redirect(_back_or_theme(theme), 303)
            return commit_edit(edit, _back_or_theme(theme))
    return theme_page(campaign, theme, rename_form=form)


@views.post("/<int:theme_id>/merge")
@requires(Act.GROUP)
def merge(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    return _merge_into(campaign, theme, MergeThemesForm())


@views.post("/merge")
@requires(Act.GROUP)
def merge_chosen(campaign: Campaign) -> ResponseReturnValue:
    """Merge the themes that are chosen in the list, under the name of one of them."""
    form = MergeChosenForm()
    theme = active_theme(campaign, str(form.into.data))
    if theme is None:
        if form.validate_on_submit():
            raise Conflict  # it was merged into another one meanwhile
        flash_errors(form)
        return redirect(url_for("theme.index", campaign_id=campaign.id), 303)
    return _merge_into(campaign, theme, form)


def _merge_into(campaign: Campaign, theme: Theme, form: MergeThemesForm) -> ResponseReturnValue:
    if form.validate_on_submit():
        with show_refusals(form, {AnswersGo: form.anyway, DomainError: form.other}):
            others = themes_by_id(database(), campaign, [one for one in form.other.data if one != theme.id])
            if not form.anyway.data:
                check_answers_stay(database(), others)
            edit = merge_themes(
                database(),
                theme,
                others=others,
                reason=form.reason.data,
                by=member(),
                now=now(),
                seen=form.versions,
            )
            return commit_edit(edit, _back_or_theme(theme))
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
            return commit_edit(edit, _theme_url(theme))
    return theme_page(campaign, theme, choose_form=form, chosen=form.idea.data)


@views.post("/<int:theme_id>/parts/<int:place>")
@requires(Act.GROUP)
def split_part(campaign: Campaign, theme: Theme, place: int) -> ResponseReturnValue:
    """Make a sub-theme a theme of its own, under the name that it has on the page."""
    form = SplitPartForm()
    part = _part_on_page(theme, place, form)
    edit = split_theme(
        database(),
        theme,
        idea_ids=ideas_in_part(database(), theme, part),
        name=part.name,
        reason=form.reason.data,
        by=member(),
        now=now(),
        seen=form.seen if form.version.raw_data else None,
    )
    return commit_edit(edit, url_for("theme.show", campaign_id=campaign.id, theme_id=theme.id))


@views.post("/move")
@requires(Act.GROUP)
def move(campaign: Campaign) -> ResponseReturnValue:
    form = MoveIdeasForm()
    if form.names_tags:
        return redirect(url_for("idea_tag.change", campaign_id=campaign.id), 307)
    if form.names_a_theme and form.back.data == SEARCH:
        return gather(campaign)
    theme = active_theme(campaign, form.back.data) if form.names_a_theme else None
    if theme is not None:
        return split(campaign, theme)
    if form.validate_on_submit():
        with show_refusals(form):
            target = target_theme(campaign, form.to.data)
            idea_ids, seen = _chosen(campaign, form)
            edit = move_ideas(
                database(),
                campaign,
                idea_ids=idea_ids,
                to=target,
                reason=form.reason.data,
                by=member(),
                now=now(),
                seen=seen,
            )
            return commit_edit(edit, return_url(campaign, form.back.data))
    return page_with_refusal(campaign, form)


@views.post("/gather")
@requires(Act.GROUP)
def gather(campaign: Campaign) -> ResponseReturnValue:
    """Make a new theme of ideas that a search found in several themes."""
    form = GatherIdeasForm()
    if form.validate_on_submit():
        with show_refusals(form, {InvalidText: form.name}):
            idea_ids, places = chosen_ideas(campaign, form)
            edit = gather_theme(
                database(),
                campaign,
                idea_ids=idea_ids,
                name=form.name.data,
                reason=form.reason.data,
                by=member(),
                now=now(),
                seen=places,
            )
            return commit_edit(edit, return_url(campaign, form.back.data))
    return page_with_refusal(campaign, form)


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


def _act_on_chosen(
    campaign: Campaign, form: ChosenIdeasForm, act: Callable[..., ThemeEdit], **target: Theme
) -> ResponseReturnValue:
    """Call `act`, a function of ideas.themes.edits.move, with the ideas chosen in the form, and with `target`."""
    if form.validate_on_submit():
        with show_refusals(form):
            idea_ids, seen = _chosen(campaign, form)
            edit = act(
                database(),
                campaign,
                idea_ids=idea_ids,
                reason=form.reason.data,
                by=member(),
                now=now(),
                seen=seen,
                **target,
            )
            return commit_edit(edit, return_url(campaign, form.back.data))
    return page_with_refusal(campaign, form)


def page_with_refusal(campaign: Campaign, form: ChosenIdeasForm) -> ResponseReturnValue:
    """The page that a refused form was sent from, with the same ideas chosen."""
    back, chosen = form.back.data, form.idea.data
    if back == SEARCH:
        return search_page(campaign, refused=form, chosen=chosen)
    if back in set(Leftover):
        return leftover_page(campaign, Leftover(back), refused=form, chosen=chosen)
    theme = active_theme(campaign, back)
    if theme is None:  # it was merged into another one meanwhile
        flash_errors(form)
        return redirect(url_for("theme.index", campaign_id=campaign.id), 303)
    return theme_page(campaign, theme, choose_form=form, chosen=chosen)


def _chosen(campaign: Campaign, form: ChosenIdeasForm) -> tuple[Sequence[int], Seen | None]:
    """The chosen ideas, and the list that they were chosen in; also that of a theme that was merged away meanwhile."""
    back, idea_ids = form.back.data, form.idea.data
    if back == SEARCH:
        return chosen_ideas(campaign, form)
    if back in set(Leftover):
        return idea_ids, Leftover(back)
    number = int(back) if back.isascii() and back.isdigit() and len(back) <= MAX_BACK_LENGTH else 0
    return idea_ids, next(iter(themes_by_id(database(), campaign, [number])), None)


def target_theme(campaign: Campaign, to: str) -> Theme | None:
    """The theme to move to, or None for no theme. Raises Conflict where the theme was retired."""
    if to == NO_THEME:
        return None
    theme = active_theme(campaign, to)
    if theme is None:
        raise Conflict
    return theme


def _part_on_page(theme: Theme, place: int, form: SplitPartForm) -> Part:
    """The sub-theme that was on the page. Raises Conflict where there was a newer run, or the sub-theme is gone."""
    run = latest_run(database(), theme.campaign)
    if run is None or not form.validate() or form.run.data != run.id:
        raise Conflict
    for part in parts_of(database(), theme, run):
        if part.place == place:
            return part
    raise Conflict


def _back_or_theme(theme: Theme) -> str:
    """The page that the form was sent from, at the theme; the theme's own page where the form does not say."""
    if "back" not in request.form:
        return _theme_url(theme)
    back = return_url(theme.campaign, request.form["back"])
    return back if request.form["back"] else f"{back}#theme-{theme.id}"


def _theme_url(theme: Theme) -> str:
    return url_for("theme.show", campaign_id=theme.campaign_id, theme_id=theme.id)
