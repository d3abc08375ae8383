import pytest
from sqlalchemy import event

from ideas.answers import idea_list
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import DecisionStatus
from ideas.answers.idea_list import Filters, Order, facets_of, list_ideas
from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.contributions.withheld import Withheld
from ideas.recognition.facts import PointAct
from ideas.recognition.settings import set_motivation
from ideas.search import Match, read_query
from ideas.themes.passage import Passage


@pytest.fixture
def ideas(session, campaign, make_idea, make_person, alice, bob, charlie, now):
    """Five: with support by 0, 3, 1, 0 and 1 people, and 2, 0, 0, 1 and 0 comments that are shown."""
    made = [make_idea(campaign, charlie if number else bob, f"Thought {number}") for number in range(5)]
    people = [alice, bob, make_person("Dora")]
    for idea, votes, comments in zip(made, (0, 3, 1, 0, 1), (2, 0, 0, 1, 0), strict=True):
        session.add_all(Vote(idea_id=idea.id, person_id=person.id, created_at=now) for person in people[:votes])
        for number in range(comments):
            add_comment(session, idea, author=alice, body=f"Yes {number}", now=now)
    session.add(Comment(idea=made[1], author=alice, body="Hidden", created_at=now, withheld=Withheld.HIDDEN))
    session.add(Reaction(idea_id=made[3].id, person_id=alice.id, emotion=Emotion.JOY, created_at=now))
    session.flush()
    return made


def listed(session, campaign, ideas, **asked):
    page = list_ideas(session, campaign, reader=None, **asked)
    return [ideas.index(idea) for idea in page.ideas]


@pytest.fixture(params=[False, True], ids=["each", "as a list"])
def _counted(request, monkeypatch):
    """What is given to ideas is counted by a look at each, or as one list, as PostgreSQL does it with many."""
    monkeypatch.setattr(idea_list, "reads_as_list", lambda _session, _ideas: request.param)


@pytest.mark.usefixtures("_counted")
def test_ideas_come_in_each_order(session, campaign, ideas):
    orders = {
        Order.NEWEST: [4, 3, 2, 1, 0],
        Order.SUPPORTED: [1, 4, 2, 3, 0],
        Order.DISCUSSED: [0, 3, 4, 2, 1],
        Order.FEW: [2, 4, 0, 3, 1],
    }
    for order, expected in orders.items():
        assert listed(session, campaign, ideas, order=order) == expected, order


def test_points_change_neither_the_order_of_ideas_nor_which_are_shown(session, campaign, ideas, alice, now):
    """Whatever acts give: the author with the most points has no idea before another for it."""
    before = {order: listed(session, campaign, ideas, order=order) for order in Order}
    for values in (dict.fromkeys(PointAct, 0), dict.fromkeys(PointAct, 90)):
        said = {"by": alice, "now": now, "change_reason": "A try."}
        set_motivation(session, campaign, values=values, has_standings=True, **said)
        session.flush()
        assert {order: listed(session, campaign, ideas, order=order) for order in Order} == before


@pytest.mark.usefixtures("_counted")
def test_a_merged_idea_gives_its_support_and_comments_to_the_one_that_is_listed(session, campaign, ideas, bob, now):
    ideas[1].merged_into_id = ideas[2].id  # supported by one of its three supporters already
    ideas[0].merged_into_id = ideas[2].id
    session.flush()
    assert listed(session, campaign, ideas, order=Order.SUPPORTED) == [2, 4, 3]
    assert listed(session, campaign, ideas, order=Order.DISCUSSED) == [2, 3, 4]


@pytest.mark.usefixtures("_counted")
def test_pages_follow_each_other_in_both_directions_while_new_ideas_come(session, campaign, ideas, make_idea, bob):
    for order in Order:
        whole = list_ideas(session, campaign, reader=None, order=order)
        first = list_ideas(session, campaign, reader=None, order=order, size=2)
        assert (first.before, first.total) == (None, whole.total)
        second = list_ideas(session, campaign, reader=None, order=order, size=2, cursor=first.after)
        third = list_ideas(session, campaign, reader=None, order=order, size=2, cursor=second.after)
        pages = [*first.ideas, *second.ideas, *third.ideas]
        assert pages == list(whole.ideas)[: len(pages)], order
        back = list_ideas(session, campaign, reader=None, order=order, size=2, cursor=second.before)
        assert (back.ideas, back.before) == (first.ideas, None)
        make_idea(campaign, bob, "Meanwhile")
        if order is Order.NEWEST:
            again = list_ideas(session, campaign, reader=None, order=order, size=2, cursor=first.after)
            assert again.ideas == second.ideas


def test_what_was_given_to_few_ideas_is_not_read_as_a_list(session):
    is_server = session.get_bind().dialect.name == "postgresql"
    assert not idea_list.reads_as_list(session, idea_list.MIN_GROUPED - 1)
    assert idea_list.reads_as_list(session, idea_list.MIN_GROUPED) == is_server


