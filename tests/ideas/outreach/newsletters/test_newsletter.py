"""Newsletters: who may propose one, who approves it, whom it reaches, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from ideas.accounts.undeliverable import Undelivered, note_undeliverable
from ideas.activity.activity import Activity, Verb
from ideas.answers.debriefs.blocks import UnknownBlock
from ideas.contributions.vote import cast_vote
from ideas.errors import NotAllowed
from ideas.outreach.limits.hours import Frequency, choose_digest
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_mails
from ideas.outreach.newsletters.blocks import PartKind, check_parts, check_title, parts_of
from ideas.outreach.newsletters.figures import aftermath, count_click, count_unsubscribed
from ideas.outreach.newsletters.newsletter import (
    Involvement,
    NewsletterState,
    NewsletterText,
    NoReferent,
    NotADraft,
    NotProposed,
    OnlyPublicToAll,
    ReferentNotInSpace,
    TooFewReaders,
    approve_newsletter,
    change_newsletter,
    name_referent,
    pause_newsletter,
    propose_newsletter,
    refuse_newsletter,
    resume_newsletter,
    stop_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.pace import hold_back
from ideas.outreach.newsletters.readers import begin_newsletters, forecast, outcome, reader_ids
from ideas.outreach.notice import NoticeKind, write_notices
from ideas.outreach.preference import switch_mail
from ideas.people.person import Person
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.spaces.space import SpaceRole

TEXT = NewsletterText("In June", "Hello.\n\nRead **this**.")


@pytest.fixture
def space(session, alice, bob, charlie, make_person, now):
    """Alice runs it, Bob is its referent, Charlie and six others are in it."""
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    for person in (bob, charlie, *(make_person(f"Nurse {number}") for number in range(6))):
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
    name_referent(session, space, bob, by=alice, now=now)
    session.commit()
    return space


@pytest.fixture
def write(session, space, alice, now):
    return lambda **facts: write_newsletter(session, space, text=replace(TEXT, **facts), by=alice, now=now)


@pytest.fixture
def sent(session, write, alice, bob, now):
    """A newsletter that is out, and the act that tells of it."""

    def send(**facts):
        newsletter = write(**facts)
        propose_newsletter(session, newsletter, by=alice, now=now)
        approve_newsletter(session, newsletter, readers=9, by=bob, now=now)
        assert begin_newsletters(session, now=now) == 1
        assert begin_newsletters(session, now=now) == 0
        session.commit()
        return newsletter, session.scalars(select(Activity).where(Activity.verb == Verb.PUBLISHED)).one()

    return send


def names(session, newsletter, now):
    ids = reader_ids(session, newsletter, now=now)
    return sorted(session.scalars(select(Person.name).where(Person.id.in_(ids))))


def test_one_referent_approves_what_others_propose(session, space, write, told_each, latest, alice, bob, charlie, now):
    with pytest.raises(NotAllowed):
        write_newsletter(session, space, text=TEXT, by=charlie, now=now)
    charlie.may_open_campaigns = True
    newsletter = write_newsletter(session, space, text=TEXT, by=charlie, now=now)
    with pytest.raises(NotProposed):
        approve_newsletter(session, newsletter, readers=9, by=bob, now=now)
    propose_newsletter(session, newsletter, by=charlie, now=now)
    assert told_each(latest()) == {NoticeKind.NEWSLETTER_WORK: ["Bob"]}
    for person in (alice, charlie):
        with pytest.raises(NotAllowed):
            approve_newsletter(session, newsletter, readers=9, by=person, now=now)
    refuse_newsletter(session, newsletter, reason="Too long.", by=bob, now=now)
    assert newsletter.state is NewsletterState.REFUSED
    assert told_each(latest()) == {NoticeKind.NEWSLETTER_WORK: ["Charlie"]}
    change_newsletter(session, newsletter, text=TEXT, by=charlie, now=now, seen=newsletter.version)
    propose_newsletter(session, newsletter, by=charlie, now=now)
    with pytest.raises(NotADraft):
        change_newsletter(session, newsletter, text=TEXT, by=charlie, now=now, seen=newsletter.version)
    approve_newsletter(session, newsletter, readers=9, by=bob, now=now)
    assert begin_newsletters(session, now=now) == 1
    assert len(told_each(latest())[NoticeKind.NEWSLETTER]) == 9


def test_a_referent_is_in_the_space_and_without_one_nothing_is_proposed(session, space, write, alice, make_person, now):
    with pytest.raises(ReferentNotInSpace):
        name_referent(session, space, make_person("Zoe"), by=alice, now=now)
    name_referent(session, space, None, by=alice, now=now)
    newsletter = write()
    with pytest.raises(NoReferent):
        propose_newsletter(session, newsletter, by=alice, now=now)
    with pytest.raises(OnlyPublicToAll):
        write(to_all=True)


def test_readers_are_chosen_by_what_they_did_and_a_few_are_never_written_to(
    session, space, write, make_campaign, make_idea, make_theme, charlie, now
):
    nurses = session.scalars(select(Person).where(Person.name.like("Nurse%")).order_by(Person.id)).all()
    campaign = make_campaign()
    idea = make_idea(campaign, charlie, "A bench.")
    theme = make_theme(campaign, ideas=[idea])
    for nurse in nurses[:5]:
        cast_vote(session, idea, by=nurse, now=now)
    session.execute(
        update(Person).where(Person.id.in_([nurse.id for nurse in nurses])).values(created_at=now - timedelta(days=90))
    )
    attribute = Attribute(name="Ward")
    value = AttributeValue(name="A")
    attribute.values.append(value)
    session.add(attribute)
    session.flush()
    session.add_all(PersonValue(person_id=one.id, attribute_id=attribute.id, value_id=value.id) for one in nurses[1:])
    session.commit()
    voters = [nurse.name for nurse in nurses[:5]]
    assert names(session, write(involvement=Involvement.SUPPORTED, theme_id=theme.id), now) == voters
    took_part = write(involvement=Involvement.TOOK_PART, campaign_id=campaign.id)
    assert names(session, took_part, now) == ["Charlie", *voters]
    assert forecast(session, took_part, now=now).total == 5, "six, rounded down"
    assert names(session, write(involvement=Involvement.NEVER_BACK), now) == ["Nurse 5"], "the others voted since"
    both = write(involvement=Involvement.SUPPORTED, theme_id=theme.id, value_ids=[value.id])
    assert names(session, both, now) == voters[1:]
    with pytest.raises(TooFewReaders):
        forecast(session, both, now=now)


def test_the_author_sees_what_becomes_of_it_for_everyone(session, space, write, charlie, any_hour, now):
    nurses = session.scalars(select(Person).where(Person.name.like("Nurse%")).order_by(Person.id)).all()
    switch_mail(session, nurses[0], NoticeKind.NEWSLETTER, on=False)
    for nurse in nurses[1:4]:
        told = dict.fromkeys((nurse.id,), None)
        for number in range(3):
            queue_mails(session, told, reason=f"x{number}", domain="x", now=now, planned={nurse.id: now})
    choose_digest(session, nurses[3], Frequency.NONE)
    session.commit()
    found = forecast(session, write(), now=now)
    assert (found.total, found.by_mail, found.no_mail) == (9, 5, 1)
    assert (found.later.count, found.later.without_digest) == (2, 1)
    assert found.later.until > now


def test_it_can_be_paused_and_stopped(session, sent, alice, bob, any_hour, now):
    newsletter, act = sent()
    told = write_notices(session, act, NoticeKind.NEWSLETTER, reader_ids(session, newsletter, now=now), now=now)
    queue_mails(session, told, reason="n", domain="x", now=now)
    ids = session.scalars(select(Message.id)).all()
    assert hold_back(session, ids, now=now) == set()
    pause_newsletter(session, newsletter, by=alice, now=now)
    assert hold_back(session, ids, now=now) == set(ids)
    assert outcome(session, newsletter).waiting == 9
    resume_newsletter(session, newsletter, by=bob, now=now)
    assert hold_back(session, ids, now=now) == set()
    stop_newsletter(session, newsletter, by=alice, now=now)
    assert hold_back(session, ids, now=now) == set(ids)
    assert session.scalar(select(func.count(Message.id))) == 0


def test_it_waits_for_its_hour_and_for_the_end_of_a_pause(session, write, alice, bob, now):
    newsletter = write(send_at=now + timedelta(hours=3))
    propose_newsletter(session, newsletter, by=alice, now=now)
    approve_newsletter(session, newsletter, readers=9, by=bob, now=now)
    pause_newsletter(session, newsletter, by=bob, now=now)
    later = now + timedelta(hours=4)
    assert [begin_newsletters(session, now=at) for at in (now, later)] == [0, 0]
    resume_newsletter(session, newsletter, by=bob, now=later)
    assert begin_newsletters(session, now=later) == 1


def test_blocks_stand_on_lines_of_their_own():
    body = "Hello.\n\n{{ campaign 3 }}\n{{ figures 4 }}\n\nBye"
    assert [(part.kind, part.text or part.campaign_id) for part in parts_of(body)] == [
        (PartKind.TEXT, "Hello."), (PartKind.CAMPAIGN, 3), (PartKind.FIGURES, 4), (PartKind.TEXT, "Bye"),
    ]  # fmt: skip
    check_parts(body)
    for wrong in (
        "See {{ campaign 3 }} now",
        "{{ campaign }}",
        "{{ theme 3 }}",
        "{{ debrief 99999999999 }}",
        "Hello {{ name",
    ):
        with pytest.raises(UnknownBlock):
            check_parts(wrong)
    for wrong in ("Hello {{ name }}", "Hello name }}"):
        with pytest.raises(UnknownBlock, match="name"):
            check_title(wrong)
    check_title("In {June}")


def test_what_came_of_it_is_rounded_where_its_readers_were_narrowed(session, space, alice, bob, now):
    newsletter = write_newsletter(session, space, text=replace(TEXT, counts_clicks=True), by=alice, now=now)
    count_click(session, newsletter, 0)
    assert aftermath(session, newsletter).clicks == {}, "nothing is counted before it goes out"
    propose_newsletter(session, newsletter, by=alice, now=now)
    approve_newsletter(session, newsletter, readers=9, by=bob, now=now)
    begin_newsletters(session, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.verb == Verb.PUBLISHED)).one()
    notices = write_notices(session, act, NoticeKind.NEWSLETTER, reader_ids(session, newsletter, now=now), now=now)
    queue_mails(session, notices, reason="test", domain="example.org", now=now)
    for address in ("charlie@example.org", "alice@example.org"):
        note_undeliverable(session, address, why=Undelivered.BOUNCED, detail="", now=now)
    for _ in range(7):
        count_click(session, newsletter, 0)
    count_unsubscribed(session, newsletter.id)
    session.commit()
    found = aftermath(session, newsletter)
    assert (found.bounced, found.unsubscribed, found.clicks) == (2, 1, {0: 7})
    newsletter.involvement = Involvement.TOOK_PART
    found = aftermath(session, newsletter)
    assert (found.bounced, found.unsubscribed, found.clicks) == (0, 0, {0: 5})
