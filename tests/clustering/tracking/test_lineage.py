"""Themes keep their ids, and what people did holds, over any regrouping."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.tracking.lineage import trace
from clustering.types import Change, Event, Previous


def previous(theme_of, placed=None, kept=frozenset(), next_id=None):
    last = max([0, *theme_of.values(), *(placed or {}).values(), *kept])
    return Previous(theme_of, {}, placed or {}, frozenset(kept), next_id or last + 1)


def test_new_groups_are_numbered_by_size():
    lineage = trace(list("abcde"), [7, 3, 3, None, 3], None)
    assert lineage.theme_of == (2, 1, 1, None, 1)
    assert lineage.ids == (1, 2)


def test_the_id_goes_where_most_members_stay():
    before = previous(dict.fromkeys("abcd", 5) | dict.fromkeys("ef", 6))
    lineage = trace(list("abcdef"), [0, 0, 0, 1, 1, 1], before)
    assert lineage.theme_of == (5, 5, 5, 6, 6, 6)


def test_a_split_leaves_the_id_with_the_larger_part():
    before = previous(dict.fromkeys("abcde", 5))
    assert trace(list("abcde"), [0, 0, 1, 1, 1], before).theme_of == (6, 6, 5, 5, 5)


def test_a_merger_keeps_the_id_of_the_larger_part():
    before = previous(dict.fromkeys("abc", 5) | dict.fromkeys("de", 6))
    assert trace(list("abcde"), [0] * 5, before).theme_of == (5,) * 5


def test_a_theme_whose_ideas_are_scattered_is_not_continued():
    before = previous(dict.fromkeys("abcd", 5))
    groups = [0, 1, 2, 3] + [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    keys = list("abcdefghijklmnop")
    before.theme_of.update(dict.fromkeys(keys[4:], 6))
    assert 5 not in trace(keys, groups, before).ids


def test_a_kept_theme_holds_its_ideas_when_nothing_continues_it():
    before = previous(dict.fromkeys("ab", 5) | dict.fromkeys("cdef", 6), kept={5})
    assert trace(list("abcdef"), [0] * 6, before).theme_of == (5, 5, 6, 6, 6, 6)


def test_a_kept_theme_stays_even_when_all_its_ideas_are_gone():
    lineage = trace(list("ab"), [0, 0], previous({"gone": 5}, kept={5}))
    assert lineage.ids == (5, 6)


def test_small_remains_are_dissolved():
    before = previous({}, placed={"a": 5, "b": 5})
    assert trace(list("abc"), [0, 0, 0], before, smallest=2).theme_of == (5, 5, None)


KEYS = [f"k{number}" for number in range(14)]
themes = st.integers(min_value=1, max_value=4)
groupings = st.lists(st.none() | st.integers(0, 3), min_size=len(KEYS), max_size=len(KEYS))
befores = st.builds(
    previous,
    theme_of=st.dictionaries(st.sampled_from([*KEYS, "gone"]), themes),
    placed=st.dictionaries(st.sampled_from(KEYS), themes, max_size=4),
    kept=st.frozensets(themes, max_size=2),
)


@given(groupings, befores)
@settings(deadline=None)
def test_what_people_did_always_holds(groups, before):
    lineage = trace(KEYS, groups, before, smallest=2)
    theme_of = dict(zip(KEYS, lineage.theme_of, strict=True))
    for key, theme in before.placed.items():
        assert theme_of[key] == theme
    assert before.kept | set(before.placed.values()) <= set(lineage.ids)
    assert {theme for theme in theme_of.values() if theme is not None} <= set(lineage.ids)
    new = set(lineage.ids) - set(before.theme_of.values()) - set(before.placed.values()) - before.kept
    assert all(theme >= before.next_id for theme in new)


@given(groupings, befores)
@settings(deadline=None)
def test_without_people_ideas_of_a_group_stay_together(groups, before):
    free = previous(dict(before.theme_of))
    lineage = trace(KEYS, groups, free)
    ids = {}
    for group, theme in zip(groups, lineage.theme_of, strict=True):
        assert (group is None) == (theme is None)
        assert ids.setdefault(group, theme) == theme
    assert len(set(ids.values())) == len(ids)


@given(groupings, befores)
@settings(deadline=None)
def test_the_same_groups_again_change_nothing(groups, before):
    first = trace(KEYS, groups, before)
    theme_of = {key: theme for key, theme in zip(KEYS, first.theme_of, strict=True) if theme is not None}
    again = Previous(theme_of, {}, before.placed, before.kept, max([before.next_id, *(t + 1 for t in first.ids)]))
    second = trace(KEYS, list(first.theme_of), again)
    assert (second.theme_of, second.ids) == (first.theme_of, first.ids)
    assert second.events == ()


@given(groupings, befores, st.integers(1, 4))
@settings(deadline=None)
def test_a_theme_that_stays_whole_keeps_its_id(groups, before, theme):
    """If a free theme's ideas are exactly one group, that group has its id."""
    free = previous(dict(before.theme_of))
    members = [key for key in KEYS if free.theme_of.get(key) == theme]
    if not members:
        return
    whole = [9 if key in members else group for key, group in zip(KEYS, groups, strict=True)]
    lineage = trace(KEYS, whole, free)
    assert {lineage.theme_of[KEYS.index(key)] for key in members} == {theme}


