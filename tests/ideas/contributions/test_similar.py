import pytest

from ideas.contributions.idea import withdraw_idea
from ideas.contributions.similar import says_enough, similar_among, similar_by_words
from ideas.contributions.withheld import Withheld

TEXT = "A calm waiting room for children"


@pytest.fixture
def others(session, campaign, make_idea, alice, bob, charlie, now):
    """One that may be shown, and one of each that may not."""
    found = {
        "shown": make_idea(campaign, bob, "Toys in the waiting room, for small children"),
        "own": make_idea(campaign, charlie, "The waiting room needs toys for children"),
        "hidden": make_idea(campaign, bob, "A waiting room without children"),
        "withdrawn": make_idea(campaign, bob, "Children draw in the waiting room"),
        "merged": make_idea(campaign, bob, "Children read in the waiting room"),
        "kept of an own": make_idea(campaign, alice, "Games for children in the waiting room"),
        "own part": make_idea(campaign, charlie, "Small games for children in the waiting room"),
    }
    found["hidden"].withheld = Withheld.HIDDEN
    withdraw_idea(session, found["withdrawn"], by=bob, now=now)
    found["merged"].merged_into_id = found["shown"].id
    found["own part"].merged_into_id = found["kept of an own"].id
    session.flush()
    return found


def test_only_ideas_that_count_and_are_not_the_readers_own_are_similar(session, campaign, others, charlie):
    ids = [one.id for one in others.values()]
    assert similar_among(session, campaign, ids, reader=charlie) == [others["shown"]]
    assert list(similar_by_words(session, campaign, TEXT, reader=charlie)) == [others["shown"]]
    assert not similar_among(session, campaign, ids, reader=charlie, without=[others["shown"].id])
    assert not similar_by_words(session, campaign, TEXT, reader=charlie, without=[others["shown"].id])


def test_at_most_five_come_in_their_order_and_the_same_words_once(session, campaign, make_idea, bob, charlie):
    ideas = [make_idea(campaign, bob, f"Waiting room with {number} toys") for number in range(7)]
    again = make_idea(campaign, bob, "waiting  room with 6 TOYS")
    ids = [again.id, *(one.id for one in reversed(ideas))]
    found = similar_among(session, campaign, ids, reader=charlie)
    assert [one.body for one in found] == [again.body, *(f"Waiting room with {number} toys" for number in (5, 4, 3, 2))]


def test_ideas_of_another_campaign_are_not_similar(session, make_campaign, campaign, make_idea, bob, charlie):
    elsewhere = make_idea(make_campaign(), bob, "Toys for children in the waiting room")
    assert not similar_among(session, campaign, [elsewhere.id], reader=charlie)
    assert not similar_by_words(session, campaign, TEXT, reader=charlie)


def test_by_words_rare_words_count_more_and_one_common_word_is_not_enough(session, campaign, make_idea, bob, charlie):
    for number in range(5):
        make_idea(campaign, bob, f"The room at the station {number} has a door")
    calm = make_idea(campaign, bob, "A quiet corner for anxious visitors in the room")
    found = similar_by_words(session, campaign, "Anxious people need a quiet room at the station", reader=charlie)
    assert found[0] == calm
    assert not similar_by_words(session, campaign, "anxious drivers", reader=charlie)


@pytest.mark.one_database
def test_one_word_says_too_little():
    assert not says_enough("")
    assert not says_enough("Children")
    assert says_enough("Children wait")
