"""Themes keep their ids, and what people did holds, over any regrouping."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.lineage import trace
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
    ],
)
def test_what_became_of_each_theme_is_told(before, after, events):
    assert list(run_after(before, after).events) == events


def test_what_a_person_merged_stays_together_though_the_run_parts_it():
    placed = {str(row): 1 for row in range(8)}
    lineage = run_after("AAAAAAAA....", "xxxxyyyyxxyy", placed=placed, kept=frozenset({1}))
    assert lineage.theme_of == (1,) * 12


def test_what_a_person_marked_as_alone_or_kept_out_stays_so():
    lineage = run_after("AAAAAA", "xxxxxx", alone=frozenset({"0"}), forbidden={"1": frozenset({1})})
    assert lineage.theme_of == (None, None, 1, 1, 1, 1)
