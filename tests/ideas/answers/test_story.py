"""Whatever is published, changed, abandoned, done, merged and undone, in whatever order: nothing published disappears,
and follow-through equals a recount."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import first_broken
from ideas.answers.action import (
    Action,
    abandon_action,
    actions_in,
    commit_to,
    delivery,
    drop_action,
    report_progress,
)
from ideas.answers.debrief import debrief_of, publish_debrief, write_debrief
from ideas.answers.decision import (
    Decision,
    DecisionStatus,
    decide,
    decision_on,
    decisions_in,
    promise_answers,
    publish_answers,
    unanswered,
    withdraw_decision,
)
from ideas.answers.earlier import merged_answers, published_answers, published_texts
from ideas.campaigns.campaign import Campaign, State
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.history import edit_history
from ideas.themes.edits.undo import undo_edit
from ideas.themes.theme import Theme, active_themes

pytestmark = pytest.mark.slow

ACTS = (
    "decide", "decline", "promise", "withdraw", "commit", "progress", "done", "done", "abandon", "drop", "merge",
    "undo", "write", "publish", "publish",
)  # fmt: skip
small = st.integers(0, 9)
steps = st.lists(st.tuples(st.sampled_from(ACTS), small, small), min_size=5, max_size=40)
hurried = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass
class Story:
    """One campaign through acts. `texts`, `answers`, `actions`: all that was ever public, as it was first seen."""

    session: Any
    campaign: Campaign
    by: Any
    now: datetime
    texts: dict[int, str] = field(default_factory=dict)
    answers: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    actions: dict[int, str] = field(default_factory=dict)

    def take(self, act: str, one: int, two: int) -> None:
        self.now += timedelta(minutes=1)
        try:
            getattr(self, f"_{act}")(one, two)
            self.session.commit()
        except DomainError:
            self.session.rollback()

    def _theme(self, place: int) -> Theme:
        themes = active_themes(self.session, self.campaign)
        return themes[place % len(themes)]

    def _answer(self, theme: Theme, status: DecisionStatus, reason: str, **more: Any) -> None:
        facts = {"by": self.by, "now": self.now, "respondent": self.by, "decided_on": self.now.date()}
        decide(self.session, theme, status=status, reason=reason, change_reason="Because.", **facts, **more)

    def _decide(self, one: int, two: int) -> None:
        statuses = [DecisionStatus.ADOPTED, DecisionStatus.PLANNED, DecisionStatus.DONE]
        self._answer(self._theme(one), statuses[two % 3], f"Reason {two}.")

    def _decline(self, one: int, two: int) -> None:
        self._answer(
            self._theme(one), DecisionStatus.DECLINED, f"No {two}.", abandon_reason="Dear." if two % 2 else None
        )

    def _promise(self, one: int, two: int) -> None:
        day = self.now.date() + timedelta(days=two)
        if two % 2:
            self._answer(self._theme(one), DecisionStatus.PENDING, "", expected_on=day)
        dates = {theme.id: day for theme in unanswered(self.session, self.campaign, by=self.by, now=self.now)}
        promise_answers(self.session, self.campaign, dates=dates, by=self.by, now=self.now)

    def _withdraw(self, one: int, _two: int) -> None:
        decision = decision_on(self.session, self._theme(one))
        if decision is not None:
            withdraw_decision(self.session, decision, campaign=self.campaign, by=self.by, now=self.now)

    def _commit(self, one: int, two: int) -> None:
        decision = decision_on(self.session, self._theme(one))
        if decision is not None:
            facts = {"impact": "", "owner": self.by, "due_on": self.now.date(), "by": self.by, "now": self.now}
            commit_to(self.session, decision, title=f"Action {two}", **facts)

    def _action(self, place: int) -> Action | None:
        every = [action for some in actions_in(self.session, self.campaign).values() for action in some]
        return every[place % len(every)] if every else None

    def _progress(self, one: int, two: int) -> None:
        if (action := self._action(one)) is not None:
            report_progress(self.session, action, progress=10 * two, reason="So.", by=self.by, now=self.now)

    def _done(self, one: int, _two: int) -> None:
        if (action := self._action(one)) is not None:
            report_progress(self.session, action, progress=100, by=self.by, now=self.now)

    def _abandon(self, one: int, two: int) -> None:
        if (action := self._action(one)) is not None and two > 5:
            abandon_action(self.session, action, reason="Dear.", by=self.by, now=self.now)

    def _drop(self, one: int, _two: int) -> None:
        if (action := self._action(one)) is not None:
            drop_action(self.session, action, by=self.by, now=self.now)

    def _merge(self, one: int, two: int) -> None:
        merge_themes(self.session, self._theme(one), others=[self._theme(two)], by=self.by, now=self.now, reason="So.")

    def _undo(self, one: int, _two: int) -> None:
        edits = [edit for edit in edit_history(self.session, self.campaign) if edit.undone_at is None]
        if edits:
            keep = decisions_in(self.session, self.campaign)
            undo_edit(self.session, edits[one % len(edits)], keep=keep, by=self.by, now=self.now, reason="So.")
            if self.campaign.debriefed_at is not None:
                publish_answers(self.session, self.campaign, by=self.by, now=self.now)

    def _write(self, one: int, _two: int) -> None:
        write_debrief(
            self.session, self.campaign, body=f"Text {one}.", by=self.by, now=self.now, change_reason="Better."
        )

    def _publish(self, one: int, two: int) -> None:
        if two % 2:
            self._promise(0, 9)
        debrief = debrief_of(self.session, self.campaign) or write_debrief(
            self.session, self.campaign, body=f"Text {one}.", by=self.by, now=self.now
        )
        publish_debrief(self.session, debrief, by=self.by, now=self.now)

    def check(self) -> None:
        self._check_nothing_published_is_gone()
        self._check_declined_themes_have_no_open_action()
        self._check_follow_through()

    def _check_nothing_published_is_gone(self) -> None:
        session, campaign = self.session, self.campaign
        shown = decisions_in(session, campaign)
        merged = merged_answers(session, campaign, actions=actions_in(session, campaign))
        public = [*shown.values(), *(answer.decision for answer in merged)] if campaign.debriefed_at else []
        assert all(decision.published_at is not None for decision in public)
        versions = {
            (decision.id, version.number): (version.status, version.reason)
            for decision in public
            for version in published_answers(session, decision)
        }
        assert versions.items() >= self.answers.items()
        self.answers = versions
        for decision in public:
            latest = published_answers(session, decision)[0]
            assert (latest.status, latest.reason) == (decision.status, decision.reason)
        debrief = debrief_of(session, campaign)
        if debrief is not None:
            texts = {text.number: text.body for text in published_texts(session, debrief)}
            assert texts.items() >= self.texts.items()
            self.texts = texts
        actions = {
            action.id: action.title
            for some in actions_in(session, campaign).values()
            for action in some
            if action.published_at is not None
        }
        assert actions.items() >= self.actions.items()
        self.actions = actions

    def _check_declined_themes_have_no_open_action(self) -> None:
        for decision in self.session.scalars(select(Decision)):
            if decision.status in {DecisionStatus.DECLINED, DecisionStatus.PENDING}:
                assert not any(action.is_open for action in decision.actions)

    def _check_follow_through(self) -> None:
        """In the session where the acts were done, and as anyone else reads it, it equals a recount."""
        actions = self.session.scalars(select(Action).where(Action.published_at.is_not(None))).all()
        kept = bool(actions) and all(action.done_at is not None for action in actions)
        assert (self.campaign.state(self.now) is State.FOLLOWED_THROUGH) == kept
        counted = delivery(self.session, self.campaign)
        assert counted.promised == len(actions)
        assert counted.done == sum(action.done_at is not None for action in actions)
        assert counted.abandoned == sum(action.abandoned_at is not None for action in actions)


@pytest.fixture
def cast(session, closed_campaign, make_theme, alice):
    """The ids of a closed campaign with three themes, and of its owner."""
    for number in range(3):
        make_theme(closed_campaign, f"Theme {number}")
    ids = closed_campaign.id, alice.id
    session.commit()
    return ids


@hurried
@given(steps=steps)
def test_nothing_published_disappears_and_follow_through_equals_a_recount(connection, cast, now, steps):
    attempt = connection.begin_nested()
    with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        campaign, owner = session.get_one(Campaign, cast[0]), session.get_one(Person, cast[1])
        story = Story(session, campaign, owner, now)
        for step in steps:
            story.take(*step)
            story.check()
        assert first_broken(session) is None
    attempt.rollback()
