"""A moderator changes the words of an idea or a comment; the author's own can be given back."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, Version, versions_of
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.contributions.comment import add_comment
from ideas.contributions.idea import revise_idea, withdraw_idea
from ideas.contributions.withheld import Outcome, Withheld
from ideas.errors import EmptyText
from ideas.moderation.acts.change import NothingAsked, send_changed, send_without
from ideas.moderation.acts.reword import NotReworded, SameText, restore_words, reword, rewordings
from ideas.moderation.report import OwnText, report
from ideas.moderation.review import DecidedMeanwhile, Gone, ask_to_change, hide, review_for
from ideas.people.sanction import Reason

FIRST, CALM = "These idiots close at five.", "The office closes at five."


@pytest.fixture
def case(session, campaign, make_idea, charlie, dana, now):
    """Charlie's idea, reported by Dana: the idea and its review."""
    idea = make_idea(campaign, charlie, FIRST)
    made = report(session, campaign, idea, reason=Reason.INSULT, note="", by=dana, now=now)
    session.commit()
    return idea, made.review


def texts(session, row):
    return [
        (version.content["body"], version.by_id, version.is_restricted)
        for version in versions_of(session, row.__tablename__, row.id)
    ]


def test_the_text_is_public_with_other_words_and_its_first_one_is_for_the_author_and_the_team(
    session, case, bob, charlie, now
):
    idea, review = case
    reword(session, review, body=CALM, reason=Reason.INSULT, note="Be kind.", by=bob, now=now)
    session.commit()
    assert (idea.body, idea.is_public, review.is_open, review.outcome) == (CALM, True, False, Outcome.REWORDED)
    assert texts(session, idea) == [(CALM, bob.id, False), (FIRST, charlie.id, True)]
    assert rewordings(session, [idea])[idea.id].content["moderated"] == Reason.INSULT
    [act] = session.scalars(select(Activity).where(Activity.verb == Verb.REWORDED))
    assert (act.object_kind, act.reason, act.after["reason"], act.after["idea_id"]) == (
        "review", "Be kind.", "insult", idea.id,
    )  # fmt: skip
    revise_idea(session, idea, by=charlie, title="", body="The office closes at six.", now=now)
    assert rewordings(session, [idea]) == {}, "the words are the author's again"
    with pytest.raises(NotReworded):
        restore_words(session, review, by=bob, now=now)


def test_the_words_are_given_back_with_the_state_that_the_text_had(session, case, alice, bob, charlie, now):
    idea, review = case
    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    reword(session, review, body=f"{CALM} Why?", reason=Reason.INSULT, by=alice, now=now)
    reword(session, review, body=CALM, reason=Reason.INSULT, by=bob, now=now)
    session.commit()
    assert idea.is_public
    restore_words(session, review, by=alice, now=now)
    session.commit()
    assert (idea.body, idea.withheld, review.outcome) == (FIRST, Withheld.HIDDEN, Outcome.HIDDEN)
    assert texts(session, idea) == [
        (FIRST, alice.id, False), (CALM, bob.id, False), (f"{CALM} Why?", alice.id, False), (FIRST, charlie.id, False),
    ]  # fmt: skip
    with pytest.raises(NotReworded):
        restore_words(session, review, by=alice, now=now)


def test_what_was_asked_or_waited_is_so_again_with_the_words_that_were_marked(session, case, bob, charlie, now):
    idea, review = case
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="idiots", by=bob, now=now)
    reword(session, review, body=CALM, reason=Reason.INSULT, by=bob, now=now)
    session.commit()
    [act] = session.scalars(select(Activity).where(Activity.verb == Verb.REWORDED))
    assert "idiots" not in str(act.after), "the log repeats no personal data"
    restore_words(session, review, by=bob, now=now)
    session.commit()
    assert (review.span, review.reason, review.outcome) == ("idiots", Reason.PERSONAL_DATA, Outcome.CHANGE_ASKED)
    review.span = ""
    with pytest.raises(NothingAsked):
        send_without(session, idea, by=charlie, now=now)
    session.rollback()
    send_without(session, idea, by=charlie, now=now)
    assert idea.body == "These close at five."
    idea.withheld, review.is_open = Withheld.WAITING, True
    session.commit()
    for body in (CALM, f"{CALM} Why?"):
        reword(session, review, body=body, reason=Reason.INSULT, by=bob, now=now)
        session.commit()
        restore_words(session, review, by=bob, now=now)
        session.commit()
        assert (idea.withheld, review.is_open) == (Withheld.WAITING, True)
    reword(session, review, body=CALM, reason=Reason.INSULT, by=bob, now=now)
    session.commit()
    session.execute(delete(Version).where(Version.object_id == idea.id))  # as an erasure does
    with pytest.raises(NotReworded):
        restore_words(session, review, by=bob, now=now)


def test_a_comment_is_reworded_and_its_texts_are_versions(session, campaign, idea, bob, dana, now):
    comment = add_comment(session, idea, author=dana, body=FIRST, now=now)
    session.commit()
    review = review_for(session, campaign, comment, by=bob, now=now)
    reword(session, review, body=CALM, reason=Reason.INSULT, by=bob, now=now)
    session.commit()
    assert (comment.body, comment.version) == (CALM, 2)
    assert texts(session, comment) == [(CALM, bob.id, False), (FIRST, dana.id, True)]
    restore_words(session, review, by=bob, now=now)
    assert comment.body == FIRST
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="idiots", by=bob, now=now)
    send_changed(session, comment, body="They close at five.", by=dana, now=now)
    assert [restricted for _, _, restricted in texts(session, comment)] == [False, True, False, True]


def test_another_text_waits_for_a_moderator_where_the_phase_takes_none(session, campaign, case, bob, charlie, now):
    idea, review = case
    ask_to_change(session, review, reason=Reason.INSULT, span="idiots", by=bob, now=now)
    support = CampaignPhase("Support", now, now + timedelta(days=1), frozenset({PhaseAct.SUPPORT}))
    campaign.phases = stored_phases([support])
    send_changed(session, idea, body="A wholly new idea", by=charlie, now=now)
    assert (idea.withheld, review.is_open) == (Withheld.WAITING, True)


def test_what_cannot_be_reworded_is_refused(session, campaign, case, make_idea, alice, bob, charlie, now):
    idea, review = case
    about = {"reason": Reason.INSULT, "by": bob, "now": now}
    for body, refusal in ((f" {FIRST} ", SameText), ("  ", EmptyText)):
        with pytest.raises(refusal):
            reword(session, review, body=body, **about)
        session.rollback()
    revise_idea(session, idea, by=charlie, title="", body=f"{FIRST} Always.", now=now)
    session.commit()
    with pytest.raises(ChangedMeanwhile):
        reword(session, review, body=CALM, seen_text=1, **about)
    session.rollback()
    seen = review.version
    hide(session, review, reason=Reason.INSULT, by=alice, now=now)
    session.commit()
    with pytest.raises(DecidedMeanwhile):
        reword(session, review, body=CALM, seen=seen, **about)
    session.rollback()
    with pytest.raises(OwnText):
        reword(session, review, body=CALM, reason=Reason.INSULT, by=charlie, now=now)
    session.rollback()
    withdraw_idea(session, idea, by=charlie, now=now)
    with pytest.raises(Gone):
        reword(session, review, body=CALM, **about)
