"""Applying a run or a proposal: the campaign's themes become those that the pipeline found.

What people decided holds either way: a theme that people shaped is never dropped, an idea that a person placed is never
moved, and no idea goes where a person forbade it. Which themes and ideas those are: see `load_state`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, false, or_, select
from sqlalchemy.orm import Session

from clustering.types import FoundTheme, Near, PlacedIdea
from ideas.activity.activity import Verb, record
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted, revised_since
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.history import EditKind, NewEdit, ThemeEdit
from ideas.themes.place_new_ideas import place_waiting_ideas
from ideas.themes.placement import (
    PlacementRow,
    columns_in,
    delete_placements,
    following_columns,
    insert_placements,
    load_placements,
    measured_columns,
    nearest_allowed,
    theme_columns,
    unmeasured_columns,
    update_placements,
)
from ideas.themes.proposal import (
    Proposal,
    ProposalStatus,
    ProposedPlacement,
    close,
    differences,
    discard,
    forget_measurements,
    make_proposal,
    moves_of,
    open_proposal,
    theme_sizes,
    write_measurements,
)
from ideas.themes.refresh import ask_for_refresh
from ideas.themes.run import RunResult, ThemeRun, ThemeState, load_state, save_run, with_theme_ids
from ideas.themes.stored import names_theme
from ideas.themes.theme import Theme, mark_reshaped, raise_shape

Move = tuple[int | None, int | None]  # the theme that an idea leaves, the number of the one where it goes


class ProposalClosed(Conflict):
    message = message_id(
        "These changes can no longer be accepted. They were accepted or declined already, or a newer grouping replaced"
        " them."
    )


class NothingTaken(DomainError):
    message = message_id("Select at least one change, or keep the themes as they are.")


# A run ----------------------------------------------------------------------------------------------------------------


def apply_or_propose(
    session: Session,
    campaign: Campaign,
    result: RunResult,
    *,
    now: datetime,
    keep: Iterable[int] = (),
    by: Person | None = None,
) -> ThemeRun:
    """Replace the campaign's themes by those of a complete run, or keep it as a proposal. In the caller's transaction.

    It becomes a proposal where there are themes and a person edited them or placed an idea, one of them has its answer
    (`keep`), or the debrief is published; unless it changes nothing that a reader would see. It replaces a proposal
    that is still open. For the worker, and for the owner and facilitators (`by`).
    """
    lock_campaign(session, campaign)
    state = load_state(session, campaign, keep=keep)
    waiting = open_proposal(session, campaign)
    if waiting is not None:
        close(session, waiting, ProposalStatus.OVERTAKEN, by=None, now=now)
    if _people_decide(session, campaign, state):
        proposal = make_proposal(session, campaign, result, now=now)
        state = _place_newcomers(session, campaign, result, state, now=now)
        if differences(session, proposal, state.themes):
            place_waiting_ideas(session, campaign, now=now)
            return proposal.run
        discard(session, proposal)
    return _apply(session, campaign, result, state, by=by, now=now)


def _people_decide(session: Session, campaign: Campaign, state: ThemeState) -> bool:
    """True where a run becomes a proposal: see `apply_or_propose`."""
    if not state.themes:
        return False
    if state.kept or state.outliers or campaign.debriefed_at is not None:
        return True
    acts = select(ThemeEdit.id).where(ThemeEdit.campaign_id == campaign.id, ThemeEdit.undone_at.is_(None))
    return session.scalar(acts.limit(1)) is not None


def _place_newcomers(
    session: Session, campaign: Campaign, result: RunResult, state: ThemeState, *, now: datetime
) -> ThemeState:
    """Place ideas that are not placed yet as the run would, where that is a theme of today. Returns the new state.

    One that was revised since the run is left to be placed by its new words.
    """
    theme_ids = {
        facts.id: facts.id for facts in result.found.themes if facts.id in state.themes and result.is_known(facts.id)
    }
    revised = revised_since(session, campaign, result.read_at or now)
    rows: dict[int, dict[str, Any]] = {}
    for idea_id, placed in result.ideas.items():
        if idea_id in state.placements or idea_id in revised:
            continue
        allowed = placed.theme in theme_ids and placed.theme not in state.forbidden.get(idea_id, ())
        target = placed.theme if allowed else None
        measured = {"idea_id": idea_id} | measured_columns(placed, theme_ids) | {"node": None}
        rows[idea_id] = columns_in(measured, target, found=placed.theme) | theme_columns(target, placed.leftover)
    insert_placements(session, campaign, rows.values())
    new = {
        idea_id: PlacementRow(idea_id, row["theme_id"], row["leftover"], None, None) for idea_id, row in rows.items()
    }
    return replace(state, placements=state.placements | new)


def apply_run(
    session: Session, campaign: Campaign, result: RunResult, *, now: datetime, keep: Iterable[int] = ()
) -> ThemeRun:
    """Replace the campaign's themes by those of a complete run. In the caller's transaction.

    A theme that the run found again keeps its row and the name a person gave it. One that it did not find is retired,
    unless people shaped it (see `load_state`) or it is among those to `keep`. An idea that a person placed is never
    moved, and no idea goes where a person forbade it. People may act while a run computes: a theme that they merged
    away meanwhile comes back only if ideas are left for it; an idea that came or was revised meanwhile keeps its
    placement.
    """
    lock_campaign(session, campaign)
    return _apply(session, campaign, result, load_state(session, campaign, keep=keep), by=None, now=now)


def _apply(
    session: Session, campaign: Campaign, result: RunResult, state: ThemeState, *, by: Person | None, now: datetime
) -> ThemeRun:
    forget_measurements(session, campaign)
    themes = _found_themes(session, campaign, result, state, now=now)
    theme_ids = {number: theme.id for number, theme in themes.items()}
    others = [theme for theme in state.themes.values() if theme not in themes.values()]
    for theme in others:
        mark_reshaped(theme)
        if theme.id not in state.kept:
            theme.retired_at = now
    active = {theme.id: theme for theme in (*themes.values(), *others) if theme.retired_at is None}
    relate(active.values(), result.found.themes, theme_ids)
    session.flush()
    revised = revised_since(session, campaign, result.read_at or now)
    ideas = {idea_id: placed for idea_id, placed in result.ideas.items() if idea_id not in revised}
    _replace_placements(session, campaign, ideas, theme_ids, state, active)
    run = save_run(session, campaign, result, now=now, theme_ids=theme_ids)
    mark_applied(session, campaign, run, themes=len(theme_ids), now=now)
    ask_for_refresh(session, campaign, active.values(), now=now)
    facts = {"ideas": run.ideas, "themes": run.themes, "granularity": run.granularity}
    record(session, Verb.GROUPED, run, by=by, now=now, campaign_id=campaign.id, after=facts)
    return run


def _found_themes(
    session: Session, campaign: Campaign, result: RunResult, state: ThemeState, *, now: datetime
) -> dict[int, Theme]:
    """The themes of the run by its numbers: those found again, and new rows for others that get an idea."""
    wanted = {
        placed.theme
        for idea_id, placed in result.ideas.items()
        if idea_id not in state.placements or state.placements[idea_id].placed_by_id is None
    }
    themes: dict[int, Theme] = {}
    for facts in result.found.themes:
        theme = state.themes.get(facts.id) if result.is_known(facts.id) else None
        if theme is None and facts.id not in wanted:
            continue
        if theme is None:
            theme = Theme(campaign_id=campaign.id, created_at=now)
            session.add(theme)
        describe(theme, facts)
        themes[facts.id] = theme
    session.flush()
    return themes


def _replace_placements(
    session: Session,
    campaign: Campaign,
    ideas: Mapping[int, PlacedIdea],
    theme_ids: Mapping[int, int],
    state: ThemeState,
    active: Mapping[int, Theme],
) -> None:
    """Write the placements of the run's ideas. Others stay in their themes; withdrawn ones lose their placement."""
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for idea_id, placed in ideas.items():
        measured = {"idea_id": idea_id} | measured_columns(placed, theme_ids)
        today = state.placements.get(idea_id)
        target = found = theme_ids.get(placed.theme) if placed.theme is not None else None
        if today is not None and today.placed_by_id is not None:
            changed.append(columns_in(measured, today.theme_id, found=found))
            continue
        forbidden = state.forbidden.get(idea_id, set())
        if target in forbidden:
            target = nearest_allowed(measured["nearest"], active.keys() - forbidden)
        row = columns_in(measured, target, found=found) | theme_columns(target, placed.leftover)
        (new if today is None else changed).append(row)
    others = [row for idea_id, row in state.placements.items() if idea_id not in ideas]
    submitted = _submitted_ids(session, campaign) if others else set()
    delete_placements(session, [row.idea_id for row in others if row.idea_id not in submitted])
    staying = [row for row in others if row.idea_id in submitted]
    nodes = {idea_id: placed.node for idea_id, placed in ideas.items()}
    update_placements(session, [*following_columns(session, staying, active, nodes), *changed])
    insert_placements(session, campaign, new)


