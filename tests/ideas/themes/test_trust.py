"""Whatever people and runs do, in whatever order: what people decided is kept, and nothing is lost."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from clustering.types import Leftover, MeasuredTheme, Node
from ideas.activity.activity import _PENDING, Verb
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError
from ideas.themes.edits.edit import merge_themes, rename_theme, split_theme
from ideas.themes.edits.history import FOUND, TOUCHING, VERBS, EditKind, edit_history
from ideas.themes.edits.move import forbid, move_ideas, pin_ideas, set_aside, unpin_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Forbidden, Placement, theme_columns
from ideas.themes.refresh import load_reshaped, record_measures
from ideas.themes.runs.accept import accept, decline
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.difference import differences
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.runs.run import RunResult, latest_run, load_state
from ideas.themes.theme import active_themes
from tests.runs import found_theme, placed_idea, run_result

pytestmark = pytest.mark.slow

ACTS = ("rename", "merge", "split", "move", "alone", "pin", "unpin", "forbid")
RUNS = ("compute", "apply late", "run", "accept", "accept in part", "run, accept", "run, accept in part", "decline")
WAITING = ("compute", "apply late", "run", "decline")
OTHERS = ("undo", "undo", "arrive", "withdraw", "refresh")
small = st.integers(0, 9)
act_steps = st.tuples(st.sampled_from(ACTS), small, small, st.integers(1, 4))
run_steps = st.tuples(st.sampled_from(RUNS), small, small, st.integers(1, 4))
other_steps = st.tuples(st.sampled_from(OTHERS), small, small, st.integers(1, 4))
refresh_steps = st.tuples(st.just("refresh"), small, small, st.integers(1, 4))
steps = st.one_of(act_steps, run_steps, other_steps)
hurried = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass
class Story:
    """One campaign through acts and runs. A run may be late: it was computed from earlier themes."""

    session: Any
    campaign: Any
    by: Any
    now: Any
    late: list[RunResult] = field(default_factory=list)
    computed: int = 0
    taken: set[str] = field(default_factory=set)
    undone: EditKind | None = None
    arrived: set[int] = field(default_factory=set)

    def step(self, kind, *numbers):
        """Carry the step out, or change nothing where a rule refuses it. True if it was done."""
        self.undone = None
        with self.session.begin_nested() as point:
            try:
                self._do(kind, *numbers)
            except DomainError:
                point.rollback()
                return False
        return True

    def _do(self, kind, first, second, count):
        if kind in ACTS:
            self._act(kind, first, second, count)
        elif kind in RUNS:
            self._run(kind, first, second, count)
        elif kind == "arrive":
            self._arrive(like=second)
        elif kind == "refresh":
            self._refresh()
        elif kind == "withdraw":
            for idea in self.ideas()[second : second + 1]:
                idea.withdrawn_at = self.now
        else:
            history = edit_history(self.session, self.campaign)
            if history:
                edit = history[first % len(history)]
                undo_edit(self.session, edit, by=self.by, now=self.now)
                self.undone = edit.kind

    def _arrive(self, like):
        """A new idea, placed at once beside one that it is like, if that has its place."""
        facts = dict.fromkeys(("created_at", "updated_at", "submitted_at"), self.now)
        idea = Idea(campaign=self.campaign, author=self.by, body="One more", **facts)
        self.session.add(idea)
        self.session.flush()
        self.arrived.add(idea.id)
        for near in self.ideas()[like : like + 1]:
            beside = self.session.get(Placement, near.id)
            if beside is not None:
                facts = theme_columns(beside.theme_id) | {"node": beside.node, "neighbours": [near.id]}
                self.session.add(Placement(idea_id=idea.id, campaign_id=self.campaign.id, **facts))

    def _refresh(self):
        """What the job does: the words that it finds name the ideas that it read."""
        reshaped = load_reshaped(self.session, self.campaign)
        measured = {theme_id: MeasuredTheme(self.words_of(theme_id), (), 0.5, ()) for theme_id in reshaped.shapes}
        record_measures(self.session, self.campaign, reshaped, measured, {})

    def words_of(self, theme_id):
        """The ideas of a theme, but for those that came after it was measured."""
        found = self.session.scalars(select(Placement.idea_id).where(Placement.theme_id == theme_id))
        return ("of", *map(str, sorted(set(found) - self.arrived)))

    def _act(self, kind, first, second, count):
        themes = active_themes(self.session, self.campaign)
        if not themes:  # a run may leave every idea alone
            return
        one, other = themes[first % len(themes)], themes[second % len(themes)]
        chosen = {"idea_ids": [idea.id for idea in self.ideas()[second : second + count]]}
        in_themes = {
            "rename": partial(rename_theme, self.session, one, name=f"Name {second}"),
            "merge": partial(merge_themes, self.session, one, others=[other]),
            "split": partial(split_theme, self.session, one, name=f"Part {second}", **chosen),
        }
        of_ideas = {
            "move": partial(move_ideas, to=one),
            "alone": set_aside,
            "pin": pin_ideas,
            "unpin": unpin_ideas,
            "forbid": partial(forbid, theme=one),
        }
        if kind in in_themes:
            in_themes[kind](by=self.by, now=self.now)
        else:
            of_ideas[kind](self.session, self.campaign, **chosen, by=self.by, now=self.now)

    def _run(self, kind, first, second, count):
        if kind == "compute":
            self.late.append(self._found(first, second, count))
        if kind == "apply late" and self.late:
            apply_or_propose(self.session, self.campaign, self.late.pop(0), now=self.now)
        if kind.startswith("run"):
            apply_or_propose(self.session, self.campaign, self._found(first, second, count), now=self.now)
        waiting = open_proposal(self.session, self.campaign)
        if waiting is not None and kind == "decline":
            decline(self.session, waiting, by=self.by, now=self.now)
        elif waiting is not None and "accept" in kind:
            keys = [one.key for one in differences(self.session, waiting)]
            self.taken = set(keys[first % 2 :: 2]) if kind.endswith("in part") else set(keys)
            accept(self.session, waiting, keys=self.taken, by=self.by, now=self.now)

    def _found(self, first, second, count):
        """A run that ignores what people did: some themes continue, one is new, some ideas are left over.

        All its texts hold its number, so that they differ from those of other runs.
        """
        self.computed += 1
        mark = f"run {self.computed}"
        before = load_state(self.session, self.campaign)
        numbers = [*sorted(before.themes)[first % 2 :: 2], before.next_id, before.next_id + 1][: count + 1]
        groups = [[] for _ in range(2 + self.computed % 3)]
        placed, ideas = [], self.ideas()
        for place, idea in enumerate(ideas):
            number = [*numbers, None][(place * (second + 1) + first) % (len(numbers) + 1)]
            leftover = None if number is not None else Leftover.OUTLIER
            near = [(near, 0.9 - 0.2 * rank) for rank, near in enumerate(numbers[:3])]
            leaf = (place + self.computed) % len(groups)
            groups[leaf].append(idea.id)
            alike = [other.id for other in ideas[place - 2 : place]]
            x = self.computed % 10 / 10
            placed.append(placed_idea(idea.id, number, leftover, x, near, x, x, leaf, alike, [mark]))
        leaves = list(range(len(groups)))
        themes = [
            found_theme(number, f"Found {number}", [mark], [], 0.5, x, x, parts=leaves, languages=[(mark, 1.0)])
            for number in numbers
        ]
        tree = [Node(len(groups), 0.0, len(group), mark, [], 0.5, group) for group in groups]
        return run_result(
            themes, placed, new_from=before.next_id, families=[mark],
            tree=[*tree, Node(None, 1.0, len(ideas), mark, [], 0.5, [])], granularity=second % 7 - 3,
            read_at=self.now + timedelta(seconds=self.computed),
        )  # fmt: skip

    def ideas(self):
        return self.session.scalars(
            select(Idea).where(Idea.campaign_id == self.campaign.id, is_submitted()).order_by(Idea.id)
        ).all()

    def placed_by_people(self):
        rows = self.session.execute(
            select(Placement.idea_id, Placement.theme_id, Placement.placed_how)
            .join(Idea, Idea.id == Placement.idea_id)
            .where(Placement.placed_by_id.is_not(None), is_submitted())
        )
        return {idea_id: rest for idea_id, *rest in rows}

    def seen(self):
        """The theme of each idea, and the names of the themes."""
        rows = self.session.execute(select(Placement.idea_id, Placement.theme_id)).all()
        return dict(map(tuple, rows)), {theme.id: theme.name for theme in active_themes(self.session, self.campaign)}

    def holding(self):
        """The acts that are not undone, oldest first."""
        return [edit for edit in reversed(edit_history(self.session, self.campaign)) if edit.undone_at is None]

    def picture(self):
        """Everything that acts decide, and all that the run of today found and measured."""
        self.session.expire_all()
        run = latest_run(self.session, self.campaign)
        placements = select(*Placement.__table__.columns).order_by(Placement.idea_id)
        forbidden = (Forbidden.idea_id, Forbidden.theme_id, Forbidden.person_id, Forbidden.created_at)
        return (
            [
                [getattr(theme, name) for name in ("id", "name", "touched", *FOUND)]
                for theme in active_themes(self.session, self.campaign)
            ],
            self.session.execute(placements).all(),
            self.session.execute(select(*forbidden).order_by(*forbidden[:2])).all(),
            (run.id, run.tree, run.families, self.campaign.granularity, self.campaign.grouped_at),
        )

    def check(self):
        """What holds at any time."""
        active = {theme.id for theme in active_themes(self.session, self.campaign)}
        rows = self.session.execute(select(Placement.idea_id, Placement.theme_id)).all()
        assert {theme_id for _, theme_id in rows} - {None} <= active, "no idea is in a retired theme"
        forbidden = self.session.execute(select(Forbidden.idea_id, Forbidden.theme_id)).all()
        assert not set(rows) & set(forbidden), "no idea is where it is forbidden"

    def check_tree(self):
        """Every finest group, sub-theme and family is one of the run that the themes come from, and of no other."""
        run = latest_run(self.session, self.campaign)
        facts = (run.granularity, run.created_at)
        assert (self.campaign.granularity, self.campaign.grouped_at) == facts, "it says how fine, and of when"
        known = {idea_id for node in run.tree for idea_id in node.exemplars}
        rows = self.session.execute(select(Placement.idea_id, Placement.node, Placement.neighbours)).all()
        leaf_of = {idea_id: leaf for idea_id, leaf, _ in rows if leaf is not None}
        for idea_id, _, alike in rows:
            leaf = leaf_of.get(idea_id)
            if idea_id in known:
                assert leaf is None or idea_id in run.tree[leaf].exemplars, "its own finest group"
            else:
                assert leaf in {None, *map(leaf_of.get, alike)}, "that of an idea which is like it"
        for theme in active_themes(self.session, self.campaign):
            assert all(run.tree[part].name == run.families[0] for part in theme.parts)
            assert theme.family < max(len(run.families), 1)

    def check_shaped(self):
        """A theme that a person named, merged or split is there until a person merges it away."""
        there = {theme.id for theme in active_themes(self.session, self.campaign)}
        shaped = set()
        for edit in self.holding():
            if edit.kind in TOUCHING:
                for number, state in edit.after.themes.items():
                    (shaped.discard if state["retired"] else shaped.add)(number)
        assert shaped <= there

    def held_names(self):
        """The names that hold: of themes that people named, merged or split."""
        return {theme.id: theme.name for theme in active_themes(self.session, self.campaign) if theme.keeps_name}

    def check_fresh(self):
        """What is shown of a theme describes the ideas that it has, or nothing is shown."""
        for theme in active_themes(self.session, self.campaign):
            if not theme.measured:
                shown = (theme.phrases, theme.exemplars, theme.parts, theme.warnings, theme.languages, theme.apart)
                assert shown == ([], [], [], (), (), None)
            elif theme.phrases[:1] == ["of"]:
                assert tuple(theme.phrases) == self.words_of(theme.id)

    def check_recorded(self):
        """Every edit and every undoing is in the activity log, once; what was refused is not."""
        facts = [activity.facts for activity in self.session.info.get(_PENDING, ())]
        recorded = [fact["verb"] for fact in facts if fact["object_kind"] in {"theme_edit", "proposal"}]
        history = edit_history(self.session, self.campaign)
        others = {Verb.CREATED, Verb.DECLINED, Verb.UNDONE}  # a proposal that is made or declined is no edit
        assert sorted(verb for verb in recorded if verb not in others) == sorted(VERBS[edit.kind] for edit in history)
        assert recorded.count(Verb.UNDONE) == sum(edit.undone_at is not None for edit in history)

    def check_taken(self, earlier):
        """Nothing but what was taken of a proposal is done: see `ideas.themes.runs.apply`.

        A theme that holds nothing but what was withdrawn goes with it, and is in no proposal.
        """
        (before, names), (after, called) = earlier, self.seen()
        for idea_id in before.keys() & {idea.id for idea in self.ideas()}:
            theme_id, target = before[idea_id], after[idea_id]
            concerned = theme_id if target is None else target
            assert target == theme_id or str(concerned) in self.taken or concerned not in names, "its move was taken"
        renamed = {number for number in names.keys() & called.keys() if names[number] != called[number]}
        assert {str(number) for number in renamed} <= self.taken

    def check_places(self):
        placed = set(self.session.scalars(select(Placement.idea_id)))
        assert {idea.id for idea in self.ideas()} <= placed, "every submitted idea has its place"


@hurried
@given(st.lists(steps, min_size=6, max_size=14))
def test_what_people_decided_is_kept_through_every_run(session, campaign, themes, alice, now, path):
    with session.begin_nested() as attempt:
        session.info.pop(_PENDING, None)
        story = Story(session, campaign, alice, now)
        for kind, *numbers in path:
            placed_by_people, kept = story.placed_by_people(), load_state(session, campaign).kept
            seen, said, names = story.seen(), bool(story.holding()), story.held_names()
            done = story.step(kind, *numbers)
            story.check()
            story.check_tree()
            story.check_shaped()
            story.check_fresh()
            story.check_recorded()
            if kind != "rename" and story.undone is not EditKind.RENAME:
                there = story.seen()[1]
                assert {number: there[number] for number in names.keys() & there.keys()} == {
                    number: name for number, name in names.items() if number in there
                }, "a name holds until a person changes it"
            if kind in RUNS or story.undone is EditKind.ACCEPT:
                assert story.placed_by_people() == placed_by_people, (
                    "an idea that a person placed is never moved by a run"
                )
            if kind in RUNS:
                assert kept <= {theme.id for theme in active_themes(session, campaign)}, "nor their themes dropped"
            if said and seen[1] and kind in WAITING:  # where no theme is left, a run takes none away
                after, called = story.seen()
                before = {idea_id: seen[0].get(idea_id, there) for idea_id, there in after.items()}
                assert (after, called) == (before, seen[1]), "a run becomes a proposal"
            if said and done and kind in {"accept", "accept in part"}:
                story.check_taken(seen)
            if done and kind.startswith("run"):
                story.check_places()
        attempt.rollback()


@hurried
@given(st.lists(steps, min_size=2, max_size=8), st.sampled_from(ACTS), small, small)
def test_undoing_restores_exactly(session, campaign, themes, alice, now, path, last, first, second):
    with session.begin_nested() as attempt:
        story = Story(session, campaign, alice, now)
        for kind, *numbers in path:
            story.step(kind, *numbers)
        before, acts = story.picture(), len(edit_history(session, campaign))
        story.step(last, first, second, 3)
        history = edit_history(session, campaign)
        if len(history) > acts:
            undo_edit(session, history[0], by=alice, now=now)
        assert story.picture() == before
        story.check()
        attempt.rollback()


@hurried
@given(st.lists(steps, max_size=6), st.sampled_from(("accept", "accept in part")), small, small, st.booleans())
def test_undoing_an_acceptance_restores_exactly(session, campaign, themes, alice, now, path, last, first, second, late):
    with session.begin_nested() as attempt:
        story = Story(session, campaign, alice, now)
        story.step("rename", 0, 0, 1)
        for kind, *numbers in [*path, ("run", first, second, 3)]:
            story.step(kind, *numbers)
        before, known, waiting = story.picture(), len(story.ideas()), open_proposal(session, campaign)
        if story.step(last, first, second, 3) and waiting is not None:
            if late:
                story.step("arrive", first, second, 1)
            undo_edit(session, edit_history(session, campaign)[0], by=alice, now=now)
            story.check_tree()
            for idea in story.ideas()[known:]:
                session.execute(delete(Placement).where(Placement.idea_id == idea.id))
        assert story.picture() == before
        story.check()
        attempt.rollback()


@hurried
@given(st.lists(st.one_of(act_steps, refresh_steps), max_size=12))
def test_undoing_all_acts_in_reverse_restores_everything_exactly(session, campaign, themes, alice, now, path):
    with session.begin_nested() as attempt:
        story = Story(session, campaign, alice, now)
        before = story.picture()
        for kind, *numbers in path:
            story.step(kind, *numbers)
        for edit in edit_history(session, campaign):
            undo_edit(session, edit, by=alice, now=now)
            story.check()
        assert story.picture() == before
        attempt.rollback()
