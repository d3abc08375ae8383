"""Who sends something to many reads before it is sent how many get an email, and how many have none left."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now as clock
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.campaigns.promise import AlreadyAnnounced, announce
from ideas.outreach.follow import follow
from ideas.outreach.limits.hours import Frequency, choose_digest
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_mails
from ideas.outreach.newsletters.newsletter import (
    Newsletter,
    NewsletterText,
    name_referent,
    propose_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.preference import switch_mail
from ideas.outreach.recipients.forecast import of_pioneer
from ideas.people.person import Person
from ideas.spaces.audience import Audience, AudienceSpace
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceKind, SpaceRole

pytestmark = pytest.mark.one_database
DAY = timedelta(days=1)


@pytest.fixture
def space(session, alice, bob, charlie, make_person, any_hour, now):
    """Five people in it beside Alice: two have no email left, of whom one wants no digest, and one wants none."""
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    dora, eve, fay = (make_person(name) for name in ("Dora", "Eve", "Fay"))
    for person in (bob, charlie, dora, eve, fay):
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
        follow(session, space, by=person, now=now)
    for number in range(3):
        sent = {"reason": f"x{number}", "domain": "x", "now": clock()}
        both = (charlie.id, dora.id)
        queue_mails(session, dict.fromkeys(both), planned=dict.fromkeys(both, clock()), **sent)
    choose_digest(session, dora, Frequency.NONE)
    for kind in (NoticeKind.FOLLOWED_SPACE, NoticeKind.WORKSHOP, NoticeKind.NEWSLETTER, NoticeKind.FOLLOWED_CAMPAIGN):
        switch_mail(session, eve, kind, on=False)
    session.commit()
    return space


def told(page):
    """The sentences of the panel, or of the newsletter."""
    return [
        re.sub(r"\s+", " ", words)
        for words in re.findall(r"(\d+ (?:person|people|gets?|has|have|wants?)\b[^<]*)", page)
    ]


def test_what_is_told_to_many_says_who_has_no_email_left(session, signed_in, space, make_campaign, alice, charlie, now):
    owner = signed_in(alice)
    draft = make_campaign(announced_at=None, audience=Audience.SPACES, title="Nights")
    session.add(AudienceSpace(campaign_id=draft.id, number=0, space_id=space.id))
    open_now = make_campaign(title="Days")
    for person in session.scalars(select(Person).where(Person.name.in_(("Bob", "Charlie", "Dora", "Eve", "Fay")))):
        follow(session, open_now, by=person, now=now)
    letter = write_newsletter(session, space, text=NewsletterText("June", "Hello."), by=alice, now=now)
    session.commit()
    left = [
        "2 get an email at their next hour",
        "1 has no email left until",
        "1 has no email left and wants no digest: they read it on the site only",
        "1 wants no such email, or gets none at their address: they read it on the site only",
    ]
    for address in (
        f"/campaigns/{draft.id}/launch",
        f"/campaigns/{open_now.id}/edit",
        f"/spaces/{space.id}/workshops/new",
    ):
        page = told(owner.get(address).text)
        assert "5 people are told" in page, address
        assert all(any(one.startswith(words) for one in page) for words in left), (address, page)
    page = told(owner.get(f"/spaces/{space.id}/newsletters/{letter.id}").text)
    assert "6 people" in page, "its author gets it too"
    assert all(any(one.startswith(words) for one in page) for words in ["3 get an email at their next hour", *left[1:]])
    one = of_pioneer(session, charlie, by=alice, now=clock())
    assert (one.total, one.by_mail, one.later.count) == (1, 0, 1)


def test_one_to_everyone_asks_twice_and_names_others_about_the_same_campaign(
    app, session, signed_in, campaign, alice, bob, make_person, any_hour, now
):
    space = create_space(session, text=SpaceText("All", kind=SpaceKind.PUBLIC), by=alice, now=now)
    name_referent(session, space, alice, by=alice, now=now)
    make_person("Zoe")
    for title in ("First", "Second"):
        text = NewsletterText(title, f"{{{{ campaign {campaign.id} }}}}", to_all=True)
        propose_newsletter(session, write_newsletter(session, space, text=text, by=alice, now=now), by=alice, now=now)
    session.commit()
    first, second = session.scalars(select(Newsletter).order_by(Newsletter.id))
    referent, home = signed_in(alice), f"/spaces/{space.id}/newsletters"
    page = referent.get(f"{home}/{first.id}").text
    assert 'data-confirm="Send it to everyone with an account, 3 people?"' in page
    assert "about the same campaign" not in page
    referent.post(f"{home}/{first.id}/act", data={"act": "approve", "sure": "y"})
    assert "1 other newsletter about the same campaign goes out" in referent.get(f"{home}/{second.id}").text
    later = clock()
    with app.app_context():
        for _twice in range(2):
            begin_newsletters(session, now=later)
            session.commit()
            notify_due(later)
            deliver_due(later)
    told = session.scalars(select(Notice.person_id).where(Notice.kind == NoticeKind.NEWSLETTER)).all()
    assert sorted(told) == sorted(session.scalars(select(Person.id))), "also who is not in the space, each once"
    sent = session.scalars(select(Message).where(Message.notice_id.is_not(None), Message.sent_at.is_not(None))).all()
    assert sorted(one.person_id for one in sent if one.subject == "All: First") == sorted(told)


def test_a_campaign_that_is_announced_twice_tells_each_once(app, session, space, make_campaign, alice, now):
    draft = make_campaign(announced_at=None, audience=Audience.SPACES, title="Nights", closes_at=clock() + 9 * DAY)
    session.add(AudienceSpace(campaign_id=draft.id, number=0, space_id=space.id))
    draft.debrief_due_at = clock() + 20 * DAY
    session.commit()
    announce(session, draft, by=alice, now=clock())
    session.commit()
    with pytest.raises(AlreadyAnnounced):
        announce(session, draft, by=alice, now=clock())
    session.rollback()
    with app.app_context():
        for _twice in range(2):
            notify_due(clock())
    told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.FOLLOWED_SPACE)).all()
    assert len({one.person_id for one in told}) == len(told) == 5
    mails = session.scalars(select(Message.person_id).where(Message.notice_id.in_([one.id for one in told]))).all()
    assert len(mails) == len(set(mails)) == 2, "two have none left, and one wants none"
