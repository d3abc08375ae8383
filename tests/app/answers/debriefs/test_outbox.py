"""Before a debrief is published: who will be told, and exactly what they will read."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from app.mail.letters.letter import read_contents, write_letter
from app.mail.notices import notify_due
from clustering.types import Leftover
from ideas.activity.activity import Activity
from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.decision import promise_answers
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.comment import add_comment
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.outreach.follow import follow
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.outbox import Trait, Why, outbox_of
from ideas.outreach.preference import switch_mail
from ideas.themes.passage import Passage
from ideas.themes.placement import Placement


@pytest.fixture
def page(closed_campaign):
    return f"/campaigns/{closed_campaign.id}/debrief"


@pytest.fixture
def crowd(session, closed_campaign, make_person, make_idea, make_theme, give_answer, alice, bob, now):
    """People who took part each in their own way, by name, with a debrief that may be published."""
    names = ("Ann", "Several", "Alone", "Waits", "Merged", "Imported", "Partner", "Fan", "Talker", "Silent", "Other")
    people = {name: make_person(name) for name in names}
    people |= {"Anglaise": make_person("Anglaise", locale="fr"), "Follower": make_person("Follower")}
    people |= {name: make_person(name) for name in ("Secret", "Both", "Shy")}

    def idea(name, body, **facts):
        return make_idea(closed_campaign, people.get(name), body, **facts)

    upload = IdeaImport(
        campaign_id=closed_campaign.id, person_id=alice.id, filename="a.csv", content=b"text\nOne", created_at=now
    )
    session.add(upload)
    session.flush()
    ann, several = idea("Ann", "One click to confirm."), idea("Several", "One click and more light.")
    alone, waits = idea("Alone", "A slide."), idea("Waits", "Lamps.")
    merged = idea("Merged", "A single click.")
    imported = idea("Imported", "A click, please.", import_id=upload.id, import_key="1")
    other, foreign = idea("Other", "Plants."), idea("Anglaise", "Un clic.")
    hidden = idea(None, "Nobody knows me.", is_anonymous=True)
    mine, unsigned = idea("Both", "A clock."), idea(None, "Nor me.", is_anonymous=True)
    shy = idea(None, "I only follow.", is_anonymous=True)
    session.add_all(
        [
            AnonymousAuthor(idea_id=hidden.id, person_id=people["Secret"].id),
            AnonymousAuthor(idea_id=unsigned.id, person_id=people["Both"].id),
            AnonymousAuthor(idea_id=shy.id, person_id=people["Shy"].id),
            CoAuthor(
                idea_id=ann.id, person_id=people["Partner"].id, state=CoAuthorState.ACCEPTED,
                invited_at=now, changed_at=now,
            ),
            Vote(idea_id=ann.id, person_id=people["Fan"].id, created_at=now),
            Reaction(idea_id=alone.id, person_id=people["Silent"].id, emotion=Emotion.JOY, created_at=now),
        ]
    )  # fmt: skip
    merged.merged_into_id = ann.id
    add_comment(session, alone, author=people["Talker"], body="Gladly", now=now)
    switch_mail(session, people["Silent"], NoticeKind.DEBRIEF_PUBLISHED, on=False)
    for name in ("Follower", "Shy"):
        follow(session, closed_campaign, by=people[name], now=now)
    clicks = make_theme(closed_campaign, ideas=[ann, several, imported, foreign, mine])
    light = make_theme(closed_campaign, "More light", ideas=[waits])
    make_theme(closed_campaign, "Green", ideas=[other])
    session.add(Passage(idea_id=several.id, theme_id=light.id, start=14, end=25, strength=0.6, version=1))
    decision = give_answer(clicks)
    due = now.date() + timedelta(days=30)
    commit_to(session, decision, title="Ship one click", impact="", owner=bob, due_on=due, by=bob, now=now)
    give_answer(session.merge(light), reason="Lamps are ordered.")
    dates = dict.fromkeys(range(1, 99), due)
    promise_answers(session, closed_campaign, dates=dates, by=alice, now=now)
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    session.commit()
    return people


@pytest.mark.one_database
def test_who_wrote_an_answer_without_a_proposal_is_drawn_as_such(
    session, closed_campaign, make_person, make_idea, make_theme, alice, now
):
    for name, kind in (("Ann", Leftover.NOTHING), ("Ben", Leftover.AGREES), ("Cleo", Leftover.OUTLIER)):
        idea = make_idea(closed_campaign, make_person(name), "Yes.")
        session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, leftover=kind))
    session.flush()
    found = outbox_of(session, closed_campaign, by=alice, now=now)
    assert [one.name for one in found.recipients if Trait.NO_PROPOSAL in one.traits] == ["Ann", "Ben"]
    assert [one.name for one in found.recipients if Trait.NO_THEME in one.traits] == ["Cleo"]
    assert {one.trait: one.recipient.name for one in found.drawn}[Trait.NO_PROPOSAL] == "Ann"


def without_links(text):
    """The text of a mail without the person's own links, which nobody else is shown."""
    return re.sub(r"http://localhost/(unsubscribe|me|receipt)\S*", "…", text)


