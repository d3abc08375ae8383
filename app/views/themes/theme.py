"""The themes of a campaign: all of them, one, what is left over, and why an idea is where it is."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any, TypedDict

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.access.access import manages
from app.clock import now
from app.extensions import database
from app.forms.themes.edit import MergeThemesForm, RenameThemeForm
from app.pictures.theme_family import families, grouped
from app.pictures.theme_map import draw_map, tones
from app.views.themes.granularity import steps
from app.web.rendering import is_fragment, page_or_block, render_block
from ideas.answers.action import actions_in
from ideas.answers.debrief import figures
from ideas.answers.decision import Decision, decision_on, decisions_in
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.page import page_at
from ideas.themes.card import (
    ThemeCard,
    all_placements,
    leftovers,
    member_ids,
    theme_cards,
    theme_members,
    themes_containing,
)
from ideas.themes.due import count_unplaced
from ideas.themes.explanation import (
    Part,
    apart_of,
    count_by_hand,
    count_placed_since,
    ideas_near,
    parts_of,
    told_events,
    why_here,
)
from ideas.themes.history import edits_of
from ideas.themes.proposal import open_proposal
from ideas.themes.theme import Leftover, Theme, ThemeRun, active_themes, latest_run
from ideas.work.job import Job, JobKind, JobStatus, cancel, enqueue, latest_job

views = Blueprint("theme", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")

SORTS = ("largest", "supported", "undecided")
FIRST_LEFTOVERS = 3
IDEAS_A_PAGE = 100
SEARCHED_FROM = 20  # fewer are read as quickly
ALSO_NEAR = 8
HARDLY_ANY = 0.01  # share of a theme's ideas
PATIENCE = timedelta(seconds=15)
REMEMBERED = timedelta(hours=1)  # how long it is told that a grouping was cancelled


@views.get("")
def index(campaign: Campaign) -> ResponseReturnValue:
    session = database()
    cards, decisions = theme_cards(session, campaign), decisions_in(session, campaign)
    themes = [card.theme for card in cards]
    placements = all_placements(session, campaign)
    run = latest_run(session, campaign)
    few = IDEAS_A_PAGE if run and run.too_few else FIRST_LEFTOVERS
    return render_template(
        "themes/theme/index.html",
        campaign=campaign,
        themes=themes,
        decisions=decisions,
        map=draw_map(placements, themes, lambda theme_id: _address("show", campaign, theme_id=theme_id)),
        tones=tones(themes),
        names=_names(themes),
        figures=figures(session, campaign),
        leftover_counts=Counter(leftover for _theme, leftover, _x, _y in placements if leftover),
        leftovers={kind: leftovers(session, campaign, kind, limit=few) for kind in Leftover},
        run=run,
        unplaced=count_unplaced(session, campaign),
        placed_since=count_placed_since(session, run) if run else 0,
        told=told_events(session, run) if run else [],
        **_list(campaign, cards, decisions, outline=families(themes, run)),
        **(_desk(campaign, run) if manages() else {}),
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
        if job is None or job.status is not JobStatus.DONE:
            return "", 200, {"HX-Refresh": "true"}
        if open_proposal(database(), campaign) is not None:
            return "", 200, {"HX-Redirect": url_for("proposal.show", campaign_id=campaign.id)}
        if active_themes(database(), campaign):
            flash(_("The ideas are grouped. Here are the themes."), "success")
        return "", 200, {"HX-Refresh": "true"}
    return render_block("themes/theme/index.html", "progress", campaign=campaign, **context)


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
    return theme_page(campaign, theme, chosen=request.args.getlist("choose", type=int))


@views.get("/leftover/<kind>")
def leftover(campaign: Campaign, kind: str) -> ResponseReturnValue:
    if kind not in set(Leftover):
        abort(404)
    return leftover_page(campaign, Leftover(kind), chosen=request.args.getlist("choose", type=int))


@views.get("/why/<int:idea_id>")
def why(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    reasons = why_here(database(), idea)
    if reasons is None:
        abort(404)
    themes = [theme for theme in (reasons.theme, *(theme for theme, _strength in reasons.others)) if theme is not None]
    every = active_themes(database(), campaign)
    return page_or_block(
        "themes/theme/why.html",
        "why",
        campaign=campaign,
        idea=idea,
        why=reasons,
        themes=themes,
        names=_names(every),
        tones=tones(every),
    )


def theme_page(
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
    themes, run = active_themes(session, campaign), latest_run(session, campaign)
    card = theme_cards(session, campaign, only=theme)[0]
    parts = parts_of(session, theme, run)
    page = render_template(
        "themes/theme/show.html",
        campaign=campaign,
        theme=theme,
        card=card,
        searchable=card.size >= SEARCHED_FROM,
        by_hand=count_by_hand(session, theme),
        parts=parts,
        run=run,
        apart=apart_of(theme, themes),
        near=ideas_near(session, theme, limit=ALSO_NEAR),
        languages=[
            (get_locale().languages.get(code, code), share) for code, share in theme.languages if share >= HARDLY_ANY
        ],
        family=families(themes, run).get(theme.family),
        themes=_by_name(themes),
        names=_names(themes),
        tones=tones(themes),
        decision=decision_on(session, theme),
        decisions=decisions_in(session, campaign) if manages() else {},
        actions=actions_in(session, campaign).get(theme.id, []),
        edits=edits_of(session, theme) if manages() else [],
        rename_form=rename_form or RenameThemeForm(formdata=None, name=theme.name),
        merge_form=merge_form or MergeThemesForm(formdata=None),
        refused=next(iter(forms), None),
        chosen=set(chosen),
        **_read(theme, parts),
    )
    return page, 422 if forms else 200


def where() -> dict[str, str]:
    """Which of a theme's ideas one reads: told by the address of the page, or by a form that was sent from there."""
    return {key: request.values[key] for key in ("part", "containing", "page") if request.values.get(key)}


