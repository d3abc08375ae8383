"""Does this idea belong here? One idea after the other: those drawn at random, and those in doubt."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.themes.check import CheckIdeaForm, UndoCheckForm
from app.pictures.map.theme_map import tones
from app.views.themes.theme import by_name, names_of, status_of
from app.web.errors import show_refusals
from app.web.pages.rendering import is_fragment, page_or_block, translated
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.errors import Conflict
from ideas.themes.card import theme_cards
from ideas.themes.checks.check import LeftMeanwhile, NoOtherTheme, check_idea, last_check, undo_check
from ideas.themes.checks.sample import Card, cards_of, draw_sample, stack_for
from ideas.themes.method import method_of
from ideas.themes.passage import passages_of
from ideas.themes.placement import Placement
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes, themes_by_id

# The keys of yes, no, elsewhere, later and undo, by language: letters of the words on the buttons.
KEYS = {"en": ("y", "n", "e", "l", "u"), "fr": ("o", "n", "a", "p", "r")}

views = Blueprint("check", __name__, url_prefix="/campaigns/<int:campaign_id>/themes/check")


@views.get("")
@requires(Act.GROUP)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, idea_id=request.args.get("idea", type=int), after=request.args.get("after", type=int))


@views.post("")
@requires(Act.GROUP)
def start(campaign: Campaign) -> ResponseReturnValue:
    """Draw the ideas, the first time after a run."""
    draw_sample(database(), campaign)
    database().commit()
    return redirect(_url(campaign), 303)


@views.post("/<int:idea_id>")
@requires(Act.GROUP)
def answer(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    form = CheckIdeaForm()
    if form.validate_on_submit():
        with show_refusals(form, {NoOtherTheme: form.to, ReasonNeeded: form.reason}):
            themes = {
                theme.id: theme
                for theme in themes_by_id(database(), campaign, [form.theme.data, form.target or form.theme.data])
            }
            if form.theme.data not in themes:
                raise Conflict
            try:
                check_idea(
                    database(),
                    campaign,
                    idea,
                    theme=themes[form.theme.data],
                    belongs=form.said,
                    to=themes.get(form.target) if form.target else None,
                    reason=form.reason.data,
                    by=member(),
                    now=now(),
                )
            except LeftMeanwhile as error:  # somebody was quicker: the next idea is asked about
                database().rollback()
                flash(translated(error), "info")
            else:
                database().commit()
            return redirect(_url(campaign), 303)
    return _page(campaign, idea_id=idea.id, form=form)


@views.post("/undo")
@requires(Act.GROUP)
def undo(campaign: Campaign) -> ResponseReturnValue:
    form = UndoCheckForm()
    if form.validate_on_submit():
        with show_refusals(form, {ReasonNeeded: form.reason}):
            idea_id = undo_check(database(), campaign, by=member(), now=now(), reason=form.reason.data)
            database().commit()
            return redirect(_url(campaign, idea=idea_id), 303)
    return _page(campaign, undo_form=form)


@views.get("/checks.json")
@requires(Act.EXPORT)
def export(campaign: Campaign) -> ResponseReturnValue:
    """How the themes were made, the agreement, and the sample with what was said of each idea, not by whom."""
    run = latest_run(database(), campaign)
    cards = cards_of(database(), run) if run else []
    method = method_of(database(), campaign, run, cards=cards)
    agreement = method.agreement if method else None
    sample = [
        {
            "idea": card.idea_id,
            "theme": card.theme_id,
            "by_passage": card.by_passage,
            "drawn": card.drawn,
            "said": sorted(card.checks.values()),
        }
        for card in cards
    ]
    made = method and {
        "model": method.model,
        "namer": method.namer or None,
        "grouped_at": method.grouped_at.isoformat(),
        "ideas_moved": method.moved,
        "themes_shaped": method.shaped,
        "ideas_checked": method.checked,
        "people": method.reviewers,
    }
    figure = agreement and {
        "checked": agreement.checked,
        "right": agreement.right,
        "interval_95": agreement.interval,
    }
    run_id = run.id if run else None
    return jsonify(version=1, campaign=campaign.id, run=run_id, method=made, agreement=figure, sample=sample)


def _page(
    campaign: Campaign,
    *,
    idea_id: int | None = None,
    after: int | None = None,
    form: CheckIdeaForm | None = None,
    undo_form: UndoCheckForm | None = None,
) -> ResponseReturnValue:
    """The next card in a constant number of queries. A refused form keeps its card, and what was written."""
    run = latest_run(database(), campaign)
    cards = cards_of(database(), run) if run else []
    stack = stack_for(member(), cards)
    card = stack.card(idea_id=idea_id, after=after)
    refused = [one for one in (form, undo_form) if one is not None]
    return page_or_block(
        "themes/check/show.html",
        "card",
        status=status_of(refused),
        campaign=campaign,
        run=run,
        drawn=bool(cards),
        fragment=is_fragment(),
        stack=stack,
        card=card,
        form=form or CheckIdeaForm(formdata=None),
        undo_form=undo_form or UndoCheckForm(formdata=None),
        last=last_check(database(), campaign, member()),
        method=method_of(database(), campaign, run, cards=cards),
        keys=dict(zip(("yes", "no", "elsewhere", "later", "undo"), KEYS[get_locale().language], strict=True)),
        **(_asked_about(campaign, card) if card else {}),
    )


def _asked_about(campaign: Campaign, card: Card) -> dict[str, Any]:
    """The idea of a card with its passages there, its theme with what is typical of it, and the other themes."""
    asked = select(Placement).where(Placement.idea_id == card.idea_id)
    placement = database().scalars(asked.options(joinedload(Placement.idea).joinedload(Idea.author))).one()
    themes = active_themes(database(), campaign)
    by_id = {theme.id: theme for theme in themes}
    theme = by_id[card.theme_id]
    others = [other for other in by_name(themes) if other is not theme]
    shown = theme_cards(database(), campaign, only=theme)[0]
    shown.verbatims = tuple(verbatim for verbatim in shown.verbatims if verbatim.id != card.idea_id)
    return {
        "placement": placement,
        "idea": placement.idea,
        "passages": [
            row for row in passages_of(database(), [card.idea_id]).get(card.idea_id, ()) if row.theme_id == theme.id
        ],
        "main": by_id.get(placement.theme_id or 0) if card.by_passage else None,
        "theme": theme,
        "theme_card": shown,
        "near": [by_id[near.theme] for near in placement.nearest if near.theme in by_id and near.theme != theme.id],
        "others": others,
        "names": names_of(themes),
        "tones": tones(themes),
    }


def _url(campaign: Campaign, **values: Any) -> str:
    return url_for("check.show", campaign_id=campaign.id, **values)
