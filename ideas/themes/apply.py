"""The owner's word on a proposal: all of it, a part of it, or none."""

from collections import Counter
from collections.abc import Collection, Container, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, false, or_, select
from sqlalchemy.orm import Session

from clustering.types import FoundTheme, Near
from ideas.answers.decision import decisions_in
from ideas.base import chunks
from ideas.campaigns.campaign import hold
from ideas.contributions.idea import Idea, is_submitted, revised_since
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.difference import differences, moves_of, theme_sizes
from ideas.themes.history import Act, EditKind, ThemeEdit
from ideas.themes.placement import Stand, change_stands, stands
from ideas.themes.proposal import Proposal, ProposalStatus, ProposedPlacement, close, take_measured
from ideas.themes.run import apply_run, describe, follow, relate, renumbered, standing
from ideas.themes.stored import names_theme
from ideas.themes.theme import Theme, active_themes, mark_reshaped, place, unmeasured


class ProposalClosed(Conflict):
    message = message_id("These changes are no longer proposed: they were accepted, declined, or a newer run came.")


class NothingTaken(DomainError):
    message = message_id("Choose at least one change, or keep all as it is.")


def accept(
    session: Session, proposal: Proposal, *, keys: Collection[str] | None = None, by: Person, now: datetime
) -> ThemeEdit:
    """Apply the proposal, or of its differences those with these keys; the rest is declined.

    What people did since the run holds. A theme that ends up empty is retired, unless people touched it or it has its
    answer. The owner and facilitators may; the act can be undone. Raises ProposalClosed, NothingTaken.
    """
    campaign = proposal.campaign
    _hold_open(session, proposal)
    changes = differences(session, proposal)
    offered = {difference.key for difference in changes if not difference.follows}
    taken = offered if keys is None else offered & set(keys)
    if offered and not taken:
        raise NothingTaken
    declined = set() if taken == offered else {difference.key for difference in changes} - taken
    acceptance = _Acceptance(session, proposal, declined=declined, now=now)
    act = acceptance.begin(by)
    proposal.status, proposal.closed_at, proposal.closed_by = ProposalStatus.ACCEPTED, now, by
    acceptance.apply()
    act.placements = acceptance.concerned(stands(session, campaign))
    act.summary = acceptance.summary(taken) | {"changes": len(taken), "offered": len(offered)}
    edit = act.record()
    edit.after = replace(edit.after, run=proposal.run_id)
    apply_run(session, campaign, proposal.run, themes=len(active_themes(session, campaign)), now=now)
    return edit


def decline(session: Session, proposal: Proposal, *, by: Person, now: datetime) -> None:
    """Leave all as it is. The owner and facilitators may. Raises ProposalClosed."""
    _hold_open(session, proposal)
    close(session, proposal, ProposalStatus.DECLINED, by=by, now=now)


def _hold_open(session: Session, proposal: Proposal) -> None:
    hold(session, proposal.campaign)
    session.refresh(proposal)
    if proposal.status is not ProposalStatus.OPEN:
        raise ProposalClosed


