"""The pages of newsletters, and the mail itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.outreach.notice import Notice, NoticeKind
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceKind, SpaceRole

pytestmark = pytest.mark.one_database


def test_a_newsletter_is_written_tried_approved_and_read(
    app, session, signed_in, campaign, make_campaign, make_person, any_hour, alice, bob, charlie, now
):
    hidden = make_campaign(title="Secret mornings", announced_at=None)
    space = create_space(session, text=SpaceText("Nurses", kind=SpaceKind.PUBLIC), by=alice, now=now)
    add_person(session, space, bob, role=SpaceRole.MEMBER, by=alice, now=now)
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    session.commit()
    owner, reader = signed_in(alice), signed_in(charlie)
    admin = signed_in(make_person("Ada", is_admin=True))
    home = f"/spaces/{space.id}/newsletters"
    assert reader.get(f"{home}/new").status_code == 303
    assert "The referent is in the space" in admin.post(f"{home}/referent", data={"email": "x@example.org"}).text
    assert admin.post(f"{home}/referent", data={"email": bob.email}).status_code == 303
    tokens = (("campaign", campaign), ("figures", campaign), ("campaign", hidden))
    body = "\n\n".join(["Hello **all**.", *(f"{{{{ {kind} {of.id} }}}}" for kind, of in tokens)])
    data = {"title": "In June", "body": body, "involvement": "anything", "campaign_id": 0, "theme_id": 0, "per_hour": 0}
    assert f"{{{{ campaign {campaign.id} }}}}" in owner.get(f"{home}/new").text
    for wrong, words in (
        ({"body": "{{ theme 3 }}"}, "can’t be shown"),
        ({"involvement": "supported"}, "Choose the theme whose supporters"),
    ):
        refused = owner.post(f"{home}/new", data=data | wrong)
        assert (refused.status_code, words in refused.text) == (422, True)
    assert owner.post(f"{home}/new", data=data).status_code == 303
    newsletter = session.scalars(select(Newsletter)).one()
    here = f"{home}/{newsletter.id}"
    page = owner.get(here).text
    assert "3 people" in page
    assert reader.get(here).status_code == 303, "nobody reads a draft"
    for act in ("try", "try", "propose", "approve"):
        owner.post(f"{here}/act", data={"act": act})
    assert [one.person_id for one in session.scalars(select(Message))] == [alice.id], "one test a minute, to oneself"
    session.refresh(newsletter)
    assert newsletter.approved_at is None, "only the referent approves"
    referent = signed_in(bob)
    assert "Say what is to be changed" in referent.post(f"{here}/refuse", data={"reason": ""}).text
    referent.post(f"{here}/act", data={"act": "approve"})
    with app.app_context():
        later = now + timedelta(hours=1)
        assert begin_newsletters(session, now=later) == 1
        session.commit()
        notify_due(later)
        deliver_due(later)
    session.expire_all()
    told = Message.notice.has(Notice.kind == NoticeKind.NEWSLETTER)
    mail = session.scalars(select(Message).where(Message.person_id == charlie.id, told)).one()
    assert mail.subject == "Nurses: In June"
    for words in ("<strong>all</strong>", campaign.title, "in figures", f"/campaigns/{campaign.id}"):
        assert words in mail.html
    assert "Hello all." in mail.body
    assert "Secret mornings" not in mail.html, "a campaign that the reader does not see is left out"
    assert "<img" not in mail.html
    page = reader.get(here).text
    assert "<strong>all</strong>" in page
    figures = owner.get(here).text
    assert all(words in figures for words in ("Emails sent", "Read on the site"))
    assert signed_in(make_person("Zoe")).get(here).status_code == 303
