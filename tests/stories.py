"""Stories: one campaign through whatever acts, in whatever order, and what holds after each of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from ideas.activity.version import Version
from ideas.answers.action import Action, abandon_action, actions_in, commit_to, delivery, drop_action, report_progress
from ideas.answers.debriefs.debrief import debrief_of, publish_debrief, write_debrief
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
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.campaigns.promise import NAMES, PROMISES, CampaignText, close_now, promise_of, write_campaign
from ideas.contributions.comment import add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea, restore_idea, revise_idea, withdraw_idea
from ideas.contributions.vote import cast_vote
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.edits.edit import merge_themes, split_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.edits.move import move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, active_themes

ANSWERING = (
    "decide", "decline", "promise", "withdraw", "commit", "progress", "done", "done", "abandon", "drop", "merge",
    "undo", "write", "publish", "publish",
)  # fmt: skip
TAKING_PART = ("submit", "revise", "retract", "support", "comment", "close")
# From an open campaign to a published debrief, whatever was answered before.
TO_THE_DEBRIEF = (("close", 0, 0), ("decide", 0, 0), ("promise", 0, 8), ("publish", 0, 0))
CHANGING = ("move", "move", "split", "promise_more", "promise_less")
small = st.integers(0, 9)


def steps_of(acts: Sequence[str], *, least: int = 5, most: int = 40) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """Stories: which act, and two small numbers that say on what and how."""
    return st.lists(st.tuples(st.sampled_from(acts), small, small), min_size=least, max_size=most)


def hurried(examples: int) -> settings:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(deadline=None, max_examples=examples, suppress_health_check=checks)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """What is done inside is undone at the end, however it ends: the next example begins as this one did."""
    attempt = connection.begin_nested()
    try:
        yield
    finally:
        attempt.rollback()


@dataclass
class Story:
    """One campaign through acts of its owner, `by`, and of people who take part, `others`.

    `texts`, `answers`, `actions`, `versions`: all that was ever public, as it was first seen. `numbers`: the content of
    each answer to a theme under its number, also of one that was never published.
    """

    session: Any
    campaign: Campaign
    by: Any
    now: datetime
    others: Sequence[Person] = ()
    texts: dict[int, str] = field(default_factory=dict)
    answers: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    actions: dict[int, str] = field(default_factory=dict)
    versions: dict[tuple[str, int, int], Any] = field(default_factory=dict)
    numbers: dict[tuple[int, int], Any] = field(default_factory=dict)

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

    # People who take part -------------------------------------------------------------------------------------------

    def _idea(self, place: int) -> Idea:
        ideas = self.session.scalars(select(Idea).where(Idea.campaign_id == self.campaign.id).order_by(Idea.id)).all()
        return ideas[place % len(ideas)]

    def _someone(self, place: int) -> Person:
        return self.others[place % len(self.others)]

    def _submit(self, one: int, two: int) -> None:
        """The idea is placed at once, as the worker does a moment later."""
        theme = self._theme(two)
        facts = {"author": self._someone(one), "title": "", "body": f"Idea {two}", "now": self.now}
        idea = submit_idea(self.session, self.campaign, **facts)
        if idea.submitted_at is not None:
            self.session.add(Placement(idea_id=idea.id, campaign_id=self.campaign.id, theme_id=theme.id))

    def _revise(self, one: int, two: int) -> None:
        idea = self._idea(one)
        revise_idea(self.session, idea, by=idea.author, title="", body=f"Better {two}", now=self.now)

    def _retract(self, one: int, two: int) -> None:
        idea = self._idea(one)
        (withdraw_idea if two % 2 else restore_idea)(self.session, idea, by=idea.author, now=self.now)

    def _support(self, one: int, two: int) -> None:
        cast_vote(self.session, self._idea(one), by=self._someone(two), now=self.now)

    def _comment(self, one: int, two: int) -> None:
        add_comment(self.session, self._idea(one), author=self._someone(two), body="Yes.", now=self.now)

    # What is changed after it was said ------------------------------------------------------------------------------

    def _close(self, _one: int, _two: int) -> None:
        lock_campaign(self.session, self.campaign)
        close_now(self.session, self.campaign, reason="Enough.", by=self.by, now=self.now)

    def _promise_more(self, one: int, two: int) -> None:
        """Put off the debrief, and while the campaign is open its closing."""
        moved = {"debrief_due_at": self.campaign.debrief_due_at + timedelta(days=one)}
        if self.campaign.is_open(self.now):
            moved["closes_at"] = self.campaign.closes_at + timedelta(hours=two)
        self._rewrite(**moved)

    def _promise_less(self, one: int, two: int) -> None:
        self._rewrite(**({"benefit": f"Only {one}."} if two % 2 else {"owner_word": f"Word {one}."}))

    def _rewrite(self, **changes: Any) -> None:
        text = CampaignText(**{name: getattr(self.campaign, name) for name in NAMES} | changes)
        reason = "Because." if PROMISES.intersection(changes) else ""
        write_campaign(self.session, self.campaign, text=text, by=self.by, now=self.now, change_reason=reason)

    def _move(self, one: int, two: int) -> None:
        to = None if two == 0 else self._theme(two)
        facts = {"by": self.by, "now": self.now, "reason": "Misread."}
        move_ideas(self.session, self.campaign, idea_ids=[self._idea(one).id], to=to, **facts)

    def _split(self, one: int, two: int) -> None:
        theme = self._theme(one)
        ids = self.session.scalars(select(Placement.idea_id).where(Placement.theme_id == theme.id)).all()
        facts = {"by": self.by, "now": self.now, "reason": "Two things."}
        split_theme(self.session, theme, idea_ids=ids[: 1 + two % 3], name=f"Part {two}", **facts)

    # What always holds ----------------------------------------------------------------------------------------------

    def check(self) -> None:
        self._check_versions()
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

    def _check_versions(self) -> None:
        """What was kept under a number stays under it; numbers go up, in time; a published row is its last version."""
        kept = self.session.scalars(select(Version).order_by(Version.id)).all()
        versions = {
            (version.object_kind, version.object_id, version.number): (version.content, version.at, version.reason)
            for version in kept
        }
        assert len(versions) == len(kept)
        assert versions.items() >= self.versions.items()
        self.versions = versions
        latest: dict[tuple[str, int], Version] = {}
        for version in kept:
            before = latest.get((version.object_kind, version.object_id))
            assert before is None or (before.number < version.number and before.at <= version.at)
            latest[version.object_kind, version.object_id] = version
        assert latest["campaign", self.campaign.id].number == self.campaign.version
        assert latest["campaign", self.campaign.id].content == promise_of(self.campaign)
        for decision in self.session.scalars(select(Decision)):
            assert decision.published_at is None or latest["decision", decision.id].number == decision.version
            given = (decision.status, decision.reason, decision.expected_on)
            assert self.numbers.setdefault((decision.theme_id, decision.version), given) == given

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
