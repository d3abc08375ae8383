"""What the blocks of a debrief show: each is read only where the text has it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import get_template_attribute, url_for
from sqlalchemy import select

from app.extensions import database
from app.forms.answers.debrief_block import CHART_NAMES
from app.pictures.bar_chart import draw_bars
from app.pictures.map.theme_map import draw_map
from app.text.shown import theme_name
from app.views.answers.debriefs.debrief_text import Part
from app.web.pages.language import gettext as _
from ideas.answers.action import Action
from ideas.answers.debriefs.blocks import Block, BlockKind, Chart
from ideas.answers.debriefs.debrief import Answer, debrief_of
from ideas.answers.debriefs.figures import emotions_in
from ideas.answers.debriefs.material import files_in, theme_now
from ideas.answers.debriefs.thanks import thanked_names
from ideas.answers.decision import DecisionStatus
from ideas.answers.earlier import published_texts
from ideas.campaigns.campaign import Campaign
from ideas.themes.card import all_placements
from ideas.themes.theme import Theme

MAX_CHART_THEMES = 12
CHARTED = (
    DecisionStatus.DONE,
    DecisionStatus.IN_PROGRESS,
    DecisionStatus.PLANNED,
    DecisionStatus.ADOPTED,
    DecisionStatus.NEEDS_MORE,
    DecisionStatus.DECLINED,
    DecisionStatus.PENDING,
)


def block_contents(campaign: Campaign, parts: Sequence[Part], given: Sequence[Answer]) -> dict[str, Any]:
    """For the template of the blocks. Eight queries at most, whatever the text has."""
    session, kinds = database(), {part.block.kind for part in parts}
    blocks = [part.block for part in parts]
    numbers = [block.number for block in blocks if block.kind is BlockKind.THEME]
    answered = {answer.card.theme.id: answer for answer in given}
    holders = theme_now(session, campaign, [number for number in numbers if number not in answered])
    debrief = debrief_of(session, campaign) if BlockKind.CORRECTIONS in kinds else None
    return {
        "charts": {
            chart.value: (
                chart_title(chart),
                draw_bars(chart_rows(campaign, chart, given)),
                max(0, len(given) - MAX_CHART_THEMES) if chart is Chart.THEMES else 0,
            )
            for chart in {Chart(block.argument) for block in blocks if block.kind is BlockKind.CHART}
        },
        "first_map": next((place for place, block in enumerate(blocks) if block.kind is BlockKind.MAP), None),
        "map": _map(campaign, given) if BlockKind.MAP in kinds else None,
        "by_theme": {number: answered.get(holders.get(number, number)) for number in numbers},
        "files": files_in(session, campaign, blocks),
        "thanked": thanked_names(session, campaign) if BlockKind.THANKS in kinds else (),
        "declined": [one for one in given if one.decision and one.decision.status is DecisionStatus.DECLINED],
        "coming": coming(given),
        "expected": [one for one in given if one.decision and one.decision.status is DecisionStatus.PENDING],
        "corrections": published_texts(session, debrief)[:-1] if debrief and debrief.published_at else (),
    }


def chart_title(chart: Chart) -> str:
    """As pages and pictures call the chart."""
    return str(CHART_NAMES[chart])


def chart_rows(campaign: Campaign, chart: Chart, given: Sequence[Answer]) -> list[tuple[str, int, str]]:
    """What the chart counts: name, number and address of each bar."""
    if chart is Chart.THEMES:
        return [
            (
                theme_name(answer.card.theme),
                answer.card.size,
                url_for("theme.show", campaign_id=campaign.id, theme_id=answer.card.theme.id),
            )
            for answer in given[:MAX_CHART_THEMES]
        ]
    if chart is Chart.REACTIONS:
        named = get_template_attribute("macros/page.html", "emotion_label")
        emotions = emotions_in(database(), campaign)
        return [(str(named(emotion.value)).strip(), count, "") for emotion, count in emotions.items()]
    named = get_template_attribute("macros/page.html", "decision_label")
    counts = Counter(answer.decision.status if answer.decision else None for answer in given)
    rows = [(str(named(status.value)).strip(), counts[status], "") for status in CHARTED if counts[status]]
    return [*rows, (_("No answer yet"), counts[None], "")] if counts[None] else rows


def named_in(campaign: Campaign, blocks: Sequence[Block]) -> dict[str, Any]:
    """The files and the names of the themes that these blocks name by number, for lists of blocks. Two queries."""
    numbers = {block.number for block in blocks if block.kind is BlockKind.THEME}
    themes = database().scalars(select(Theme).where(Theme.campaign_id == campaign.id, Theme.id.in_(numbers)))
    return {
        "files": files_in(database(), campaign, blocks),
        "names": {theme.id: theme_name(theme) for theme in themes},
    }


def coming(given: Sequence[Answer]) -> list[tuple[Action, Theme]]:
    """The actions that are neither done nor abandoned, the next one first, each with its theme."""
    waiting = [
        (action, answer.card.theme)
        for answer in given
        for action in answer.actions
        if action.done_at is None and action.abandoned_at is None
    ]
    return sorted(waiting, key=lambda pair: (pair[0].due_on, pair[0].id))


def _map(campaign: Campaign, given: Sequence[Answer]) -> Any:
    return draw_map(
        all_placements(database(), campaign),
        [answer.card.theme for answer in given],
        lambda theme_id: url_for("theme.show", campaign_id=campaign.id, theme_id=theme_id),
        {answer.card.theme.id: answer.card.size for answer in given},
        theme_name,
    )
