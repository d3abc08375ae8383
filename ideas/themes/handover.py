"""A run that has ended: it becomes the campaign's themes, or waits for the owner's word as a proposal."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from clustering.types import FoundTheme, PlacedIdea
from ideas.campaigns.campaign import Campaign, hold
from ideas.contributions.idea import revised_since
from ideas.themes.difference import differences
from ideas.themes.due import place_what_waits
from ideas.themes.history import ThemeEdit
from ideas.themes.placement import MEASURED, add_stands, stands
from ideas.themes.proposal import Proposal, ProposalStatus, ProposedPlacement, close, forget_measured, open_proposal
from ideas.themes.run import (
    RunResult,
    Standing,
    keep_run,
    measures,
    record_run,
    standing,
    where_it_stands,
)
from ideas.themes.theme import Theme, ThemeRun, active_themes, forbidden_in, place


def hand_over(
    session: Session, campaign: Campaign, result: RunResult, *, now: datetime, keep: Iterable[int] = ()
) -> ThemeRun:
    """Let a complete run become the campaign's themes, or keep it as a proposal where people have their say.

    They have it where there are themes, once a person touched them, one has its answer (`keep`), or the community reads
    them in a debrief, unless the run changes nothing that one would see. A newer run overtakes a proposal that still
    waits. In the caller's transaction.
    """
    hold(session, campaign)
    waiting = open_proposal(session, campaign)
    if waiting is not None:
        close(session, waiting, ProposalStatus.OVERTAKEN, by=None, now=now)
    if _people_have_their_say(session, campaign, standing(session, campaign, keep=keep)):
        proposal = _propose(session, campaign, result, now=now)
        run = proposal.run
        if differences(session, proposal):
            return run
        session.delete(proposal)
        session.flush()
        session.delete(run)
    forget_measured(session, campaign)
    return record_run(session, campaign, result, now=now, keep=keep)


def _people_have_their_say(session: Session, campaign: Campaign, before: Standing) -> bool:
    if not before.positions:
        return False
    if before.kept or before.outliers or campaign.debriefed_at is not None:
        return True
    acts = select(ThemeEdit.id).where(ThemeEdit.campaign_id == campaign.id, ThemeEdit.undone_at.is_(None))
    return session.scalar(acts.limit(1)) is not None


def _propose(session: Session, campaign: Campaign, result: RunResult, *, now: datetime) -> Proposal:
    rows = set(session.scalars(select(Theme.id).where(Theme.campaign_id == campaign.id)))
    numbers = {
        facts.id: facts.id if result.is_known(facts.id) and facts.id in rows else -place
        for place, facts in enumerate(result.found.themes, start=1)
    }
    run = keep_run(session, campaign, result, now=now, theme_ids=numbers)
    themes = tuple(_renumbered(facts, numbers) for facts in result.found.themes)
    proposal = Proposal(campaign_id=campaign.id, run=run, created_at=now, themes=themes)
    session.add(proposal)
    session.flush()
    proposed = [_proposed(idea_id, placed, numbers) for idea_id, placed in result.ideas.items()]
    if proposed:
        session.execute(insert(ProposedPlacement), [row | {"proposal_id": proposal.id} for row in proposed])
    _place_newcomers(session, run, campaign, proposed)
    place_what_waits(session, campaign, now=now)
    return proposal


def _renumbered(facts: FoundTheme, numbers: Mapping[int, int]) -> FoundTheme:
    apart = facts.apart
    if apart is not None:
        apart = replace(apart, theme=numbers[apart.theme]) if apart.theme in numbers else None
    return replace(facts, id=numbers[facts.id], apart=apart)


def _proposed(idea_id: int, facts: PlacedIdea, numbers: Mapping[int, int]) -> dict[str, Any]:
    theme = None if facts.theme is None else numbers[facts.theme]
    return {"idea_id": idea_id, "theme": theme, "leftover": facts.leftover} | measures(facts, numbers)


def _place_newcomers(session: Session, run: ThemeRun, campaign: Campaign, rows: Iterable[Mapping[str, Any]]) -> None:
    """An idea that has no place yet takes the one that the run found, where that is a theme of today.

    One that says something else by now is left to be placed by its new words.
    """
    elsewhere = stands(session, campaign).keys() | revised_since(session, campaign, run.created_at)
    active = {theme.id for theme in active_themes(session, campaign)}
    banned = forbidden_in(session, campaign)
    made = []
    for row in rows:
        idea_id, theme = row["idea_id"], row["theme"]
        if idea_id not in elsewhere:
            fits = theme in active and theme not in banned.get(idea_id, ())
            measured = {name: row[name] for name in MEASURED}
            measured |= {"nearest": tuple(near for near in row["nearest"] if near.theme in active), "node": None}
            where = place(theme if fits else None, row["leftover"])
            made.append({"idea_id": idea_id} | where_it_stands(measured, where["theme_id"], found=theme) | where)
    add_stands(session, campaign, made)
