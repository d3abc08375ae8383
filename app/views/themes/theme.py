"""The themes of a campaign: the list, one theme, and why an idea is where it is."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import FlaskForm

from app.access.needs import requires
from app.access.roles import manages
from app.extensions import database
from app.forms.desk.work import SetWorkForm, WriteNoteForm
from app.forms.themes.edit import MergeThemesForm, RenameThemeForm
from app.pictures.map.theme_map import draw_map, tones
from app.pictures.theme_family import families, grouped
from app.text.shown import theme_name
from app.views.answers.decision import today
from app.views.answers.similar import similar_context
from app.views.desk.panel import tags_context, work_panel
from app.views.themes.colour import colour_context
from app.views.themes.grouping import grouping_context, manager_context
from app.web.conflicts import Conflict, compare
from app.web.pages.rendering import page_or_block
from clustering.types import Leftover
from ideas.answers.action import actions_in
from ideas.answers.debriefs.figures import figures
from ideas.answers.decision import Decision, decision_on, decisions_in
from ideas.answers.similar import themes_to_answer
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.desk.highlights import highlights_of
from ideas.page import page_at
from ideas.search import MAX_SEARCH_LENGTH
from ideas.themes.alike import add_alike, fold_alike
from ideas.themes.card import (
    ThemeCard,
    all_placements,
    count_members,
    leftovers,
    theme_cards,
    theme_members,
    themes_containing,
)
from ideas.themes.edits.history import EditKind, ThemeEdit, edits_of
from ideas.themes.explanation import Part, add_verbatims, count_placed_by_people, ideas_near, parts_of, why_here
from ideas.themes.field_shares import field_shares
from ideas.themes.method import method_of
from ideas.themes.passage import passages_of
from ideas.themes.placement import Placement, count_unplaced
from ideas.themes.runs.run import count_placed_since, latest_run, reported_events
from ideas.themes.theme import Theme, active_themes, apart_of, neighbours_of

views = Blueprint("theme", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")

SORTS = ("largest", "supported", "undecided")
MAX_FIRST_LEFTOVERS = 3
IDEAS_PER_PAGE = 100
MIN_IDEAS_TO_SEARCH = 20
TYPICAL_IDEAS = 12
MAX_NEAR_IDEAS = 8
PARTS_PER_PAGE = 12
MAX_SHOWN_EDITS = 10
MIN_LANGUAGE_SHARE = 0.01  # of a theme's ideas


@views.get("")
@requires(Act.READ_THEMES)
def index(campaign: Campaign) -> ResponseReturnValue:
    session = database()
    cards, decisions = theme_cards(session, campaign), decisions_in(session, campaign)
    themes = [card.theme for card in cards]
    placements = all_placements(session, campaign)
    run = latest_run(session, campaign)
    limit = IDEAS_PER_PAGE if run and run.too_few else MAX_FIRST_LEFTOVERS
    left = Counter(leftover for _theme, leftover, _x, _y in placements if leftover)
    return render_template(
        "themes/theme/index.html",
        campaign=campaign,
        themes=themes,
        decisions=decisions,
        map=draw_map(
            placements,
            themes,
            lambda theme_id: _url("show", campaign, theme_id=theme_id),
            {card.theme.id: card.size for card in cards},
            theme_name,
        ),
        several=any(card.several for card in cards),
        tones=tones(themes),
        names=names_of(themes),
        figures=figures(session, campaign),
        leftover_counts=left,
        leftovers={kind: leftovers(session, campaign, kind, limit=limit) if left[kind] else () for kind in Leftover},
        run=run,
        method=method_of(session, campaign, run),
        unplaced=count_unplaced(session, campaign),
        placed_since=count_placed_since(session, run) if run else 0,
        list_params=list_params(),
        events=reported_events(session, run) if run and manages() else [],
        **colour_context(campaign, cards, decisions),
        **_listed_themes(campaign, cards, decisions, outline=families(themes, run)),
        **(manager_context(campaign, run) if manages() else {}),
        **grouping_context(campaign),
    )


@views.get("/<int:theme_id>")
@requires(Act.READ_THEMES)
def show(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    return theme_page(campaign, theme, chosen=request.args.getlist("choose", type=int))


@views.get("/why/<int:idea_id>")
@requires(Act.READ_THEMES)
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
        names=names_of(every),
        tones=tones(every),
    )


def theme_page(
    campaign: Campaign,
    theme: Theme,
    *,
    rename_form: RenameThemeForm | None = None,
    merge_form: MergeThemesForm | None = None,
    choose_form: FlaskForm | None = None,
    work_form: SetWorkForm | None = None,
    note_form: WriteNoteForm | None = None,
    chosen: Sequence[int] = (),
) -> ResponseReturnValue:
    """The page of a theme. A refused form keeps what was written in it."""
    forms = [form for form in (rename_form, merge_form, choose_form, work_form, note_form) if form is not None]
    context = _theme_context(campaign, theme)
    page = render_template(
        "themes/theme/show.html",
        campaign=campaign,
        theme=theme,
        rename_form=rename_form
        or RenameThemeForm(formdata=None, name=theme_name(theme), seen_name=theme_name(theme), version=theme.version),
        conflict=_name_conflict(rename_form, theme, context["edits"]) if rename_form else None,
        merge_form=merge_form or MergeThemesForm(formdata=None),
        refused=next(iter(forms), None),
        chosen=set(chosen),
        **(work_panel(campaign, theme, work_form=work_form, note_form=note_form) if manages() else {}),
        **context,
    )
    return page, status_of(forms)


def _name_conflict(form: RenameThemeForm, theme: Theme, edits: Sequence[ThemeEdit]) -> Conflict | None:
    """Both names, where somebody renamed the theme meanwhile. The form keeps the reader's."""
    form.seen_name.data = theme_name(theme)
    by, at = next(((edit.person.name, edit.created_at) for edit in edits if edit.kind is EditKind.RENAME), ("", None))
    return compare(form, {"name": theme_name(theme)}, version=theme.version, by=by, at=at)