def run_after(before, after, **said):
    """Traces groups `after` on top of themes `before`, both as one letter or dot for each idea."""
    ids = {letter: number for number, letter in enumerate("ABCDE", start=1)}
    theme_of = {str(row): ids[letter] for row, letter in enumerate(before) if letter in ids}
    groups = [None if letter == "." else ord(letter) for letter in after]
    keys = [str(row) for row in range(len(after))]
    return trace(keys, groups, Previous(theme_of, {}, next_id=9, **({"placed": {}, "kept": frozenset()} | said)))


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        ("AAAABBBB", "xxxxyyyy", []),
        ("AAAABBBB", "xxxxxxxx", [Event(Change.MERGED, 1, (2,))]),
        ("AAAAAAAA", "xxxxxyyy", [Event(Change.SPLIT, 1, (9,))]),
        ("AAAA....", "xxxxyyyy", [Event(Change.BORN, 9)]),
        ("AAAABBBB", "xxxx....", [Event(Change.GONE, 2)]),
        ("AAAA....", "xxxxxx..", [Event(Change.GROWN, 1)]),
        ("AAAAAA..", "xxxx....", [Event(Change.SHRUNK, 1)]),
        ("AAAAAAAAAA", "xxxxyyyzzz", [Event(Change.SPLIT, 1, (9, 10))]),
        ("AAAAAABBB", "xxxxyyxxx", [Event(Change.MERGED, 1, (2,)), Event(Change.SPLIT, 1, (9,))]),
        ("AAABBBCCCC", "xxxxxxxxxx", [Event(Change.MERGED, 3, (1, 2))]),
        ("AAABBB....", "xxyxxy....", [Event(Change.MERGED, 1, (2,)), Event(Change.BORN, 9)]),
        ("AAAABBBB", "xx..yy..", [Event(Change.SHRUNK, 1), Event(Change.SHRUNK, 2)]),
        ("AAAA", "....", [Event(Change.GONE, 1)]),
        ("", "xxxx", [Event(Change.BORN, 9)]),
    ],
)
def test_there_is_an_event_for_each_change_of_a_theme(before, after, events):
    assert list(run_after(before, after).events) == events


def test_an_id_does_not_follow_a_few_of_its_ideas_into_a_theme_of_new_ones():
    """Nine of ten go to another theme: that one took it in, and where the tenth went is a new theme."""
    lineage = run_after("A" * 10 + "B" * 12 + "." * 30, "x" * 9 + "y" + "x" * 12 + "y" * 30)
    assert set(lineage.theme_of) == {2, 9}
    assert list(lineage.events) == [Event(Change.MERGED, 2, (1,)), Event(Change.BORN, 9)]


def test_an_id_stays_with_the_few_ideas_that_are_still_a_group():
    lineage = run_after("A" * 10 + "B" * 12, "x" * 6 + "y" * 4 + "x" * 12)
    assert lineage.theme_of == (2,) * 6 + (1,) * 4 + (2,) * 12
    assert list(lineage.events) == [Event(Change.SHRUNK, 1), Event(Change.GROWN, 2)]


def test_of_two_halves_with_new_ideas_one_keeps_the_id():
    lineage = run_after("A" * 10 + "." * 40, "x" * 5 + "y" * 5 + "x" * 20 + "y" * 20)
    assert list(lineage.events) == [Event(Change.SPLIT, 1, (9,))]


def test_a_single_moved_idea_draws_no_new_ideas():
    lineage = run_after("AAAAAB..........", "xxxxxyyyyyyyyyyy", placed={"5": 1}, kept=frozenset({1}))
    assert lineage.theme_of[:6] == (1,) * 6
    assert set(lineage.theme_of[6:]) == {2}


@given(groupings, befores, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_rows_decides_nothing(groups, before, random):
    order = list(range(len(KEYS)))
    random.shuffle(order)
    one = trace(KEYS, groups, before, smallest=2)
    other = trace([KEYS[row] for row in order], [groups[row] for row in order], before, smallest=2)
    assert [one.theme_of[row] for row in order] == list(other.theme_of)
    assert (one.ids, one.events) == (other.ids, other.events)


@pytest.mark.slow
@given(groupings, befores)
@settings(deadline=None, max_examples=300)
def test_each_theme_has_at_most_one_event_and_it_is_right(groups, before):
    lineage = trace(KEYS, groups, before, smallest=2)
    there = set(before.theme_of.values()) | before.kept | set(before.placed.values())
    reported = [(event.change, event.theme) for event in lineage.events]
    assert len(set(reported)) == len(reported)
    taken_in = [other for event in lineage.events if event.change is Change.MERGED for other in event.others]
    came_out = [other for event in lineage.events if event.change is Change.SPLIT for other in event.others]
    gone = [theme for change, theme in reported if change is Change.GONE]
    born = [theme for change, theme in reported if change is Change.BORN]
    assert sorted(gone + taken_in) == sorted(there - set(lineage.ids))
    assert sorted(born + came_out) == sorted(set(lineage.ids) - there)
    sizes = {theme: lineage.theme_of.count(theme) for theme in lineage.ids}
    earlier = list(before.theme_of.values())
    for change, theme in reported:
        assert change is Change.GONE or theme in lineage.ids
        if change in {Change.GROWN, Change.SHRUNK}:
            assert theme in there
            assert (sizes[theme] > earlier.count(theme)) == (change is Change.GROWN)
        if change in {Change.GROWN, Change.SHRUNK, Change.BORN}:
            assert {other for other, changed in reported if changed == theme} == {change}


def test_what_a_person_merged_stays_together_when_the_run_splits_it():
    placed = {str(row): 1 for row in range(8)}
    lineage = run_after("AAAAAAAA....", "xxxxyyyyxxyy", placed=placed, kept=frozenset({1}))
    assert lineage.theme_of == (1,) * 12


def test_what_a_person_marked_as_outlier_or_forbade_stays_so():
    lineage = run_after("AAAAAA", "xxxxxx", outliers=frozenset({"0"}), forbidden={"1": frozenset({1})})
    assert lineage.theme_of == (None, None, 1, 1, 1, 1)
