"""Programs that check the links of mails fetch each of them, often twice, before anybody reads the mail: they change
nothing, sign nobody in and spend no link.
"""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import delivery
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.accounts.link import LinkPurpose, new_link
from ideas.activity.activity import Verb, record
from ideas.answers.debriefs.debrief import write_debrief
from ideas.contributions.claim import ImportedAddress, invite_authors
from ideas.outreach.follow import follow
from ideas.outreach.limits.budget import invite_by_mail
from ideas.outreach.messages.message import AccountMail, Message
from ideas.outreach.messages.queue import queue_account_mail, queue_digests, queue_imported
from ideas.outreach.newsletters.newsletter import (
    NewsletterText,
    approve_newsletter,
    name_referent,
    propose_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.outreach.notice import Notice, NoticeKind
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole

pytestmark = pytest.mark.one_database
_LINK = re.compile(r"http://localhost(/[^\s<>\"]*)")
LINKS = {
    AccountMail.VERIFY: LinkPurpose.VERIFY,
    AccountMail.RESET: LinkPurpose.RESET,
    AccountMail.CHANGE_ADDRESS: LinkPurpose.CHANGE_ADDRESS,
    AccountMail.ADDRESS_CHANGED: LinkPurpose.KEEP_ADDRESS,
}


@pytest.fixture
def sent(
    app, session, settings, connection, closed_campaign, campaign, make_idea, alice, charlie, any_hour, tmp_path,
    monkeypatch, now,
):  # fmt: skip
    """One mail of each way: of notices, a newsletter, a digest, an invitation, imported ideas, and an account."""
    monkeypatch.setitem(app.extensions, "settings", replace(settings, instance=tmp_path))
    monkeypatch.setattr(delivery, "TURN_SECONDS", 60)
    make_idea(closed_campaign, charlie, "A bench")
    for number, agreed in enumerate((True, True)):
        idea = make_idea(campaign, None, f"From a file {number}")
        session.add(ImportedAddress(idea_id=idea.id, email=f"ann{number}@example.org", agreed=agreed))
    session.flush()
    debrief = write_debrief(session, closed_campaign, body="Done.", by=alice, now=now)
    record(session, Verb.PUBLISHED, debrief, by=alice, campaign_id=closed_campaign.id, now=now)
    follow(session, campaign, by=charlie, now=now)
    record(session, Verb.ENDED, campaign, by=None, campaign_id=campaign.id, now=now)
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    name_referent(session, space, charlie, by=alice, now=now)
    letter = write_newsletter(session, space, text=NewsletterText("June", "Hello."), by=alice, now=now)
    propose_newsletter(session, letter, by=alice, now=now)
    approve_newsletter(session, letter, readers=1, by=charlie, now=now)
    begin_newsletters(session, now=now)
    queue_digests(
        session, {charlie.id: {"support": 2}},
        planned={charlie.id: now}, counts=True, reason="d", domain="x", now=now,
    )  # fmt: skip
    done = invite_authors(session, campaign, locale="en", by=alice, now=now)
    invite_by_mail(session, done.invitations, domain="x", now=now)
    queue_imported(session, {"ann0@example.org": idea.id}, campaign_id=campaign.id, domain="x", now=now)
    for mail, purpose in LINKS.items():
        link = new_link(session, purpose, person=charlie, email="charlie@new.example.org", now=now)
        queue_account_mail(session, mail, to=charlie, link=link, domain="x", now=now)
    session.commit()
    with app.app_context():
        notify_due(now)
        deliver_due(now)
        db.session.remove()
    session.expire_all()
    kinds = {one.notice.kind for one in session.scalars(select(Message)) if one.notice is not None}
    assert kinds >= {NoticeKind.DEBRIEF_PUBLISHED, NoticeKind.FOLLOWED_CAMPAIGN, NoticeKind.NEWSLETTER}
    return [message_from_bytes(file.read_bytes(), policy=default) for file in (tmp_path / "mail").iterdir()]


def stored(session):
    """Every value of every row."""
    session.expire_all()
    return {table.name: sorted(map(repr, session.execute(select(table)).all())) for table in db.metadata.sorted_tables}


def test_following_every_link_of_every_mail_twice_changes_nothing(session, client, signed_in, charlie, sent):
    addresses = set()
    for mail in sent:
        texts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html") if mail.get_body((kind,))]
        for text in (*texts, mail["List-Unsubscribe"] or ""):
            addresses |= {found[1].replace("&amp;", "&") for found in _LINK.finditer(text)}
    starts = {address.split("/")[1].partition("?")[0] for address in addresses}
    assert starts >= {"unsubscribe", "invitations", "receipt", "campaigns", "spaces", "me"}, starts
    assert len(addresses) >= 15
    reader = signed_in(charlie)
    before = stored(session)
    for browser in (client, reader):
        for address in sorted(addresses) * 2:
            assert browser.get(address).status_code < 500, address
    after = stored(session)
    assert [name for name in before if before[name] != after[name]] == []


def test_a_newsletter_is_marked_as_read_by_its_page_and_not_by_its_link(session, signed_in, charlie, sent):
    told = session.scalars(
        select(Notice).where(Notice.person_id == charlie.id, Notice.kind == NoticeKind.NEWSLETTER)
    ).one()
    reader = signed_in(charlie)
    page = reader.get(f"/spaces/{told.activity.after['space_id']}/newsletters/{told.object_id}").text
    assert f"""hx-vals='{{"notice": {told.id}}}' hx-trigger="load\"""" in page
    assert reader.post("/me/notices/read", data={"notice": told.id}, headers={"HX-Request": "true"}).status_code == 204
    session.expire_all()
    assert told.read_at is not None
    page = reader.get(f"/spaces/{told.activity.after['space_id']}/newsletters/{told.object_id}").text
    assert 'hx-trigger="load"' not in page
