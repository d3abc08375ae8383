"""Tags that the team puts on ideas."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.desk.idea_tag import (
    MAX_CAMPAIGN_TAGS,
    MAX_TAGS,
    IdeaTag,
    NoTag,
    TooManyIdeaTags,
    TooManyTagsOfIdeas,
    is_tagged,
    tag_ideas,
    tags_of,
    tags_of_ideas,
)
from ideas.errors import TooLong
from ideas.search import read_query
from ideas.themes.edits.move import NothingChosen
from ideas.themes.placement import Placement
from ideas.themes.search import is_placed_in, search_placements


@pytest.fixture
def ideas(session, campaign, make_theme, make_idea, charlie):
    """Two in a theme, one on its own."""
    make_theme(campaign, "Buses", bodies=["A bus on Sunday", "A night bus"])
    alone = make_idea(campaign, charlie, "A bench")
    session.add(Placement(idea_id=alone.id, campaign_id=campaign.id, leftover="outlier"))
    session.commit()
    return session.scalars(select(Placement.idea_id).order_by(Placement.idea_id)).all()


def test_tags_are_put_on_several_ideas_and_taken_away_each_as_an_act(session, campaign, ideas, alice, bob, now):
    assert tag_ideas(session, campaign, idea_ids=ideas, add=["Quick  win", "quick win"], by=alice, now=now) == 3
    assert tag_ideas(session, campaign, idea_ids=ideas[:2], add=["QUICK WIN", "Ask"], by=bob, now=now) == 2
    assert tag_ideas(session, campaign, idea_ids=ideas, add=["quick win"], by=bob, now=now) == 0
    changes = {"add": ["Later"], "remove": ["QUICK win", "never there"]}
    assert tag_ideas(session, campaign, idea_ids=ideas[:1], **changes, by=bob, now=now) == 1
    session.commit()
    assert tags_of(session, ideas) == {
        ideas[0]: ["Ask", "Later"],
        ideas[1]: ["Ask", "Quick win"],
        ideas[2]: ["Quick win"],
    }
    assert tags_of_ideas(session, campaign) == {"Ask": 2, "Later": 1, "Quick win": 2}
    acts = session.scalars(select(Activity).where(Activity.object_kind == "idea_tag").order_by(Activity.id)).all()
    assert len(acts) == 6
    assert (acts[-1].actor_id, acts[-1].object_id, acts[-1].campaign_id) == (bob.id, ideas[0], campaign.id)
    assert (acts[-1].before, acts[-1].after) == ({"tags": ["Ask", "Quick win"]}, {"tags": ["Ask", "Later"]})


def test_what_is_refused_changes_nothing(session, campaign, make_campaign, make_idea, ideas, alice, bob, now):
    elsewhere = make_idea(make_campaign(), bob, "Secret").id
    full = [f"tag {number}" for number in range(MAX_TAGS)]
    tag_ideas(session, campaign, idea_ids=ideas[:1], add=full, by=alice, now=now)
    known = [f"known {number}" for number in range(MAX_CAMPAIGN_TAGS - MAX_TAGS)]
    facts = {"campaign_id": campaign.id, "added_by_id": alice.id, "added_at": now}
    session.add_all(IdeaTag(idea_id=ideas[1], tag=tag, **facts) for tag in known)
    session.flush()
    before = tags_of(session, ideas)
    for error, chosen, tags in (
        (NothingChosen, [], ["x"]),
        (NothingChosen, [elsewhere, 2**31 - 1], ["x"]),
        (NoTag, ideas, [" ", ""]),
        (TooLong, ideas, ["x" * 31]),
        (TooManyIdeaTags, ideas, ["known 1"]),
        (TooManyTagsOfIdeas, ideas[2:], ["one more"]),
    ):
        with pytest.raises(error):
            tag_ideas(session, campaign, idea_ids=chosen, add=tags, by=alice, now=now)
        assert tags_of(session, ideas) == before


def test_a_search_is_narrowed_to_a_tag_a_theme_and_what_is_left_over(session, campaign, ideas, alice, now):
    tag_ideas(session, campaign, idea_ids=ideas[1:], add=["Ask"], by=alice, now=now)
    theme = session.get(Placement, ideas[0]).theme_id

    def found(words, *conditions):
        among = conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]
        result, placements = search_placements(session, campaign, read_query(words), among=among, limit=10)
        assert [row.id for row in result.rows] == [one.idea_id for one in placements]
        assert result.total == len(placements)
        return [one.idea_id for one in placements]

    assert found("", is_tagged(campaign, "Ask")) == [ideas[2], ideas[1]]
    assert found("bus", is_tagged(campaign, "Ask")) == [ideas[1]]
    assert found("", is_tagged(campaign, "ask")) == []
    assert found("", is_placed_in(campaign, str(theme))) == [ideas[1], ideas[0]]
    assert found("", is_placed_in(campaign, "outlier")) == [ideas[2]]
    assert found("", is_placed_in(campaign, str(theme)), is_tagged(campaign, "Ask")) == [ideas[1]]
    for nowhere in ("x", "-1", "9" * 30, "ambiguous"):
        assert found("", is_placed_in(campaign, nowhere)) == []
    first, _ = search_placements(session, campaign, read_query(""), among=is_placed_in(campaign, str(theme)), limit=1)
    assert (first.total, first.older) == (2, ideas[1])
    nothing, placements = search_placements(session, campaign, read_query(""), limit=10)
    assert (nothing.total, list(placements)) == (0, [])