def test_ten_who_differ_are_drawn_and_nobody_learns_who_wrote_without_a_name(
    session, closed_campaign, crowd, alice, now
):
    outbox = outbox_of(session, closed_campaign, by=alice, now=now)
    assert outbox.by_reason == {Why.WROTE: 9, Why.CO_WROTE: 1, Why.COMMENTED: 1, Why.SUPPORTED: 2, Why.FOLLOWS: 2}
    assert (outbox.total, outbox.unnamed, outbox.without_mail, outbox.unclaimed) == (16, 1, 1, 0)
    assert "Secret" not in {one.name for one in outbox.recipients}
    # A known follower who was missing here would be known as the author of an idea without a name.
    shy, follower = (outbox.one(crowd[name].id) for name in ("Shy", "Follower"))
    assert replace(shy, id=0, name="") == replace(follower, id=0, name="")
    drawn = {one.trait: one.recipient.name for one in outbox.drawn}
    assert drawn == {
        Trait.ANSWERED: "Ann",
        Trait.SEVERAL_ASKS: "Several",
        Trait.NO_THEME: "Alone",
        Trait.UNANSWERED: "Other",
        Trait.MERGED: "Merged",
        Trait.IMPORTED: "Imported",
        Trait.CO_WROTE: "Partner",
        Trait.OTHER_LANGUAGE: "Anglaise",
        Trait.COMMENTED: "Talker",
        Trait.SUPPORTED: "Fan",
    }
    assert [one.name for one in outbox.named("AN")] == ["Anglaise", "Ann", "Fan"]
    assert outbox.named(" ") == []