def _read(theme: Theme, parts: Sequence[Part]) -> dict[str, Any]:
    """The ideas that one reads: all of the theme, or of one of its parts, or those with some words; page by page."""
    words = request.values.get("containing", "").strip()
    part = next((part for part in parts if part.place == request.values.get("part", type=int)), None)
    found = member_ids(database(), theme, containing=words)
    if part is not None:
        of_part = set(part.idea_ids)
        found = [idea_id for idea_id in found if idea_id in of_part]
    page = page_at(request.values.get("page", 1, type=int), size=IDEAS_A_PAGE, total=len(found))
    first = (page.number - 1) * IDEAS_A_PAGE
    return {
        "members": theme_members(database(), theme, only=found[first : first + IDEAS_A_PAGE]),
        "page": page,
        "address_of": lambda n: _address("show", theme.campaign, theme_id=theme.id, **where() | {"page": n}),
        "words": words,
        "read_part": part,
        "where": where(),
    }


def leftover_page(
    campaign: Campaign, kind: Leftover, *, refused: FlaskForm | None = None, chosen: Sequence[int] = ()
) -> ResponseReturnValue:
    session = database()
    themes = active_themes(session, campaign)
    total = Counter(leftover for _theme, leftover, _x, _y in all_placements(session, campaign))[kind]
    at = page_at(request.values.get("page", 1, type=int), size=IDEAS_A_PAGE, total=total)
    found = leftovers(session, campaign, kind, start=(at.number - 1) * IDEAS_A_PAGE, limit=IDEAS_A_PAGE)
    page = render_template(
        "themes/theme/leftover.html",
        campaign=campaign,
        kind=kind,
        placements=found,
        total=total,
        address_of=lambda n: _address("leftover", campaign, kind=kind, page=n),
        page=at,
        where=where(),
        themes=_by_name(themes),
        names=_names(themes),
        tones=tones(themes),
        refused=refused,
        chosen=set(chosen),
    )
    return page, 422 if refused else 200


def _panel(campaign: Campaign) -> ResponseReturnValue:
    if is_fragment():
        return make_response(
            render_block("themes/theme/index.html", "panel", campaign=campaign, pressed=True, **_job(campaign))
        )
    return _to_index(campaign)


def _to_index(campaign: Campaign) -> ResponseReturnValue:
    return redirect(_address("index", campaign), 303)


def _address(name: str, campaign: Campaign, **values: Any) -> str:
    return url_for(f"theme.{name}", campaign_id=campaign.id, **values)


def _desk(campaign: Campaign, run: ThemeRun | None) -> dict[str, Any]:
    """What only those who manage the campaign see beside the themes: a proposal that waits, and how fine they are."""
    waiting = open_proposal(database(), campaign)
    return {"proposal": waiting, "levels": [] if waiting else steps(campaign, run), "level": campaign.granularity}


class _Work(TypedDict):
    job: Job | None
    waits: bool


def _job(campaign: Campaign) -> _Work:
    """The latest grouping, for those who may start one, and whether nobody seems to take it up."""
    job = latest_job(database(), campaign, JobKind.FIND_THEMES) if manages() else None
    if job is not None and job.status is JobStatus.CANCELLED and now() - job.created_at > REMEMBERED:
        job = None
    waits = job is not None and job.status is JobStatus.QUEUED and now() - job.created_at > PATIENCE
    return {"job": job, "waits": waits}


def _list(
    campaign: Campaign, cards: Sequence[ThemeCard], decisions: dict[int, Decision], *, outline: dict[int, str]
) -> dict[str, Any]:
    """The themes with the words that are asked for, in the order asked for: by family, unless it is another."""
    sorts = ("family", *SORTS) if outline else SORTS
    words, sort = request.args.get("containing", "").strip(), request.args.get("sort", sorts[0])
    if words:
        found = themes_containing(database(), campaign, words)
        cards = [card for card in cards if card.theme.id in found]
    shown = _sorted(cards, sort, decisions)
    groups = grouped(shown, outline if sort == "family" else {}, theme=attrgetter("theme"), size=attrgetter("size"))
    return {"cards": shown, "groups": groups, "words": words, "sort": sort, "sorts": sorts}


def _sorted(cards: Sequence[ThemeCard], sort: str, decisions: dict[int, Decision]) -> Sequence[ThemeCard]:
    """The cards, which come largest first, in the order asked for."""
    if sort == "supported":
        return sorted(cards, key=lambda card: -card.support)
    if sort == "undecided":
        return sorted(cards, key=lambda card: card.theme.id in decisions)
    return cards


def _by_name(themes: Sequence[Theme]) -> list[Theme]:
    return sorted(themes, key=lambda theme: theme.name.casefold())


def _names(themes: Sequence[Theme]) -> dict[int, str]:
    """Their names by id, or their numbers where nobody has named them."""
    return {theme.id: theme.name or _("Theme %(number)s", number=theme.id) for theme in themes}
