"""Comparing by pairs: every idea is shown as often as any other, and nobody compares their own or a pair twice."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import add_entries
from ideas.contest.pairs import (
    Choice,
    Compared,
    ComparingClosed,
    ComparingOpen,
    OnlyTheJury,
    PairGone,
    TooFewItems,
    answer_pair,
    close_comparison,
    draw_pair,
    items_of,
    open_comparison,
    open_pair,
    pick,
)
from ideas.contest.shares import shares, wilson


@given(
    count=st.integers(2, 9),
    people=st.lists(st.sets(st.integers(0, 8), max_size=3), min_size=1, max_size=6),
    turns=st.lists(st.integers(0, 5), max_size=80),
)
@settings(max_examples=60, deadline=None)
@pytest.mark.one_database
def test_all_are_shown_equally_often_whoever_comes_whatever_they_wrote(count, people, turns):
    shown = dict.fromkeys(range(count), 0)
    seen = [set() for _ in people]
    for turn in turns:
        person = turn % len(people)
        found = pick(shown, own=people[person], seen=seen[person])
        if found is None:
            continue
        pair = min(found), max(found)
        assert pair not in seen[person]
        assert not set(pair) & people[person]
        seen[person].add(pair)
        for item in pair:
            shown[item] += 1
        assert max(shown.values()) - min(shown.values()) <= 1


def test_a_share_is_given_with_its_bounds():
    # Compared with the values that Wilson's formula gives for these, to four digits.
    for won, of, low, high in [(0, 1, 0.0, 0.7935), (8, 10, 0.4902, 0.9433), (50, 100, 0.4038, 0.5962)]:
        assert wilson(won, of) == pytest.approx((low, high), abs=1e-4)
    assert wilson(0, 0) == (None, None)


@pytest.fixture
def ideas(campaign, make_ideas, charlie):
    return make_ideas(campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus", "A lamp")])


def test_people_choose_neither_or_skip_and_the_shares_count_what_was_chosen(
    session, campaign, ideas, make_idea, make_person, alice, charlie, now
):
    with pytest.raises(ComparingClosed):
        draw_pair(session, campaign, by=alice, now=now)
    dora = make_person("Dora")
    ideas.append(make_idea(campaign, dora, "A swing"))
    open_comparison(session, campaign, compared=Compared.IDEAS, by_jury=False, by=alice, now=now)
    with pytest.raises(ComparingOpen):
        open_comparison(session, campaign, compared=Compared.THEMES, by_jury=False, by=alice, now=now)
    make_idea(campaign, charlie, "Sent later")  # it is not compared
    assert draw_pair(session, campaign, by=charlie, now=now) is None  # all but one are his
    wanted, drawn = ideas[0].id, []
    for person in (dora, make_person("Emil"), make_person("Fay")):
        while (pair := draw_pair(session, campaign, by=person, now=now)) is not None:
            assert draw_pair(session, campaign, by=person, now=now) is pair  # the same until it is answered
            drawn.append((person.id, pair.low_id, pair.high_id))
            assert person is not dora or ideas[4].id not in (pair.first_id, pair.second_id)
            sides = {pair.first_id: Choice.FIRST, pair.second_id: Choice.SECOND}
            chosen = sides.get(wanted, Choice.NEITHER if len(drawn) % 2 else Choice.SKIPPED)
            answer_pair(session, campaign, pair.id, chosen=chosen, by=person, now=now)
            with pytest.raises(PairGone):
                answer_pair(session, campaign, pair.id, chosen=Choice.FIRST, by=person, now=now)
    assert len(drawn) == len(set(drawn)) > 8
    first, *others = shares(session, campaign)
    assert (first.item_id, first.lost, first.share) == (wanted, 0, 1.0)
    assert 0.5 < first.low < first.high <= 1
    assert sum(one.won for one in others) == 0
    counts = [one.shown for one in (first, *others)]
    assert max(counts) - min(counts) <= 1
    close_comparison(session, campaign, by=alice, now=now)
    with pytest.raises(ComparingClosed):
        draw_pair(session, campaign, by=dora, now=now)


def test_themes_are_compared_by_the_jury_alone_where_the_campaign_says_so(
    session, campaign, make_theme, make_person, alice, charlie, now
):
    make_theme(campaign, "Trees")
    make_theme(campaign, "Buses")
    with pytest.raises(TooFewItems):
        open_comparison(session, campaign, compared=Compared.THEMES, by_jury=True, by=alice, now=now)
    lamps = make_theme(campaign, "Lamps")
    open_comparison(session, campaign, compared=Compared.THEMES, by_jury=True, by=alice, now=now)
    with pytest.raises(OnlyTheJury):
        draw_pair(session, campaign, by=charlie, now=now)
    june = make_person("June")
    add_to_team(session, campaign, june, role=Role.JURY, by=alice, now=now - timedelta(days=1))
    pair = draw_pair(session, campaign, by=june, now=now)
    assert open_pair(session, campaign, june) is pair
    lamps.retired_at = now
    session.flush()
    assert len(shares(session, campaign)) == 2


def test_an_unused_shortlist_does_not_limit_what_is_compared(session, campaign, ideas, make_idea, alice, charlie, now):
    contest = set_up_contest(session, campaign, text=ContestText(), by=alice, now=now)
    add_entries(session, contest, [one.id for one in ideas[:1]], by=alice, now=now)
    open_comparison(session, campaign, compared=Compared.IDEAS, by_jury=False, by=alice, now=now)
    assert items_of(session, campaign) == sorted(one.id for one in ideas)
