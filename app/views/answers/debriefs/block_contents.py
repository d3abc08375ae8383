"""What the blocks of a debrief show: each is read only where the text has it."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import select

from app.extensions import database
from app.pictures.bar_chart import draw_bars
from app.pictures.theme_map import draw_map
from app.views.answers.debriefs.debrief_text import Part
from ideas.answers.action import Action
from ideas.answers.debriefs.blocks import Block, BlockKind
from ideas.answers.debriefs.debrief import Answer, debrief_of
from ideas.answers.debriefs.material import files_in, theme_now
from ideas.answers.debriefs.thanks import thanked_names
from ideas.answers.decision import DecisionStatus
from ideas.answers.earlier import published_texts
from ideas.campaigns.campaign import Campaign
from ideas.themes.card import all_placements
from ideas.themes.theme import Theme

MAX_CHART_THEMES = 12


def block_contents(campaign: Campaign, parts: Sequence[Part], given: Sequence[Answer]) -> dict[str, Any]:
    """For the template of the blocks. Seven queries at most, whatever the text has."""
    session, kinds = database(), {part.block.kind for part in parts}
    blocks = [part.block for part in parts]
    numbers = [block.number for block in blocks if block.kind is BlockKind.THEME]
    answered = {answer.card.theme.id: answer for answer in given}
    holders = theme_now(session, campaign, [number for number in numbers if number not in answered])
    debrief = debrief_of(session, campaign) if BlockKind.CORRECTIONS in kinds else None
    return {
        "draw_bars": draw_bars,
        "chart_themes": MAX_CHART_THEMES,
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


def named_in(campaign: Campaign, blocks: Sequence[Block]) -> dict[str, Any]:
    """The files and the names of the themes that these blocks name by number, for lists of blocks. Two queries."""
    numbers = {block.number for block in blocks if block.kind is BlockKind.THEME}
    themes = database().scalars(select(Theme).where(Theme.campaign_id == campaign.id, Theme.id.in_(numbers)))
    return {
        "files": files_in(database(), campaign, blocks),
        "names": {theme.id: theme.name for theme in themes if theme.name},
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
    )