def status_of(refused: Sequence[FlaskForm]) -> int:
    """409 where somebody changed the same thing meanwhile, 422 for any other refusal."""
    stale = any(getattr(form, "changed_meanwhile", False) for form in refused)
    return 409 if stale else 422 if refused else 200


def _theme_context(campaign: Campaign, theme: Theme) -> dict[str, Any]:
    """What the page of a theme shows, in a constant number of queries."""
    session = database()
    themes, run = active_themes(session, campaign), latest_run(session, campaign)
    card = theme_cards(session, campaign, only=theme)[0]
    parts = parts_of(session, theme, run)
    parts_page = page_at(request.values.get("parts", 1, type=int), size=PARTS_PER_PAGE, total=len(parts))
    shown = parts[(parts_page.number - 1) * PARTS_PER_PAGE :][:PARTS_PER_PAGE]
    if run and shown:
        add_verbatims(session, theme, run, shown)
    return {
        "card": card,
        "searchable": card.size >= MIN_IDEAS_TO_SEARCH,
        "placed_by_people": count_placed_by_people(session, theme),
        "parts": shown,
        "parts_page": parts_page,
        "parts_url": lambda n: _url("show", campaign, theme_id=theme.id, **list_params() | {"parts": n}) + "#parts",
        "run": run,
        "apart": apart_of(theme, themes),
        "neighbours": neighbours_of(theme, themes),
        "near": ideas_near(session, theme, limit=MAX_NEAR_IDEAS),
        "languages": _languages(theme),
        "family": families(themes, run).get(theme.family),
        "themes": by_name(themes),
        "names": names_of(themes),
        "tones": tones(themes),
        "decision": decision_on(session, theme),
        "decisions": decisions_in(session, campaign) if manages() else {},
        "actions": actions_in(session, campaign).get(theme.id, []),
        **similar_context(themes_to_answer(database(), [theme])),
        "today": today(),
        "highlights": highlights_of(session, theme) if manages() else None,
        "field_shares": field_shares(session, theme) if manages() else [],
        "edits": edits_of(session, theme, limit=MAX_SHOWN_EDITS) if manages() else [],
    } | _listed_ideas(theme, parts)


def _languages(theme: Theme) -> list[tuple[str, float]]:
    """The names of the languages of the theme's ideas, with their shares; not those of hardly any idea."""
    known = get_locale().languages
    return [(known.get(code, code), share) for code, share in theme.languages if share >= MIN_LANGUAGE_SHARE]