def test_what_a_debrief_rests_on_is_asked_once_for_all_filters(
    session, closed_campaign, make_theme, make_idea, give_answer, alice, bob, now
):
    ideas = [make_idea(closed_campaign, bob, f"Thought {number}") for number in range(3)]
    give_answer(make_theme(closed_campaign, ideas=ideas[:2]))
    withheld = make_idea(closed_campaign, bob, "Something long enough to be quoted by somebody")
    withheld.withheld = Withheld.HIDDEN
    debrief = write_debrief(session, closed_campaign, body="Thank you, *all* of you.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()

    def asked():
        statements = []

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        event.listen(session.connection(), "before_cursor_execute", note)
        found = facets_of(session, closed_campaign, reader=bob, with_themes=True, filters=Filters(rested_on=True))
        event.remove(session.connection(), "before_cursor_execute", note)
        assert (found.mine, list(found.themes.values())) == (2, [2])
        return sum("clarification" in one for one in statements), sum("FROM debrief" in one for one in statements)

    assert asked() == (0, 1), "nothing is quoted: no text is looked up"
    debrief.body = f"You said: “{withheld.text}”."
    session.commit()
    assert asked() == (1, 1)


def test_filters_go_together_with_each_other_a_search_and_an_order(
    session, make_campaign, make_theme, make_idea, give_answer, bob, charlie, now
):
    campaign = make_campaign(debriefed_at=now)
    ideas = [make_idea(campaign, bob if number % 2 else charlie, f"Thought {number}") for number in range(5)]
    for idea, lang in zip(ideas, ("fr", "fr", "en", None, "en"), strict=True):
        idea.lang = lang
    theme, other = make_theme(campaign, ideas=ideas[:3]), make_theme(campaign, "Toys", ideas=ideas[3:4])
    give_answer(theme, status=DecisionStatus.DECLINED)
    give_answer(other)
    session.add(Vote(idea_id=ideas[0].id, person_id=bob.id, created_at=now))
    session.flush()

    def found(*, reader=None, **filters):
        page = list_ideas(session, campaign, reader=reader, filters=Filters(**filters))
        assert page.total == len(page.ideas)
        return [ideas.index(idea) for idea in page.ideas]

    assert found(theme_id=theme.id) == [2, 1, 0]
    assert found(theme_id=theme.id, lang="fr") == [1, 0]
    assert found(answer=DecisionStatus.DECLINED) == [2, 1, 0]
    assert found(answer=DecisionStatus.DONE) == []
    assert found(mine=True, reader=bob) == [3, 1]
    assert found(mine=True) == []
    searched = {"query": read_query("thought"), "filters": Filters(lang="fr"), "order": Order.SUPPORTED}
    assert listed(session, campaign, ideas, **searched) == [0, 1]
    assert listed(session, campaign, ideas, **searched | {"query": read_query("toys")}) == []
    facets = facets_of(session, campaign, reader=bob, with_themes=True)
    assert (facets.themes, facets.langs, facets.mine) == ({theme.id: 3, other.id: 1}, {"fr": 2, "en": 2}, 2)
    assert facets.answers == {DecisionStatus.DECLINED: 3, DecisionStatus.PLANNED: 1}
    session.add(Passage(idea_id=ideas[0].id, theme_id=other.id, start=0, end=3, strength=1, version=ideas[0].version))
    session.flush()
    facets = facets_of(session, campaign, reader=bob, with_themes=True)
    assert facets.themes == {theme.id: 3, other.id: 2}, "as many as the filter finds"
    assert found(theme_id=other.id) == [3, 0]
    assert found(answer=DecisionStatus.PLANNED) == [3, 0], "also by a passage"
    assert found(answer=DecisionStatus.DECLINED) == [2, 1, 0]
    assert facets.answers == {DecisionStatus.DECLINED: 3, DecisionStatus.PLANNED: 1}, "by main theme"
    asked = {"reader": bob, "with_themes": True}
    facets = facets_of(session, campaign, **asked, filters=Filters(lang="fr", answer=DecisionStatus.DONE))
    assert (facets.themes, facets.mine) == ({}, 0), "counted within the filters"
    assert facets.answers == {DecisionStatus.DECLINED: 2, DecisionStatus.DONE: 0}, "as if it had no answer chosen"
    facets = facets_of(session, campaign, **asked, filters=Filters(theme_id=other.id), query=read_query("thought"))
    assert (facets.themes, facets.langs, facets.mine) == ({theme.id: 3, other.id: 2}, {}, 1)
    facets = facets_of(session, campaign, **asked, query=read_query("0"), match=Match.ALL)
    assert (facets.themes, facets.mine) == ({theme.id: 1, other.id: 1}, 0), "counted within the search"
    hidden = facets_of(session, campaign, reader=None, with_themes=False)
    assert (hidden.themes, hidden.answers, hidden.mine) == ({}, {}, 0)
