"""Accepting a proposal, whole or in part, and declining it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, false, or_, select
from sqlalchemy.orm import Session

from clustering.types import FoundTheme, Near
from ideas.activity.activity import Verb, record
from ideas.base import chunks
from ideas.campaigns.campaign import lock_campaign
from ideas.contributions.idea import Idea, revised_since, submitted_ideas
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.edits.history import EditKind, Moves, NewEdit, ThemeEdit
from ideas.themes.passage import (
    FoundPassages,
    found_passages,
    load_passages,
    numbered,
    replace_passages,
)
from ideas.themes.placement import (
    PlacementRow,
    following_columns,
    load_placements,
    theme_columns,
    theme_sizes,
    unmeasured_columns,
    update_placements,
)
from ideas.themes.refresh import ask_for_refresh
from ideas.themes.runs.apply import describe, mark_applied, relate
from ideas.themes.runs.difference import differences, moves_of
from ideas.themes.runs.proposal import Proposal, ProposalStatus, ProposedPlacement, close, write_measurements
from ideas.themes.runs.run import ThemeState, load_state, with_theme_ids
from ideas.themes.stored import names_theme
from ideas.themes.theme import Theme, mark_reshaped


class ProposalClosed(Conflict):
    message = message_id(
        "These changes can no longer be accepted. They were accepted or declined already, or a newer grouping replaced"
        " them."
    )


class NothingTaken(DomainError):
    message = message_id("Select at least one change, or keep the themes as they are.")


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
    placements = load_placements(session, campaign)
    _replace_passages(session, plan, placements)
    new.placements = plan.concerned(placements)
    edit = new.record(plan.summary(taken) | {"changes": len(taken), "offered": len(offered)})
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

    `offered`: all moves of the proposal, with its numbers of themes. `moves`: those that are taken. `new`: the new
    themes that get ideas, by number. `retiring`: the themes that end up empty. `proposed`: the placement that the run
    found for each idea, but for those revised since. `changed_leftovers`: ideas without a theme before and after, for
    another reason.
    """

    proposal: Proposal
    state: ThemeState
    declined: frozenset[int]
    offered: Moves
    moves: Moves
    new: dict[int, Theme]
    retiring: list[Theme]
    proposed: dict[int, Row[Any]]
    changed_leftovers: frozenset[int]

    def concerned(self, placements: Mapping[int, PlacementRow]) -> list[PlacementRow]:
        """Of these placements, those of the ideas that accepting moves, or leaves over for another reason."""
        gone = {theme.id for theme in self.retiring}
        return [
            placements[idea_id]
            for idea_id, row in self.state.placements.items()
            if idea_id in self.moves or row.theme_id in gone or idea_id in self.changed_leftovers
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
    targets = sorted({target for _, target in moves.values() if target is not None and target < 0})
    new = {number: Theme(campaign_id=proposal.campaign_id, created_at=now, retired_at=now) for number in targets}
    session.add_all(new.values())
    session.flush()
    proposed = _proposed(session, proposal)
    return _Plan(
        proposal=proposal,
        state=state,
        declined=declined,
        offered=offered,
        moves=moves,
        new=new,
        retiring=_emptied(session, proposal, state, moves),
        proposed=proposed,
        changed_leftovers=frozenset(
            idea_id for idea_id, row in state.placements.items() if _leftover_changes(row, proposed.get(idea_id))
        ),
    )


def _emptied(session: Session, proposal: Proposal, state: ThemeState, moves: Moves) -> list[Theme]:
    """The themes that will have no submitted idea left, except those that are kept in any case."""
    submitted = submitted_ideas(proposal.campaign).with_only_columns(Idea.id)
    sizes = Counter(theme_sizes(session, proposal.campaign))
    for idea_id in moves.keys() & set(session.scalars(submitted)):
        present, target = moves[idea_id]
        if present is not None:
            sizes[present] -= 1
        if target is not None:
            sizes[target] += 1
    return [theme for theme in state.themes.values() if theme.id not in state.kept and not sizes[theme.id]]


def _proposed(session: Session, proposal: Proposal) -> dict[int, Row[Any]]:
    revised = revised_since(session, proposal.campaign, proposal.run.created_at)
    columns = [getattr(ProposedPlacement, name) for name in ("idea_id", "theme", "leftover", "node", "passages")]
    rows = session.execute(select(*columns).where(ProposedPlacement.proposal_id == proposal.id))
    return {row.idea_id: row for row in rows if row.idea_id not in revised}


def _leftover_changes(today: PlacementRow, proposed: Row[Any] | None) -> bool:
    """True where an idea has no theme before and after, but its leftover reason changes (outlier, ambiguous, …)."""
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


def _replace_passages(session: Session, plan: _Plan, placements: Mapping[int, PlacementRow]) -> None:
    """Write the passages that the run found, once the ideas are where they go.

    In a theme whose change is declined, those of today stay; so do those of ideas that are not in the run.
    """
    campaign, theme_ids = plan.proposal.campaign, plan.theme_ids()
    taken = {number: theme_id for number, theme_id in theme_ids.items() if number not in plan.declined}
    proposed = {
        idea_id: FoundPassages(theme_ids.get(row.theme or 0), numbered(row.passages, taken))
        for idea_id, row in plan.proposed.items()
        if row.passages
    }
    here = load_passages(session, campaign)
    mains = {idea_id: row.theme_id for idea_id, row in placements.items()}
    replaced = {
        idea_id: [row for row in rows if row.theme_id not in plan.declined]
        for idea_id, rows in here.items()
        if idea_id in plan.proposed
    }
    found = found_passages(session, proposed, mains, plan.state.forbidden, here=replaced)
    for idea_id, rows in here.items():
        stay = [row for row in rows if idea_id not in plan.proposed or row.theme_id in plan.declined]
        found[idea_id] = found.get(idea_id, []) + stay
    replace_passages(session, campaign, found, here=here)


def _columns(plan: _Plan, today: PlacementRow, theme_ids: Mapping[int, int], active: Collection[int]) -> dict[str, Any]:
    """The columns of an idea's theme once the proposal is accepted."""
    target, leftover = today.theme_id, today.leftover
    if today.idea_id in plan.moves:
        number = plan.moves[today.idea_id][1]
        target, leftover = None if number is None else theme_ids[number], plan.proposed[today.idea_id].leftover
    elif today.idea_id in plan.changed_leftovers:
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
