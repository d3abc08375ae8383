"""Newsletters: their pictures, who gets them, clicks on their links, and how to leave one space alone."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from PIL import Image
from sqlalchemy import select

from app.mail.delivery import deliver_due
from app.mail.letters.newsletter import LINK_PURPOSE
from app.mail.notices import notify_due
from app.signing.keys import signer
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import (
    Involvement,
    Newsletter,
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
from ideas.spaces.space import SpaceKind, SpaceRole

pytestmark = pytest.mark.one_database

TEXT = NewsletterText("In June", "Read [our report](https://example.org/a?b=1&c=2).")


@pytest.fixture
def make_space(session, alice, bob, charlie, now):
    """Alice runs it, Bob is its referent, Charlie is in it."""

    def make(name):
        space = create_space(session, text=SpaceText(name, kind=SpaceKind.PUBLIC), by=alice, now=now)
        for person in (bob, charlie):
            add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
        name_referent(session, space, bob, by=alice, now=now)
        session.commit()
        return space

    return make


@pytest.fixture
def send(app, session, any_hour, alice, bob, now):
    """Send a newsletter of the space. Returns it, and its mails by the name of their person."""

    def send(space, text=TEXT, hours=1):
        newsletter = write_newsletter(session, space, text=text, by=alice, now=now)
        propose_newsletter(session, newsletter, by=alice, now=now)
        approve_newsletter(session, newsletter, readers=3, by=bob, now=now)
        later = now + timedelta(hours=hours)
        begin_newsletters(session, now=later)
        session.commit()
        with app.app_context():
            notify_due(later)
            deliver_due(later)
        session.expire_all()
        of_it = (Notice.kind == NoticeKind.NEWSLETTER) & (Notice.object_id == newsletter.id)
        sent = session.scalars(select(Message).where(Message.notice.has(of_it))).all()
        return newsletter, {message.person.name: message for message in sent}

    return send


def path_in(mail, beginning):
    """The path of the first address in the mail that begins so."""
    return urlsplit(re.search(rf"http://localhost({beginning}[^\"<\s]+)", mail.html)[0]).path


def test_a_picture_is_put_into_a_newsletter_with_words_for_who_does_not_see_it(
    session, client, signed_in, make_space, send, alice
):
    space, other = make_space("Nurses"), make_space("Doctors")
    owner, stored = signed_in(alice), BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stored, "PNG")
    data = {"title": "In June", "body": "## Our day\n\nHello.", "involvement": "anything", "campaign_id": 0,
            "theme_id": 0, "per_hour": 0}  # fmt: skip
    for words, content, status in (
        ("", stored.getvalue(), 422),
        ("The ward", b"words", 422),
        ("The {ward}", stored.getvalue(), 303),
    ):
        sent = {"file": (BytesIO(content), "ward.png"), "picture_words": words}
        answer = owner.post(f"/spaces/{space.id}/newsletters/new", data=data | sent)
        assert answer.status_code == status, words
    newsletter = session.scalars(select(Newsletter)).one()
    token = re.search(r"\{\{ picture \d+ \| The ward \}\}$", newsletter.body)[0]
    page = owner.get(f"/spaces/{space.id}/newsletters/{newsletter.id}").text
    address = re.search(r'<img src="(/newsletter-pictures/\S+)" alt="The ward"', page)[1]
    assert client.get(address, buffered=True).mimetype == "image/webp", "a mail program signs in nowhere"
    assert client.get(f"{address}x").status_code == 404
    preview = owner.post(
        f"/spaces/{space.id}/newsletters/preview", data=data | {"body": token}, headers={"HX-Request": "1"}
    )
    assert 'alt="The ward"' in preview.text
    assert "<h1" not in preview.text, "only the preview is sent"
    elsewhere = owner.post(f"/spaces/{other.id}/newsletters/preview", data=data | {"body": token})
    assert 'alt="The ward"' not in elsewhere.text, "a picture stays in its space"
    _newsletter, mails = send(space, NewsletterText("In July", f"## Our day\n\nSee **this**:\n\n{token}"))
    assert 'alt="The ward"' in mails["Charlie"].html
    assert "<h3 style=" in mails["Charlie"].html
    assert "See this:\n\n[The ward]" in mails["Charlie"].body, "the text part has no Markdown"


def test_clicks_are_counted_where_the_mail_says_so_and_lead_nowhere_else(
    app, session, client, signed_in, make_space, send, alice
):
    space = make_space("Nurses")
    plain, mails = send(space)
    assert 'href="https://example.org/a?b=1&amp;c=2"' in mails["Charlie"].html
    assert "are counted" not in mails["Charlie"].body
    counted, mails = send(space, replace(TEXT, counts_clicks=True), hours=2)
    assert "https://example.org" not in mails["Charlie"].html
    assert "Clicks on the links above are counted. Who clicked is not kept." in mails["Charlie"].body
    link = path_in(mails["Charlie"], "/newsletter-links/")
    assert link == path_in(mails["Bob"], "/newsletter-links/"), "the link does not say who has it"
    for _ in range(2):
        answer = client.get(link)
        assert (answer.status_code, answer.location) == (302, "https://example.org/a?b=1&c=2")
    client.head(link)
    with app.app_context():
        beyond, of_plain = (signer(LINK_PURPOSE).dumps(one) for one in ([counted.id, 1], [plain.id, 0]))
        forged = signer("unsubscribe").dumps([counted.id, 0])
    assert [client.get(f"/newsletter-links/{one}").status_code for one in (beyond, forged, "x")] == [404, 404, 404]
    assert client.get(f"/newsletter-links/{of_plain}").status_code == 302
    page = re.sub(r"\s+", " ", signed_in(alice).get(f"/spaces/{space.id}/newsletters/{counted.id}").text)
    assert re.search(r"https://example.org/a\?b=1&amp;c=2</span> <strong class=\"tabular\">2</strong>", page)
    assert "Clicks on its links" not in signed_in(alice).get(f"/spaces/{space.id}/newsletters/{plain.id}").text


def test_one_space_is_left_by_one_click_and_the_others_go_on(
    app, session, client, signed_in, make_space, send, alice, charlie
):
    nurses, doctors = make_space("Nurses"), make_space("Doctors")
    newsletter, mails = send(nurses)
    way_out = path_in(mails["Charlie"], "/unsubscribe/")
    page = client.get(way_out).text
    assert "Newsletters and workshops of the space “Nurses”" in page
    assert 'of these spaces, as you chose: <span dir="auto">Doctors</span>' in re.sub(r"\s+", " ", page)
    for _ in range(2):
        assert client.post(way_out, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    _second, mails = send(nurses, hours=2)
    assert set(mails) == {"Alice", "Bob"}
    _third, mails = send(doctors, hours=3)
    assert "Charlie" in mails
    figures = re.sub(r"\s+", " ", signed_in(alice).get(f"/spaces/{nurses.id}/newsletters/{newsletter.id}").text)
    assert 'Stopped these emails</dt><dd class="figure__value">1</dd>' in figures
    reader = signed_in(charlie)
    assert "do not come by email" in reader.get(f"/spaces/{nurses.id}").text
    assert "Its newsletters and workshops come by email." in reader.get(f"/spaces/{doctors.id}").text
    reader.post(f"/spaces/{nurses.id}/emails", data={"on": "yes"})
    assert "Its newsletters and workshops come by email." in reader.get(f"/spaces/{nurses.id}").text
    client.post(path_in(mails["Charlie"], "/unsubscribe/"), data={"stop": "kind"})
    _fourth, mails = send(nurses, hours=4)
    assert "Charlie" not in mails, "the kind is stopped for every space"


def test_a_mail_that_waits_is_not_sent_to_who_left_its_space_meanwhile(
    app, session, client, signed_in, make_space, alice, bob, charlie, any_hour, now
):
    space = make_space("Nurses")
    newsletter = write_newsletter(session, space, text=TEXT, by=alice, now=now)
    propose_newsletter(session, newsletter, by=alice, now=now)
    approve_newsletter(session, newsletter, readers=3, by=bob, now=now)
    begin_newsletters(session, now=now)
    session.commit()
    with app.app_context():
        notify_due(now)
        signed_in(charlie).post(f"/spaces/{space.id}/emails")
        deliver_due(now)
    session.expire_all()
    of_it = Message.notice.has(Notice.kind == NoticeKind.NEWSLETTER)
    assert {one.person.name for one in session.scalars(select(Message).where(of_it))} == {"Alice", "Bob"}


def test_who_gets_it_is_listed_for_a_whole_space_alone_with_the_mail_of_each(
    session, signed_in, make_space, make_campaign, make_person, alice, charlie, now
):
    space, owner = make_space("Nurses"), signed_in(alice)
    hidden = make_campaign(title="Secret mornings", owner=charlie, announced_at=None)
    stranger = make_person("Zoe")
    text = NewsletterText("In June", f"Hello.\n\n{{{{ campaign {hidden.id} }}}}")
    whole = write_newsletter(session, space, text=text, by=alice, now=now)
    everyone = write_newsletter(session, space, text=replace(text, to_all=True), by=alice, now=now)
    took_part = replace(text, involvement=Involvement.TOOK_PART)
    narrowed = write_newsletter(session, space, text=took_part, by=alice, now=now)
    session.commit()
    home = f"/spaces/{space.id}/newsletters"
    page = owner.get(f"{home}/{whole.id}/readers").text
    assert all(f">{name}</a>" in page for name in ("Alice", "Bob", "Charlie"))
    found = owner.get(f"{home}/{whole.id}/readers?who=CHAR").text
    assert (">Charlie</a>" in found, ">Bob</a>" in found) == (True, False)
    mail = owner.get(f"{home}/{whole.id}/readers/{charlie.id}").text
    assert "Nurses: In June" in mail
    assert "Secret mornings" not in mail, "who looks reads no campaign that only the reader sees"
    assert "/unsubscribe/" not in mail
    assert "does not get the newsletter" in owner.get(f"{home}/{whole.id}/readers/{stranger.id}").text
    for other in (everyone, narrowed):
        for path in ("", f"/{charlie.id}"):
            assert owner.get(f"{home}/{other.id}/readers{path}").status_code == 303
    assert signed_in(charlie).get(f"{home}/{whole.id}/readers").status_code == 303