def _submitted_ids(session: Session, campaign: Campaign) -> set[int]:
    return set(session.scalars(select(Idea.id).where(Idea.campaign_id == campaign.id, is_submitted())))


# A proposal -----------------------------------------------------------------------------------------------------------


def accept(
    session: Session,
    proposal: Proposal,
    *,
    keys: Collection[str] | None = None,
    keep: Iterable[int] = (),
    by: Person,
    now: datetime,
    reason: str = "",
) -> ThemeEdit:
    """Apply the proposal, or of its differences those with these keys; the rest is declined.

    What people did since the run holds. A theme that ends up empty is retired, unless people touched it or it is among
    those to `keep`, as one that has its answer. The owner and facilitators may; the act can be undone.
    Raises ProposalClosed, NothingTaken, PublicAnswersChange (after the debrief, ideas move without a reason).
    """
    campaign = proposal.campaign
    _lock_open(session, proposal)
    state = load_state(session, campaign, keep=keep)
    changes = differences(session, proposal, state.themes)
    offered = {difference.key for difference in changes if not difference.follows}
    taken = offered if keys is None else offered & set(keys)
    if offered and not taken:
        raise NothingTaken
    left = set() if taken == offered else {difference.key for difference in changes} - taken
    plan = _plan(session, proposal, state, declined=frozenset(map(int, left)), now=now)
    themes = [*state.themes.values(), *plan.new.values()]  # `relate` may write on each
    concerned = plan.concerned(state.placements)
    new = NewEdit(session, campaign, EditKind.ACCEPT, by, now, reason, themes, concerned, of=proposal)
    proposal.status, proposal.closed_at, proposal.closed_by = ProposalStatus.ACCEPTED, now, by
    active = _change_themes(session, plan, now=now)
    _move_ideas(session, plan, active)
    new.placements = plan.concerned(load_placements(session, campaign))
    new.summary = plan.summary(taken) | {"changes": len(taken), "offered": len(offered)}
    edit = new.record()
    edit.after = replace(edit.after, run=proposal.run_id)
    mark_applied(session, campaign, proposal.run, themes=len(active), now=now)
    ask_for_refresh(session, campaign, active.values(), now=now)
    return edit


