"""Ideas that say the same, as the latest run found: one of them is listed, the others are folded behind it."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from clustering.types import Leftover
from ideas.themes import alike as alike_module
from ideas.themes.alike import add_alike, alike_of, copies_in, fold_alike, fold_ideas
from ideas.themes.card import count_leftovers, count_members, leftovers, theme_cards, theme_members
from ideas.themes.edits.move import move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import accept
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.theme import active_themes
from tests.runs import apply_run


def copying(result, copies):
    """The same result, with copies: by idea, the idea that it says the same as."""
    of = {copy.id: original.id for copy, original in copies.items()}
    placed = zip(result.idea_ids, result.found.ideas, strict=True)
    ideas = tuple(replace(one, same_as=of.get(idea_id)) for idea_id, one in placed)
    return replace(result, found=replace(result.found, ideas=ideas))


@pytest.fixture
def theme(session, campaign, found, ideas, now):
    """A theme whose second and third idea say the same as its first."""
    result = found({1: ideas[:5], 2: ideas[5:]})
    apply_run(session, campaign, copying(result, {ideas[1]: ideas[0], ideas[2]: ideas[0]}), now=now)
    return active_themes(session, campaign)[0]


def listed(session, theme):
    members = fold_alike(theme_members(session, theme, folded=True))
    add_alike(session, members, Placement.theme_id == theme.id)
    return [[one.idea_id, *(other.idea_id for other in alike.others)] for alike in members for one in [alike.first]]


def test_those_that_say_the_same_are_listed_behind_the_first_and_count_all(session, campaign, theme, ideas):
    first, second, third, fourth, fifth = (idea.id for idea in ideas[:5])
    assert listed(session, theme) == [[first, second, third], [fourth], [fifth]]
    assert count_members(session, theme, folded=True) == 3
    assert count_members(session, theme) == 5
    assert theme_cards(session, campaign, only=theme)[0].size == 5


def test_one_that_a_person_moved_elsewhere_is_listed_there(session, campaign, theme, ideas, alice, now):
    other = active_themes(session, campaign)[1]
    edit = move_ideas(session, campaign, idea_ids=[ideas[1].id], to=other, by=alice, now=now)
    assert [ideas[1].id] in listed(session, other)
    assert listed(session, theme)[0] == [ideas[0].id, ideas[2].id]
    undo_edit(session, edit, by=alice, now=now)
    assert listed(session, theme)[0] == [ideas[0].id, ideas[1].id, ideas[2].id]


def test_where_the_first_one_is_withdrawn_the_next_one_stands_for_it(session, theme, ideas, now):
    ideas[0].withdrawn_at = now
    session.flush()
    assert listed(session, theme)[0] == [ideas[1].id, ideas[2].id]
    assert count_members(session, theme, folded=True) == 3


def test_a_withdrawn_one_is_not_listed(session, theme, ideas, now):
    ideas[2].withdrawn_at = now
    session.flush()
    assert listed(session, theme)[0] == [ideas[0].id, ideas[1].id]


def test_of_very_many_some_are_listed_and_all_are_counted(session, theme, monkeypatch):
    monkeypatch.setattr(alike_module, "MAX_LISTED", 1)
    members = fold_alike(theme_members(session, theme, folded=True))
    add_alike(session, members, Placement.theme_id == theme.id)
    assert [(len(alike.others), alike.more, alike.count) for alike in members] == [(1, 1, 2), (0, 0, 0), (0, 0, 0)]


def test_all_are_read_in_one_query(session, theme):
    members = fold_alike(theme_members(session, theme, folded=True))
    asked = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    add_alike(session, members, Placement.theme_id == theme.id)
    assert [other.idea.body for other in members[0].others]
    assert len(asked) == 1


def test_the_next_run_says_anew_what_is_the_same(session, campaign, theme, found, ideas, now):
    result = found({theme.id: ideas[:5], 2: ideas[5:]})
    apply_run(session, campaign, copying(result, {ideas[4]: ideas[3]}), now=now)
    assert [ideas[3].id, ideas[4].id] in listed(session, theme)
    assert [ideas[0].id] in listed(session, theme)


def test_a_proposal_brings_what_is_the_same_when_it_is_accepted(session, campaign, theme, found, ideas, alice, now):
    other = active_themes(session, campaign)[1]
    move_ideas(session, campaign, idea_ids=[ideas[8].id], to=theme, by=alice, now=now)
    result = replace(found({theme.id: ideas[:3], other.id: ideas[3:]}), new_from=100)
    apply_or_propose(session, campaign, copying(result, {ideas[4]: ideas[3]}), now=now)
    before = session.get(Placement, ideas[4].id)
    assert before.same_as is None
    edit = accept(session, open_proposal(session, campaign), by=alice, now=now)
    assert session.get(Placement, ideas[4].id).same_as == ideas[3].id
    assert session.get(Placement, ideas[1].id).same_as is None
    undo_edit(session, edit, by=alice, now=now)
    assert session.get(Placement, ideas[4].id).same_as is None
    assert session.get(Placement, ideas[1].id).same_as == ideas[0].id


# Other lists ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def left(session, campaign, found, ideas, now):
    """Four ideas on their own, of which the second and third say the same as the first; four are in a theme."""
    result = found({1: ideas[4:8]}, alone=ideas[:4])
    apply_run(session, campaign, copying(result, {ideas[1]: ideas[0], ideas[2]: ideas[0]}), now=now)
    return ideas


def listed_left(session, campaign):
    members = fold_alike(leftovers(session, campaign, Leftover.OUTLIER))
    add_alike(session, members, Placement.campaign_id == campaign.id, Placement.leftover == Leftover.OUTLIER)
    return [[one.first.idea_id, *(other.idea_id for other in one.others)] for one in members]


def test_ideas_in_no_theme_are_folded_and_count_all(session, campaign, left):
    first, second, third, fourth = (idea.id for idea in left[:4])
    assert listed_left(session, campaign) == [[first, second, third], [fourth]]
    assert count_leftovers(session, campaign, Leftover.OUTLIER) == 4
    assert count_leftovers(session, campaign, Leftover.OUTLIER, folded=True) == 2


@pytest.mark.parametrize("gone", ["withdrawn", "elsewhere"])
def test_where_the_one_that_stands_for_all_is_gone_the_oldest_does(session, campaign, left, now, gone):
    first, second, third, fourth = left[:4]
    if gone == "withdrawn":
        first.withdrawn_at = now
    else:
        placement = session.get(Placement, first.id)
        placement.theme_id, placement.leftover = active_themes(session, campaign)[0].id, None
    session.flush()
    assert listed_left(session, campaign) == [[second.id, third.id], [fourth.id]]


def test_a_list_of_all_ideas_folds_them_whatever_their_theme(session, campaign, left, now):
    def folded():
        return sorted(session.scalars(copies_in(campaign)))

    first, second, third, _fourth = left[:4]
    assert folded() == [second.id, third.id]
    assert [other.idea_id for other in alike_of(session, campaign, [first])[first.id].others] == [second.id, third.id]
    first.withdrawn_at = now
    session.flush()
    assert folded() == [third.id]
    assert [other.idea_id for other in alike_of(session, campaign, [second])[second.id].others] == [third.id]


def test_what_a_search_found_is_folded_behind_the_first_of_them(session, campaign, left, make_idea, bob):
    first, second, third, fourth = left[:4]
    new = make_idea(campaign, bob, "Not placed yet")
    shown, alike = fold_ideas(session, [fourth, third, new, second, first])
    assert shown == [fourth, third, new]
    assert [other.idea_id for other in alike[third.id].others] == [second.id, first.id]


def test_a_theme_quotes_different_texts(session, campaign, theme, ideas):
    theme.exemplars = []
    for idea, strength in zip(ideas[:5], (0.9, 0.95, 0.97, 0.2, 0.1), strict=True):
        session.get(Placement, idea.id).strength = strength
    session.flush()
    (card,) = theme_cards(session, campaign, only=theme)
    assert [verbatim.id for verbatim in card.verbatims] == [ideas[0].id, ideas[3].id, ideas[4].id]