def list_params() -> dict[str, str]:
    """Which ideas the page lists: the parameters of its address, or of a form that was sent from it."""
    names = ("part", "parts", "containing", "page", "sort", "all", "theme", "tag", "area", "map")
    return {name: request.values[name][:MAX_SEARCH_LENGTH] for name in names if request.values.get(name)}


def _listed_ideas(theme: Theme, parts: Sequence[Part]) -> dict[str, Any]:
    """One page of the theme's ideas: all, or those of a sub-theme, or those that contain some words."""
    words = request.values.get("containing", "").strip()
    part = next((part for part in parts if part.place == request.values.get("part", type=int)), None)
    chosen: dict[str, Any] = {"containing": words, "nodes": part.nodes if part else None}
    total = count_members(database(), theme, **chosen)
    folded = not words  # whoever searches wants each idea that has the words
    listed = count_members(database(), theme, **chosen, folded=True) if folded else total
    page = page_at(request.values.get("page", 1, type=int), size=IDEAS_PER_PAGE, total=listed)
    limits: dict[str, Any] = {"start": (page.number - 1) * IDEAS_PER_PAGE, "limit": IDEAS_PER_PAGE}
    placements = theme_members(database(), theme, **chosen, **limits, folded=folded)
    members = fold_alike(placement for placement in placements if placement.theme_id == theme.id)
    asking = [placement for placement in placements if placement.theme_id != theme.id]
    # A long list begins with what is typical; who searched, chose a part or turned a page wants the list itself.
    if total > MIN_IDEAS_TO_SEARCH and not set(list_params()) & {"all", "page", "part", "containing"}:
        members = members[:TYPICAL_IDEAS]
        asking = asking[: TYPICAL_IDEAS - len(members)]
    shown = sum(1 + len(alike.others) for alike in members) + len(asking)
    if folded:
        add_alike(database(), members, Placement.theme_id == theme.id)
    return {
        "total": total,
        "members": members,
        "asking": asking,
        "passages": passages_of(database(), [placement.idea_id for placement in placements]),
        **tags_context(theme.campaign, [placement.idea_id for placement in placements]),
        "more": len(placements) - shown,
        "all_url": _url("show", theme.campaign, theme_id=theme.id, **list_params() | {"all": "yes"}),
        "page": page,
        "page_url": lambda n: _url("show", theme.campaign, theme_id=theme.id, **list_params() | {"page": n}),
        "words": words,
        "read_part": part,
        "list_params": list_params(),
    }


def _url(name: str, campaign: Campaign, **values: Any) -> str:
    return url_for(f"theme.{name}", campaign_id=campaign.id, **values)


def _listed_themes(
    campaign: Campaign, cards: Sequence[ThemeCard], decisions: dict[int, Decision], *, outline: dict[int, str]
) -> dict[str, Any]:
    """The themes that contain the words of the search, in the chosen order; by family if there are families."""
    sorts = ("family", *SORTS) if outline else SORTS
    words, sort = request.args.get("containing", "").strip(), request.args.get("sort", sorts[0])
    if words:
        found = themes_containing(database(), campaign, words)
        cards = [card for card in cards if card.theme.id in found]
    shown = _sorted(cards, sort, decisions)
    groups = grouped(shown, outline if sort == "family" else {}, theme=attrgetter("theme"), size=attrgetter("main"))
    return {"cards": shown, "groups": groups, "words": words, "sort": sort, "sorts": sorts}


def _sorted(cards: Sequence[ThemeCard], sort: str, decisions: dict[int, Decision]) -> Sequence[ThemeCard]:
    """The cards, which are passed largest first, in the chosen order."""
    if sort == "supported":
        return sorted(cards, key=lambda card: -card.support)
    if sort == "undecided":
        return sorted(cards, key=lambda card: card.theme.id in decisions)
    return cards


def by_name(themes: Sequence[Theme]) -> list[Theme]:
    return sorted(themes, key=lambda theme: theme_name(theme).casefold())


def names_of(themes: Sequence[Theme]) -> dict[int, str]:
    """Names by theme id; a theme without a name has its number instead."""
    return {theme.id: theme_name(theme) for theme in themes}