def decline(session: Session, proposal: Proposal, *, by: Person, now: datetime) -> None:
    """Leave all as it is. The owner and facilitators may. Raises ProposalClosed."""
    _lock_open(session, proposal)
    close(session, proposal, ProposalStatus.DECLINED, by=by, now=now)
    record(session, Verb.DECLINED, proposal, by=by, now=now, campaign_id=proposal.campaign_id)


def _lock_open(session: Session, proposal: Proposal) -> None:
    lock_campaign(session, proposal.campaign)
    session.refresh(proposal)
    if proposal.status is not ProposalStatus.OPEN:
        raise ProposalClosed


@dataclass(frozen=True, slots=True)
class _Plan:
    """What accepting will change, computed before anything is changed, so that the act can store it.

    `offered`: all moves of the proposal, by idea; `moves`: those that are taken. `new`: the new themes that get ideas,
    by the proposal's numbers. `retiring`: the themes that end up empty. `proposed`: the placement that the run found
    for each idea, but for those revised since. `turning`: ideas that stay left over, for another reason.
    """

    proposal: Proposal
    state: ThemeState
    declined: frozenset[int]
    offered: dict[int, Move]
    moves: dict[int, Move]
    new: dict[int, Theme]
    retiring: list[Theme]
    proposed: dict[int, Row[Any]]
    turning: frozenset[int]

    def concerned(self, placements: Mapping[int, PlacementRow]) -> list[PlacementRow]:
        """Of these placements, those of the ideas that accepting moves, or leaves over for another reason."""
        gone = {theme.id for theme in self.retiring}
        return [
            placements[idea_id]
            for idea_id, row in self.state.placements.items()
            if idea_id in self.moves or row.theme_id in gone or idea_id in self.turning
        ]

    def describes(self, facts: FoundTheme) -> bool:
        """True if what the run found of a theme of today is taken."""
        return facts.id in self.state.themes and facts.id not in self.declined

    def theme_ids(self) -> dict[int, int]:
        """The ids of themes, by the proposal's numbers."""
        known = {facts.id: facts.id for facts in self.proposal.themes if facts.id in self.state.themes}
        return {number: theme.id for number, theme in self.new.items()} | known

    def summary(self, taken: Collection[str]) -> dict[str, Any]:
        """What the history shows. The themes are those of the differences that are taken, and those that go."""
        themes = self.state.themes | self.new
        return {
            "themes": [theme.id for key, theme in themes.items() if str(key) in taken or theme in self.retiring],
            "ideas": len(self.moves),
            "born": [theme.name for theme in self.new.values()],
            "gone": [theme.name for theme in self.retiring],
        }


