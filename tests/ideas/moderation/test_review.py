import pytest
from sqlalchemy import select

from ideas.activity.activity import Verb
from ideas.answers.debriefs.figures import figures
from ideas.answers.idea_list import list_ideas
from ideas.contributions.comment import add_comment, comment_counts
from ideas.contributions.idea import Idea, idea_visible_to, is_submitted, search_ideas
from ideas.contributions.withheld import Outcome, Withheld
from ideas.moderation.report import OwnText, report
from ideas.moderation.review import (
    DecidedMeanwhile,
    Gone,
    NotAModerator,
    NothingToHide,
    SpanNotFound,
    ask_to_change,
    assign,
    dismiss,
    hide,
    history_of,
    moderators,
    reopen,
    restore,
    review_for,
)
from ideas.people.sanction import Reason
from ideas.search import read_query
from ideas.themes.card import theme_cards
from ideas.work.job import Job, JobKind
from tests.threads import shown_on


def readers_of(session, idea, people):
    return [
        person and person.name
        for person in people
        if session.scalar(select(Idea.id).where(Idea.id == idea.id, idea_visible_to(person)))
    ]


def test_a_hidden_idea_is_read_by_its_author_and_the_team_only(session, idea, review, alice, bob, charlie, dana, now):
    everyone = [None, alice, bob, charlie, dana]
    assert readers_of(session, idea, everyone) == [None, "Alice", "Bob", "Charlie", "Dana"]
    hide(session, review, reason=Reason.INSULT, by=bob, now=now, note="Say it without the name.")
    assert readers_of(session, idea, everyone) == ["Alice", "Bob", "Charlie"]
    assert not idea.is_public
    restore(session, review, by=alice, now=now)
    assert readers_of(session, idea, everyone) == [None, "Alice", "Bob", "Charlie", "Dana"]


def test_counts_pages_and_searches_are_right_after_hiding_and_after_restoring(
    session, campaign, idea, review, bob, alice, now
):
    add_comment(session, idea, author=alice, body="Yes", now=now)

    def counted():
        found = figures(session, campaign)
        page = list_ideas(session, campaign, reader=None)
        return (
            found.ideas,
            found.people,
            found.comments,
            page.total,
            len(search_ideas(session, campaign, read_query("click")).rows),
        )

    before = counted()
    assert before == (1, 1, 1, 1, 1)
    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    assert counted() == (0, 0, 0, 0, 0)
    restore(session, review, by=bob, now=now)
    assert counted() == before


def test_themes_keep_the_place_of_a_hidden_idea(session, campaign, make_theme, idea, review, bob, now):
    make_theme(campaign, ideas=[idea])

    def sizes():
        return [card.size for card in theme_cards(session, campaign)]

    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    assert sizes() == [0]
    restore(session, review, by=bob, now=now)
    assert sizes() == [1]


def test_a_hidden_comment_is_read_by_its_author_and_the_team_only(
    session, campaign, idea, alice, bob, charlie, dana, now
):
    comment = add_comment(session, idea, author=dana, body="Idiots", now=now)
    review = report(session, campaign, comment, reason=Reason.INSULT, note="", by=charlie, now=now).review
    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    assert comment_counts(session, [idea]) == {}
    shown = {person and person.name: shown_on(session, idea, reader=person) for person in (None, charlie, alice, dana)}
    assert shown == {None: [], "Charlie": [], "Alice": [comment], "Dana": [comment]}
    restore(session, review, by=bob, now=now)
    assert shown_on(session, idea) == [comment]


def test_asking_for_a_change_marks_words_that_are_in_the_text(session, idea, review, bob, now):
    with pytest.raises(SpanNotFound):
        ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="two clicks", by=bob, now=now)
    with pytest.raises(SpanNotFound):
        ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span=" ", by=bob, now=now)
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="to confirm", by=bob, now=now)
    assert (idea.withheld, review.span, review.outcome) == (Withheld.CHANGE_ASKED, "to confirm", Outcome.CHANGE_ASKED)


def test_dismissing_changes_nothing_for_the_author(session, idea, review, bob, now):
    dismiss(session, review, by=bob, now=now)
    assert idea.is_public
    assert (review.is_open, review.outcome) == (False, Outcome.DISMISSED)
    reopen(session, review, by=bob, now=now)
    assert (review.is_open, review.assignee_id) == (True, bob.id)


def test_of_two_moderators_the_first_wins_and_the_other_is_told_by_whom(session, idea, review, alice, bob, now):
    seen = review.version
    dismiss(session, review, by=alice, now=now, seen=seen)
    with pytest.raises(DecidedMeanwhile, match="Alice was faster"):
        hide(session, review, reason=Reason.INSULT, by=bob, now=now, seen=seen)
    assert idea.is_public
    hide(session, review, reason=Reason.INSULT, by=bob, now=now, seen=review.version)
    assert not idea.is_public


def test_nobody_decides_about_their_own_text(session, campaign, make_idea, bob, dana, now):
    own = make_idea(campaign, bob, "Mine")
    review = report(session, campaign, own, reason=Reason.WRONG, note="", by=dana, now=now).review
    for act in (dismiss, restore):
        with pytest.raises(OwnText):
            act(session, review, by=bob, now=now)
    with pytest.raises(OwnText):
        review_for(session, campaign, own, by=bob, now=now)


def test_a_moderator_acts_without_a_report(session, campaign, idea, bob, now):
    review = review_for(session, campaign, idea, by=bob, now=now)
    hide(session, review, reason=Reason.ADVERTISING, by=bob, now=now)
    assert idea.withheld is Withheld.HIDDEN


def test_a_withdrawn_text_and_a_person_cannot_be_hidden(session, campaign, idea, review, bob, charlie, dana, now):
    idea.withdrawn_at = now
    with pytest.raises(Gone):
        hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    about = report(session, campaign, charlie, reason=Reason.INSULT, note="", by=dana, now=now).review
    with pytest.raises(NothingToHide):
        hide(session, about, reason=Reason.INSULT, by=bob, now=now)


def test_a_review_is_assigned_to_whoever_moderates(session, campaign, review, alice, bob, dana, now):
    assert moderators(session, campaign) == [alice, bob]
    assign(session, review, to=alice, by=bob, now=now)
    assert review.assignee_id == alice.id
    with pytest.raises(NotAModerator):
        assign(session, review, to=dana, by=bob, now=now)
    assign(session, review, to=None, by=bob, now=now)
    assert review.assignee_id is None


def test_the_history_has_every_act_with_its_reason(session, review, alice, bob, now):
    hide(session, review, reason=Reason.INSULT, by=bob, now=now, note="Rude")
    restore(session, review, by=alice, now=now)
    session.commit()
    acts = [(act.verb, act.actor_id, act.reason) for act in history_of(session, review)]
    assert acts[:2] == [(Verb.RESTORED, alice.id, ""), (Verb.HIDDEN, bob.id, "Rude")]
    assert acts[2][0] is Verb.REPORTED


def test_new_ideas_are_placed_again_once_restored(session, campaign, idea, review, bob, now):
    campaign.grouped_at = now
    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    assert session.scalars(select(Job)).all() == []
    restore(session, review, by=bob, now=now)
    assert [job.kind for job in session.scalars(select(Job))] == [JobKind.PLACE_IDEAS]


def test_every_query_of_public_ideas_leaves_a_hidden_one_out(session, idea, review, bob, now):
    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    assert session.scalar(select(Idea.id).where(is_submitted())) is None
