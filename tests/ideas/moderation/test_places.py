"""A place that is given with an idea and breaks a rule: it is dealt with as the title and the text are."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import versions_of
from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.contributions.fields.value import Given, add_values, values_of
from ideas.contributions.withheld import Outcome, Withheld
from ideas.moderation.acts.change import StillThere, send_changed, send_without
from ideas.moderation.acts.reword import SameText, restore_words, reword
from ideas.moderation.review import ask_to_change, restore, review_for
from ideas.organisation.organisation import the_organisation
from ideas.people.sanction import Reason

NUMBER = "06 12 34 56 78"


@pytest.fixture
def field(session, campaign, bob, now):
    text = FieldText(label="Site", is_required=True)
    return add_field(session, campaign, kind=FieldKind.PLACE, text=text, by=bob, now=now)


@pytest.fixture
def case(session, campaign, field, idea, bob, now):
    """Charlie's idea with a telephone number in a place, and its review."""
    add_values(session, {idea.id: {field.id: Given(text=f"Lyon, {NUMBER}.")}})
    review = review_for(session, campaign, idea, by=bob, now=now)
    session.commit()
    return idea, review


@pytest.fixture
def asked(session, case, bob, now):
    """Bob asks that the number goes."""
    idea, review = case
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span=NUMBER, by=bob, now=now)
    session.commit()
    return idea, review


def test_the_author_sends_it_without_the_words_or_changes_the_place(session, campaign, field, asked, bob, charlie, now):
    idea, review = asked
    send_without(session, idea, by=charlie, now=now)
    assert values_of(session, idea.id) == {field.id: Given(text="Lyon,.")}
    latest, first = versions_of(session, "idea", idea.id)
    assert (first.is_restricted, latest.is_restricted, NUMBER in str(latest.content)) == (True, False, False)
    the_organisation(session).blocked_words = "swindler"
    for place, waits in (("By the swindler", True), ("", False)):
        span = values_of(session, idea.id)[field.id].text
        ask_to_change(session, review, reason=Reason.INSULT, span=span, by=bob, now=now)
        with pytest.raises(StillThere):
            send_changed(session, idea, body="One click.", by=charlie, now=now)
        send_changed(session, idea, body="One click.", places={field.id: place}, by=charlie, now=now)
        assert (idea.withheld is Withheld.WAITING) is waits
        if waits:
            assert "swindler" in review.text
            restore(session, review, by=bob, now=now)
    assert values_of(session, idea.id) == {}, "a required field too may be emptied"


def test_a_moderator_takes_it_out_and_another_gives_it_back_with_its_mark(session, field, asked, alice, bob, now):
    idea, review = asked
    before = values_of(session, idea.id)
    text = {"title": idea.title, "body": idea.body, "reason": Reason.PERSONAL_DATA, "by": bob, "now": now}
    with pytest.raises(SameText):
        reword(session, review, places={field.id: before[field.id].text}, **text)
    reword(session, review, places={field.id: ""}, **text)
    session.commit()
    assert (values_of(session, idea.id), idea.is_public) == ({}, True)
    assert [version.is_restricted for version in versions_of(session, "idea", idea.id)] == [False, True]
    [act] = session.scalars(select(Activity).where(Activity.verb == Verb.REWORDED))
    assert NUMBER not in str(act.after)
    restore_words(session, review, by=alice, now=now)
    session.commit()
    assert values_of(session, idea.id) == before
    assert (idea.withheld, review.outcome, review.span) == (Withheld.CHANGE_ASKED, Outcome.CHANGE_ASKED, NUMBER)