def _plan(session: Session, proposal: Proposal, state: ThemeState, *, declined: frozenset[int], now: datetime) -> _Plan:
    """Find what is taken. Adds a row for each new theme, not active yet."""
    offered = {row.idea_id: (row.present, row.target) for row in session.execute(moves_of(proposal, state.themes))}
    # A move belongs to the theme where the idea goes, or to the one that it leaves for none.
    moves = {
        idea_id: (present, target)
        for idea_id, (present, target) in offered.items()
        if (present if target is None else target) not in declined
    }
    proposed = _proposed(session, proposal)
    return _Plan(
        proposal=proposal,
        state=state,
        declined=declined,
        offered=offered,
        moves=moves,
        new=_add_new_themes(session, proposal, moves, now=now),
        retiring=_emptied(session, proposal, state, moves),
        proposed=proposed,
        turning=frozenset(idea_id for idea_id, row in state.placements.items() if _turns(row, proposed.get(idea_id))),
    )


def _add_new_themes(
    session: Session, proposal: Proposal, moves: Mapping[int, Move], *, now: datetime
) -> dict[int, Theme]:
    targets = sorted({target for _, target in moves.values() if target is not None and target < 0})
    new = {number: Theme(campaign_id=proposal.campaign_id, created_at=now, retired_at=now) for number in targets}
    session.add_all(new.values())
    session.flush()
    return new


def _emptied(session: Session, proposal: Proposal, state: ThemeState, moves: Mapping[int, Move]) -> list[Theme]:
    """The themes that will have no submitted idea left, except those that are kept in any case."""
    sizes = Counter(theme_sizes(session, proposal.campaign))
    for idea_id in moves.keys() & _submitted_ids(session, proposal.campaign):
        present, target = moves[idea_id]
        if present is not None:
            sizes[present] -= 1
        if target is not None:
            sizes[target] += 1
    return [theme for theme in state.themes.values() if theme.id not in state.kept and not sizes[theme.id]]