def test_each_person_will_read_what_the_outbox_shows_and_nothing_goes_out_before(
    app, session, signed_in, closed_campaign, crowd, page, alice, now, press_publish
):
    manager = signed_in(alice)
    before = [session.scalar(select(func.count()).select_from(table)) for table in (Activity, Notice, Message)]
    step = manager.get(f"{page}/write?step=publish").text
    assert "16 people will be told" in step
    assert "Publish the debrief</span></button>" in step
    shown = {}
    for name, person in crowd.items():
        letter = manager.get(f"{page}/outbox/{person.id}")
        assert letter.status_code == 200
        found = re.search(r'mail-body">(.*?)</div>', letter.text, re.DOTALL)
        shown[name] = unescape(found[1]) if found else None
        assert not found or "/unsubscribe/" not in found[1]
        assert not found or "/receipt/" not in found[1]
    assert [name for name, text in shown.items() if text is None] == ["Silent", "Secret"]
    assert "switched these emails off" in manager.get(f"{page}/outbox/{crowd['Silent'].id}").text
    assert "not in the list of recipients" in manager.get(f"{page}/outbox/{crowd['Secret'].id}").text
    assert "Nor me" not in shown["Both"]
    assert shown["Shy"].replace("Shy", "Follower") == shown["Follower"]
    assert "Lamps are ordered." in shown["Several"]
    assert "Bonjour" in shown["Anglaise"]
    assert "You commented on this idea:" in shown["Talker"]
    # Nobody is told who supports what.
    assert "One click to confirm." not in shown["Fan"]
    assert "It is left out for you" in shown["Fan"]
    search = manager.get(f"{page}/outbox?who=fan").text
    assert f'outbox/{crowd["Fan"].id}">Fan</a>' in search
    assert "Nobody in the list has this name" in manager.get(f"{page}/outbox?who=secret").text
    after = [session.scalar(select(func.count()).select_from(table)) for table in (Activity, Notice, Message)]
    assert before == after

    session.commit()
    assert press_publish(manager, page).status_code == 303
    with app.app_context():
        notify_due(now + timedelta(minutes=1))
        session.expire_all()
        told = {notice.person_id: notice.id for notice in session.scalars(select(Notice))}
        mailed = set(session.scalars(select(Message.person_id)))
        session.commit()  # reading ends with a rollback, which is not to undo the publication
        contents = read_contents(session, told.values())
        sent = {name: write_letter(contents[told[person.id]]) for name, person in crowd.items()}
    assert set(told) == {person.id for person in crowd.values()}
    assert mailed == set(told) - {crowd["Silent"].id}
    for name, text in shown.items():
        if text is not None and name not in {"Both", "Shy", "Fan"}:
            assert without_links(text).strip() == without_links(sent[name].text).strip(), name
    assert "You supported this idea:" in sent["Fan"].text
    assert "One click to confirm." in sent["Fan"].text
    assert manager.get(f"{page}/outbox").status_code == 303


def test_pages_of_a_long_list_and_an_empty_one(
    session, signed_in, closed_campaign, make_person, make_idea, page, alice
):
    manager = signed_in(alice)
    assert "Nobody will be told" in manager.get(f"{page}/outbox").text
    idea = make_idea(closed_campaign, None, "Imported.")
    people = [make_person(f"Person {number:02}") for number in range(52)]
    session.add_all(Vote(idea_id=idea.id, person_id=one.id, created_at=idea.created_at) for one in people)
    session.commit()
    second = manager.get(f"{page}/outbox?page=2").text
    assert "Person 51" in second
    assert "Person 50" in second
    assert f'outbox/{people[49].id}"' not in second[second.index("all-title") :]


def test_nobody_is_listed_while_the_campaign_is_open(signed_in, session, campaign, idea, alice, now):
    write_debrief(session, campaign, body="Thanks.", by=alice, now=now)
    session.commit()
    manager, here = signed_in(alice), f"/campaigns/{campaign.id}/debrief"
    for address in (f"{here}/outbox", f"{here}/outbox/{idea.author_id}"):
        answer = manager.get(address)
        assert (answer.status_code, answer.location) == (303, f"{here}/write")
    step = manager.get(f"{here}/write?step=publish").text
    assert "You can read who will be told once the campaign is closed." in step
    assert "will be told<" not in step
    assert "no email is sent" not in step


@pytest.mark.one_database
def test_the_page_says_how_many_read_it_in_their_digest(session, signed_in, page, crowd, alice, now):
    """Not of those who wrote an idea, who get their mail anyway, and not of those who want none."""
    for name in ("Ann", "Fan", "Talker", "Silent"):
        for number in range(3):
            message = write_message(
                session, to=crowd[name], subject="Hi", body="Hi", reason=f"test {number}", domain="localhost", now=now
            )
            message.budgeted_at = now
    session.commit()
    client = signed_in(alice)
    for address in (f"{page}/outbox", f"{page}/write?step=publish"):
        assert "2 of them have no email left until" in client.get(address).text, address
