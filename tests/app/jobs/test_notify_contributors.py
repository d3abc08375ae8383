from datetime import date, timedelta

import pytest

from app.extensions import database
from app.jobs.notify_contributors import notify_contributors
from ideas.answers.action import commit_to
from ideas.contributions.vote import Vote
from ideas.outreach.message import Message

HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.org"


@pytest.fixture
def notify(app, session, settings, connection, now):
    def notify(campaign):
        session.commit()
        with app.app_context():
            notified = notify_contributors(database(), campaign.id, now=now, settings=settings)
            database().commit()
        return notified

    return notify


@pytest.fixture
def mails(session):
    def read():
        return {message.person.name: message for message in session.query(Message)}

    return read


@pytest.fixture
def debriefed(make_campaign, now):
    return make_campaign(closes_at=now - timedelta(days=1), debriefed_at=now)


def test_each_person_reads_what_became_of_their_ideas(
    session, debriefed, make_idea, make_theme, give_answer, notify, mails, make_person, bob, charlie, now
):
    dora, emil = make_person("Dora"), make_person("Emil")
    mine, alone = make_idea(debriefed, charlie, "One click."), make_idea(debriefed, charlie, "A slide.")
    hers = make_idea(debriefed, dora, "Longer days.")
    decision = give_answer(make_theme(debriefed, ideas=[mine]))
    make_theme(debriefed, "Time", ideas=[hers])
    due = now.date() + timedelta(days=30)
    commit_to(session, decision, title="Ship one click", impact="", owner=bob, due_on=due, by=bob, now=now)
    session.add(Vote(idea_id=alone.id, person_id=emil.id, created_at=now))
    assert notify(debriefed) == 3
    sent = mails()
    body = sent["Charlie"].body
    for words in (
        "One click.",
        "Fewer clicks",
        "Status of the theme: Planned",
        "It ships in spring.",
        "Alice, on",
        "Ship one click",
        "A slide.",
        "not part of a theme",
        f"http://localhost/campaigns/{debriefed.id}/debrief",
        "http://localhost/me",
    ):
        assert words in body
    assert "Longer days." not in body
    assert "This theme has no answer yet." in sent["Dora"].body
    assert "Thank you for your support" in sent["Emil"].body
    assert sent["Charlie"].subject.endswith(": what was decided about your ideas")
    assert sent["Dora"].subject.endswith(": the debrief is published")
    assert sent["Emil"].subject.endswith(": the debrief is published")
    assert all("You get this email because you took part in" in mail.body for mail in sent.values())


def test_nobody_is_notified_twice(debriefed, make_idea, notify, mails, charlie):
    make_idea(debriefed, charlie, "One click.")
    assert notify(debriefed) == 1
    first = mails()["Charlie"].mail_id
    assert notify(debriefed) == 1
    assert mails()["Charlie"].mail_id == first
    assert len(mails()) == 1


def test_each_reads_in_their_language(
    debriefed, make_idea, make_theme, give_answer, notify, mails, make_person, charlie
):
    french = make_person("Françoise", locale="fr")
    give_answer(make_theme(debriefed, ideas=[make_idea(debriefed, charlie, "A"), make_idea(debriefed, french, "B")]))
    notify(debriefed)
    months = [date(2026, month, 1).strftime("%B") for month in range(1, 13)]
    assert any(month in mails()["Charlie"].body for month in months)
    assert not any(month in mails()["Françoise"].body for month in months)


def test_what_people_wrote_adds_no_header_and_no_markup(
    session, debriefed, make_idea, make_theme, give_answer, notify, mails, charlie
):
    debriefed.title = HOSTILE
    give_answer(make_theme(debriefed, HOSTILE, ideas=[make_idea(debriefed, charlie, HOSTILE)]), reason=HOSTILE)
    notify(debriefed)
    message = mails()["Charlie"]
    assert "\n" not in message.subject
    assert "<script>alert(1)</script>" in message.body  # as text: the mail has no other part


def test_composing_mails_takes_one_query_for_each_further_person(
    app, session, settings, debriefed, make_idea, make_theme, give_answer, notify, make_person, count_queries, charlie
):
    give_answer(make_theme(debriefed, ideas=[make_idea(debriefed, charlie, "A")]))
    notify(debriefed)
    few = count_queries(lambda: notify(debriefed))
    for number in range(10):
        give_answer(make_theme(debriefed, f"Theme {number}", author=make_person(f"Person {number}"), bodies=["B"]))
    notify(debriefed)
    # One look into the outbox for each person, and nothing more.
    assert count_queries(lambda: notify(debriefed)) == few + 10