def _proposed(session: Session, proposal: Proposal) -> dict[int, Row[Any]]:
    revised = revised_since(session, proposal.campaign, proposal.run.created_at)
    columns = [getattr(ProposedPlacement, name) for name in ("idea_id", "theme", "leftover", "node")]
    rows = session.execute(select(*columns).where(ProposedPlacement.proposal_id == proposal.id))
    return {row.idea_id: row for row in rows if row.idea_id not in revised}


def _turns(today: PlacementRow, proposed: Row[Any] | None) -> bool:
    """True where an idea stays left over, for another reason."""
    return (
        proposed is not None
        and today.placed_by_id is None
        and today.theme_id is None
        and proposed.theme is None
        and proposed.leftover is not today.leftover
    )


# What is written ------------------------------------------------------------------------------------------------------


def _change_themes(session: Session, plan: _Plan, *, now: datetime) -> dict[int, Theme]:
    """Write on the themes what the run found of them. Returns the active ones, by id."""
    for facts in plan.proposal.themes:
        if facts.id in plan.new:
            plan.new[facts.id].retired_at = None
            describe(plan.new[facts.id], facts)
        elif plan.describes(facts):
            describe(plan.state.themes[facts.id], facts)
    for theme in plan.retiring:
        theme.retired_at = now
    active = {
        theme.id: theme for theme in (*plan.state.themes.values(), *plan.new.values()) if theme not in plan.retiring
    }
    theme_ids = plan.theme_ids()
    found = [facts for facts in plan.proposal.themes if facts.id in theme_ids]
    taken = {number: theme_id for number, theme_id in theme_ids.items() if number not in plan.declined}
    relate(active.values(), found, taken)
    _mark_reshaped(plan)
    plan.proposal.run.events = tuple(with_theme_ids(event, theme_ids) for event in plan.proposal.run.events)
    session.flush()
    return active


def _mark_reshaped(plan: _Plan) -> None:
    """Mark the themes whose ideas are not those that were measured together.

    For a theme that the run describes, those are the ideas of all its moves; for any other, its ideas of before.
    """
    taken = {number for move in plan.moves.values() for number in move}
    left = {number for idea_id, move in plan.offered.items() if idea_id not in plan.moves for number in move}
    described = {facts.id for facts in plan.proposal.themes if facts.id in plan.new or plan.describes(facts)}
    for number, theme in (plan.state.themes | plan.new).items():
        if number in (left if number in described else taken):
            mark_reshaped(theme)


def _move_ideas(session: Session, plan: _Plan, active: Collection[int]) -> None:
    """Write the placements: what the run measured of every idea, and the themes of those that move."""
    theme_ids = plan.theme_ids()
    known = [row for idea_id, row in plan.state.placements.items() if idea_id in plan.proposed]
    unknown = [row for idea_id, row in plan.state.placements.items() if idea_id not in plan.proposed]
    columns = {row.idea_id: _columns(plan, row, theme_ids, active) for row in known}
    found = {idea_id: theme_ids.get(row.theme) for idea_id, row in plan.proposed.items()}
    elsewhere = {idea_id for idea_id, row in columns.items() if row["theme_id"] != found[idea_id]}
    moving = {row.idea_id for row in known if columns[row.idea_id] != theme_columns(row.theme_id, row.leftover)}
    nearest = _nearest(session, plan, theme_ids, elsewhere | moving)
    nodes = {idea_id: row.node for idea_id, row in plan.proposed.items()}
    write_measurements(session, plan.proposal)
    rows = following_columns(session, unknown, active, nodes)
    for idea_id, near in nearest.items():
        row = columns[idea_id] | {"idea_id": idea_id, "nearest": near}
        rows.append(row | unmeasured_columns(row["theme_id"], near) if idea_id in elsewhere else row)
    update_placements(session, rows)


