"""An idea that asks for two things becomes two, by the same author, and one again."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import versions_of
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.idea import IdeaPutBack, restore_idea, withdraw_idea
from ideas.contributions.vote import cast_vote, responses
from ideas.moderation.acts.split import (
    ChangedSince,
    NothingLeft,
    NotToSplit,
    SplittingClosed,
    split_from,
    split_idea,
    undo_split,
)
from ideas.moderation.review import SpanNotFound

WHOLE = "More bikes at the station. Longer opening hours."
PART, REST = "Longer opening hours.", "More bikes at the station."


@pytest.fixture
def two(make_idea, campaign, charlie):
    return make_idea(campaign, charlie, WHOLE, lang="en")


@pytest.fixture
def split(session, alice, now):
    def do(idea, part=PART):
        new = split_idea(session, idea, part=part, by=alice, reason="Two wishes.", now=now)
        session.commit()
        return new

    return do


def test_a_part_becomes_an_idea_of_the_same_author_and_the_rest_stays(session, campaign, dana, two, split, now):
    cast_vote(session, two, by=dana, now=now)
    new = split(two)
    assert (two.body, new.body, new.author_id, new.lang) == (REST, PART, two.author_id, "en")
    assert new.is_public
    assert split_from(session, two) == [new]
    found = responses(session, [two, new], reader=None)
    assert (found[two.id].votes, found[new.id].votes) == (1, 0)
    texts = [(version.content["body"], version.reason) for version in versions_of(session, "idea", two.id)]
    assert texts == [(REST, "Two wishes."), (WHOLE, "")]
    [act] = session.scalars(select(Activity).where(Activity.verb == Verb.SPLIT))
    assert (act.object_id, act.reason, act.after["idea_id"]) == (two.id, "Two wishes.", new.id)


def test_undoing_gives_the_whole_text_back_unless_one_was_changed_since(session, alice, charlie, two, split, now):
    new = split(two)
    assert undo_split(session, new, by=alice, now=now) is two
    assert (two.body, new.is_public, two.version) == (WHOLE, False, 3)
    with pytest.raises(ChangedSince):
        undo_split(session, new, by=alice, now=now)
    again = split(two)
    withdraw_idea(session, two, by=charlie, now=now)
    with pytest.raises(ChangedSince):
        undo_split(session, again, by=alice, now=now)


def test_the_author_of_an_imported_idea_can_claim_both(session, make_idea, campaign, split):
    imported = make_idea(campaign, None, WHOLE, author_name="Ines")
    session.add(ImportedAddress(idea_id=imported.id, email="ines@example.org"))
    session.commit()
    new = split(imported)
    assert (new.author_name, session.get(ImportedAddress, new.id).email) == ("Ines", "ines@example.org")


def test_what_cannot_be_split_is_refused(session, make_idea, campaign, alice, charlie, two, split, now):
    for part in ("Longer hours", " "):
        with pytest.raises(SpanNotFound):
            split(two, part)
    with pytest.raises(NothingLeft):
        split(two, WHOLE)
    with pytest.raises(NotToSplit):
        split(make_idea(campaign, charlie, WHOLE, withdrawn_at=now))
    with pytest.raises(ChangedSince):
        undo_split(session, two, by=alice, now=now)
    campaign.debriefed_at = now
    session.commit()
    with pytest.raises(SplittingClosed):
        split(two)


def test_an_undone_split_is_not_published_again(session, alice, charlie, two, split, now):
    new = split(two)
    undo_split(session, new, by=alice, now=now)
    session.commit()
    with pytest.raises(IdeaPutBack) as refused:
        restore_idea(session, new, by=charlie, now=now)
    assert refused.value.values == {"number": str(two.id)}


def test_a_split_that_people_responded_to_is_not_undone(session, alice, dana, two, split, now):
    new = split(two)
    cast_vote(session, new, by=dana, now=now)
    session.commit()
    with pytest.raises(ChangedSince):
        undo_split(session, new, by=alice, now=now)


@pytest.mark.parametrize(
    ("text", "part", "rest"),
    [
        ("More seats. More seats outside.", "More seats", "More seats outside."),
        (
            "Ideas for the square: an ideal theseat, the seat of all",
            "the seat",
            "Ideas for the square: an ideal theseat, of all",
        ),
        ("A bus.\n\nA bench.\n\nA tree.", "A bench.", "A bus.\n\nA tree."),
    ],
)
def test_one_place_is_taken_out_and_no_word_is_cut(make_idea, campaign, charlie, split, text, part, rest):
    idea = make_idea(campaign, charlie, text)
    split(idea, part)
    assert idea.body == rest


@pytest.mark.parametrize("part", ["ike", "bike", "tation. Long"])
def test_a_part_of_a_word_is_not_split(two, split, part):
    with pytest.raises(SpanNotFound):
        split(two, part)
