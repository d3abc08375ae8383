"""The owner's word on a proposal: all of it, a part of it, or none."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.campaign import hold
from ideas.decision import decisions_in
from ideas.errors import Conflict, DomainError, message_id
from ideas.idea import Idea, is_submitted
from ideas.person import Person
from ideas.proposal import (
    Proposal,
    ProposalStatus,
    ProposedPlacement,
    close,
    differences,
    moves_of,
    theme_sizes,
    themes_of,
)
from ideas.theme import Placement, Theme, active_themes, put
from ideas.theme_edit import Act, EditKind, ThemeEdit
from ideas.theme_run import ThemeFound, apply_run, describe, measure, relate, standing


class ProposalClosed(Conflict):
    message = message_id("These changes are no longer proposed: they were accepted, declined, or a newer run came.")


class NothingTaken(DomainError):
    message = message_id("Choose at least one change, or decline them all.")


def accept(
    session: Session, proposal: Proposal, *, keys: Collection[str] | None = None, by: Person, now: datetime
) -> ThemeEdit:
    """Apply the proposal, or of its differences those with these keys; the rest is declined.

    What people did since the run holds. A theme that ends up empty is retired, unless people touched it or it has its
    answer. The owner and facilitators may; the act can be undone. Raises ProposalClosed, NothingTaken.
    """
    campaign = proposal.campaign
    _hold_open(session, proposal)
    offered = {difference.key for difference in differences(session, proposal)}
    taken = offered if keys is None else offered & set(keys)
    if offered and not taken:
        raise NothingTaken
    acceptance = _Acceptance(session, proposal, declined=offered - taken, now=now)
    act = acceptance.begin(by)
    acceptance.apply()
    act.summary = acceptance.summary() | {"changes": len(taken), "offered": len(offered)}
    edit = act.record()
    close(session, proposal, ProposalStatus.ACCEPTED, by=by, now=now)
    apply_run(campaign, proposal.run, themes=len(active_themes(session, campaign)), now=now)
    edit.after = edit.after | {"granularity": campaign.granularity}
    session.flush()
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
        self._themes = themes_of(proposal)
        self._active = {theme.id: theme for theme in active_themes(session, self._campaign)}
        self._moves = {
            row.idea_id: (row.present, row.target)
            for row in session.execute(moves_of(proposal, self._active))
            if self._takes(row.present, row.target)
        }
        self._new = self._new_themes()
        self._retiring = self._emptied()
        self._proposed = {
            row.idea_id: row
            for row in session.scalars(select(ProposedPlacement).where(ProposedPlacement.proposal_id == proposal.id))
        }
        self._placements = session.scalars(select(Placement).where(Placement.campaign_id == self._campaign.id)).all()

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
        kept = standing(self._session, self._campaign, keep=keep).kept
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
        """The act, with the state of all that `apply` changes."""
        described = [self._active[facts.id] for facts in self._themes if self._describes(facts)]
        gone = {theme.id for theme in self._retiring}
        concerned = [
            placement
            for placement in self._placements
            if placement.idea_id in self._moves or placement.theme_id in gone or self._turns(placement)
        ]
        themes = list(dict.fromkeys([*described, *self._retiring, *self._new.values()]))
        act = Act(self._session, self._campaign, EditKind.ACCEPT, by, self._now, "", themes, concerned)
        act.before["granularity"] = self._campaign.granularity
        return act

    def _describes(self, facts: ThemeFound) -> bool:
        return facts.id in self._active and facts.id not in self._declined

    def _turns(self, placement: Placement) -> bool:
        """True where an idea stays left over, for another reason."""
        row = self._proposed.get(placement.idea_id)
        return (
            row is not None
            and placement.placed_by_id is None
            and placement.theme_id is None
            and row.theme is None
            and row.leftover is not placement.leftover
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
        self._put_ideas(theme_ids)
        self._proposal.run.events = [_event(event, theme_ids) for event in self._proposal.run.events]

    def _put_ideas(self, theme_ids: Mapping[int, int]) -> None:
        gone = {theme.id for theme in self._retiring}
        for placement in self._placements:
            row = self._proposed.get(placement.idea_id)
            if row is not None:
                measure(placement, row.facts(), theme_ids)
            else:
                placement.leaf = next(
                    (self._proposed[idea].leaf for idea in placement.neighbours if idea in self._proposed), None
                )
            turns = self._turns(placement)
            if row is not None and placement.idea_id in self._moves:
                target = self._moves[placement.idea_id][1]
                put(placement, None if target is None else theme_ids[target], row.leftover)
            elif row is not None and turns:
                placement.leftover = row.leftover
            if placement.theme_id in gone:
                put(placement, None)
        self._session.flush()

    def summary(self) -> dict[str, Any]:
        """What the history shows."""
        return {
            "ideas": len(self._moves),
            "born": [theme.name for theme in self._new.values()],
            "gone": [theme.name for theme in self._retiring],
        }


def _event(event: Mapping[str, Any], theme_ids: Mapping[int, int]) -> dict[str, Any]:
    """The event with the rows of new themes in place of the proposal's numbers."""
    return {
        "change": event["change"],
        "theme": theme_ids.get(event["theme"], event["theme"]),
        "others": [theme_ids.get(other, other) for other in event["others"]],
    }