def _columns(plan: _Plan, today: PlacementRow, theme_ids: Mapping[int, int], active: Collection[int]) -> dict[str, Any]:
    """The columns of an idea's theme once the proposal is accepted."""
    target, leftover = today.theme_id, today.leftover
    if today.idea_id in plan.moves:
        number = plan.moves[today.idea_id][1]
        target, leftover = None if number is None else theme_ids[number], plan.proposed[today.idea_id].leftover
    elif today.idea_id in plan.turning:
        leftover = plan.proposed[today.idea_id].leftover
    return theme_columns(target if target in active else None, leftover)


def _nearest(
    session: Session, plan: _Plan, theme_ids: Mapping[int, int], ideas: Collection[int]
) -> dict[int, tuple[Near, ...]]:
    """The nearest themes of these ideas, and of all whose nearest themes have another number by now."""
    others = [facts.id for facts in plan.proposal.themes if theme_ids.get(facts.id) != facts.id]
    of_proposal = select(ProposedPlacement.idea_id, ProposedPlacement.nearest).where(
        ProposedPlacement.proposal_id == plan.proposal.id
    )
    named = or_(false(), *(names_theme(ProposedPlacement.nearest, number) for number in others))
    rows = [*session.execute(of_proposal.where(named))]
    for some in chunks(sorted(ideas)):
        rows += session.execute(of_proposal.where(ProposedPlacement.idea_id.in_(some)))
    return {
        idea_id: tuple(Near(theme_ids[near.theme], near.strength) for near in nearest if near.theme in theme_ids)
        for idea_id, nearest in rows
        if idea_id in plan.proposed
    }


# Both -----------------------------------------------------------------------------------------------------------------


def describe(theme: Theme, facts: FoundTheme) -> None:
    """Store what a run found of a theme, except what refers to other themes: see `relate`."""
    raise_shape(theme)
    if not (theme.keeps_name and theme.found_name):
        theme.found_name = facts.name
    theme.phrases = list(facts.phrases)
    theme.exemplars, theme.cohesion = list(facts.exemplars), facts.cohesion
    theme.x, theme.y = facts.x, facts.y
    theme.family, theme.parts = facts.family, list(facts.parts)
    theme.languages, theme.warnings = facts.languages, facts.warnings
    theme.measured = facts.measured


def relate(themes: Iterable[Theme], found: Collection[FoundTheme], theme_ids: Mapping[int, int]) -> None:
    """Store what separates each theme from the nearest one. A theme that is not in the run gets one of its families.

    `found`: the themes of the run. `theme_ids`: the ids of themes, by the run's numbers.
    """
    numbers = {theme_id: number for number, theme_id in theme_ids.items()}
    facts_of = {facts.id: facts for facts in found}
    for theme in themes:
        facts = facts_of.get(numbers.get(theme.id, 0))
        if facts is None:
            forget_run(theme, found)
        elif facts.apart is None or facts.apart.theme not in theme_ids:
            theme.apart = None
        else:
            theme.apart = replace(facts.apart, theme=theme_ids[facts.apart.theme])


def forget_run(theme: Theme, others: Iterable[Theme | FoundTheme]) -> None:
    """Clear the sub-themes of a theme that is not in the run; its family is that of the nearest of `others`."""
    theme.apart, theme.parts = None, []
    nearest = min(others, key=lambda other: (other.x - theme.x) ** 2 + (other.y - theme.y) ** 2, default=None)
    if nearest is not None:
        theme.family = nearest.family


def mark_applied(session: Session, campaign: Campaign, run: ThemeRun, *, themes: int, now: datetime) -> None:
    """Mark the campaign's themes as those of the run."""
    run.themes = themes
    run.applied_at = now
    campaign.grouped_at = run.created_at
    campaign.granularity = run.granularity
    session.flush()
    place_waiting_ideas(session, campaign, now=now)