class _Acceptance:
    """Carries out what is taken of a proposal: finds all that changes first, so that the act can remember it."""

    def __init__(self, session: Session, proposal: Proposal, *, declined: Collection[str], now: datetime) -> None:
        self._session, self._proposal, self._campaign, self._now = session, proposal, proposal.campaign, now
        self._declined = {int(key) for key in declined}
        self._themes = proposal.themes
        self._active = {theme.id: theme for theme in active_themes(session, self._campaign)}
        moves = session.execute(moves_of(proposal, self._active))
        self._offered = {row.idea_id: (row.present, row.target) for row in moves}
        self._moves = {idea_id: move for idea_id, move in self._offered.items() if self._takes(*move)}
        self._new = self._new_themes()
        self._stands = stands(session, self._campaign)
        self._retiring = self._emptied()
        revised = revised_since(session, self._campaign, proposal.run.created_at)
        self._proposed = _rows_of(session, proposal, but=revised)
        self._turning = {idea_id for idea_id, stand in self._stands.items() if self._turns(stand)}

    def _takes(self, present: int | None, target: int | None) -> bool:
        """A move belongs to the theme where it goes, or to the one that it leaves for none."""
        return (present if target is None else target) not in self._declined

    def _new_themes(self) -> dict[int, Theme]:
        """A row for each new theme that gets ideas; not yet among the active ones."""
        new = {
            number: Theme(campaign_id=self._campaign.id, created_at=self._now, retired_at=self._now)
            for number in sorted({target for _, target in self._moves.values() if target is not None and target < 0})
        }
        self._session.add_all(new.values())
        self._session.flush()
        return new

    def _emptied(self) -> list[Theme]:
        """The themes that would have no idea left, but for those that live on in any case."""
        keep = decisions_in(self._session, self._campaign)
        kept = standing(self._session, self._campaign, keep=keep, here=self._stands).kept
        sizes = Counter(theme_sizes(self._session, self._campaign))
        for present, target in self._submitted_moves():
            if present is not None:
                sizes[present] -= 1
            if target is not None:
                sizes[target] += 1
        return [theme for theme in self._active.values() if theme.id not in kept and not sizes[theme.id]]

    def _submitted_moves(self) -> list[tuple[int | None, int | None]]:
        submitted = set(
            self._session.scalars(select(Idea.id).where(Idea.campaign_id == self._campaign.id, is_submitted()))
        )
        return [move for idea_id, move in self._moves.items() if idea_id in submitted]

    def begin(self, by: Person) -> Act:
        """The act, with the state of all that `apply` changes: `relate` looks at every theme."""
        themes = [*self._active.values(), *self._new.values()]
        concerned = self.concerned(self._stands)
        return Act(self._session, self._campaign, EditKind.ACCEPT, by, self._now, "", themes, concerned)

    def concerned(self, here: Mapping[int, Stand]) -> list[Stand]:
        """Of where ideas stand, that of those which the acceptance moves, or leaves over for another reason."""
        gone = {theme.id for theme in self._retiring}
        return [
            here[idea_id]
            for idea_id, stand in self._stands.items()
            if idea_id in self._moves or stand.theme_id in gone or idea_id in self._turning
        ]

    def _describes(self, facts: FoundTheme) -> bool:
        return facts.id in self._active and facts.id not in self._declined

    def _turns(self, stand: Stand) -> bool:
        """True where an idea stays left over, for another reason."""
        row = self._proposed.get(stand.idea_id)
        return (
            row is not None
            and stand.placed_by_id is None
            and stand.theme_id is None
            and row.theme is None
            and row.leftover is not stand.leftover
        )

    def apply(self) -> None:
        theme_ids = {number: theme.id for number, theme in self._new.items()}
        theme_ids |= {facts.id: facts.id for facts in self._themes if facts.id in self._active}
        for facts in self._themes:
            if facts.id in self._new:
                self._new[facts.id].retired_at = None
                describe(self._new[facts.id], facts)
            elif self._describes(facts):
                describe(self._active[facts.id], facts)
        for theme in self._retiring:
            theme.retired_at = self._now
        self._session.flush()
        said = [facts for facts in self._themes if facts.id in theme_ids]
        relate(
            self._session,
            self._campaign,
            said,
            {facts.id: theme_ids[facts.id] for facts in said if facts.id not in self._declined},
        )
        self._mark_reshaped()
        self._put_ideas(theme_ids)
        self._proposal.run.events = tuple(renumbered(event, theme_ids) for event in self._proposal.run.events)

    def _mark_reshaped(self) -> None:
        """Say of no theme what the run measured where only a part of its moves is taken, or what one before it did."""
        taken = {number for move in self._moves.values() for number in move}
        left = {number for idea_id, move in self._offered.items() if idea_id not in self._moves for number in move}
        described = {facts.id for facts in self._themes if facts.id in self._new or self._describes(facts)}
        for number, theme in (self._active | self._new).items():
            if number in (left if number in described else taken):
                mark_reshaped(theme)

    def _put_ideas(self, theme_ids: Mapping[int, int]) -> None:
        here = {theme.id for theme in active_themes(self._session, self._campaign)}
        known = [stand for idea_id, stand in self._stands.items() if idea_id in self._proposed]
        unknown = [stand for idea_id, stand in self._stands.items() if idea_id not in self._proposed]
        leaves = {idea_id: row.node for idea_id, row in self._proposed.items()}
        where = {stand.idea_id: self._where(stand, theme_ids, here) for stand in known}
        elsewhere = {idea_id for idea_id, put in where.items() if put["theme_id"] != self._found(idea_id, theme_ids)}
        moving = {stand.idea_id for stand in known if where[stand.idea_id] != place(stand.theme_id, stand.leftover)}
        nearest = self._nearest(theme_ids, elsewhere | moving)
        take_measured(self._session, self._proposal)
        there: list[dict[str, Any]] = []
        not_there: list[dict[str, Any]] = []
        for idea_id, near in nearest.items():
            row = {"idea_id": idea_id, "nearest": near} | where[idea_id]
            if idea_id in elsewhere:
                not_there.append(row | unmeasured(where[idea_id]["theme_id"], near))
            else:
                there.append(row)
        change_stands(self._session, there)
        change_stands(self._session, not_there)
        change_stands(self._session, follow(self._session, unknown, here, leaves))

    def _where(self, stand: Stand, theme_ids: Mapping[int, int], here: Container[int]) -> dict[str, Any]:
        """Where an idea stands that the proposal knows, once it is accepted."""
        target, leftover = stand.theme_id, stand.leftover
        if stand.idea_id in self._moves:
            number = self._moves[stand.idea_id][1]
            target, leftover = None if number is None else theme_ids[number], self._proposed[stand.idea_id].leftover
        elif stand.idea_id in self._turning:
            leftover = self._proposed[stand.idea_id].leftover
        return place(target if target in here else None, leftover)

    def _found(self, idea_id: int, theme_ids: Mapping[int, int]) -> int | None:
        """The theme where the run measured an idea."""
        number = self._proposed[idea_id].theme
        return None if number is None else theme_ids.get(number)

    def _nearest(self, theme_ids: Mapping[int, int], ideas: Collection[int]) -> dict[int, tuple[Near, ...]]:
        """The nearest themes of these ideas, and of all where they bear another number by now."""
        others = [facts.id for facts in self._themes if theme_ids.get(facts.id) != facts.id]
        of_proposal = select(ProposedPlacement.idea_id, ProposedPlacement.nearest).where(
            ProposedPlacement.proposal_id == self._proposal.id
        )
        mention = or_(false(), *(names_theme(ProposedPlacement.nearest, number) for number in others))
        rows = [*self._session.execute(of_proposal.where(mention))]
        for some in chunks(sorted(ideas)):
            rows += self._session.execute(of_proposal.where(ProposedPlacement.idea_id.in_(some)))
        return {
            idea_id: tuple(Near(theme_ids[near.theme], near.strength) for near in nearest if near.theme in theme_ids)
            for idea_id, nearest in rows
            if idea_id in self._proposed
        }

    def summary(self, taken: Collection[str]) -> dict[str, Any]:
        """What the history shows. The themes are those of the differences that are taken, and those that go."""
        themes = self._active | self._new
        return {
            "themes": [theme.id for key, theme in themes.items() if str(key) in taken or theme in self._retiring],
            "ideas": len(self._moves),
            "born": [theme.name for theme in self._new.values()],
            "gone": [theme.name for theme in self._retiring],
        }


def _rows_of(session: Session, proposal: Proposal, *, but: Container[int]) -> dict[int, Row[Any]]:
    """Where each idea would stand, by its id, `but` of some, and its finest group."""
    columns = [getattr(ProposedPlacement, name) for name in ("idea_id", "theme", "leftover", "node")]
    rows = session.execute(select(*columns).where(ProposedPlacement.proposal_id == proposal.id))
    return {row.idea_id: row for row in rows if row.idea_id not in but}
