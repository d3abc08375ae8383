"""The pages of the journey of newcomers, what is planned, and the mail itself."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now as clock
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.desk.work import ThemeWork
from ideas.outreach.journey import sending
from ideas.outreach.journey.sending import record_newcomers
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.newsletter import name_referent
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop

pytestmark = pytest.mark.one_database


@pytest.fixture
def admin(signed_in, make_person):
    return signed_in(make_person("Ada", is_admin=True))


def test_an_administrator_writes_the_texts_starts_and_previews_and_newcomers_read_them(
    app, session, admin, make_person, monkeypatch, now
):
    monkeypatch.setattr(sending, "is_control", lambda _person_id: False)
    page = admin.get("/organisation/newcomers").text
    assert "No message is sent" in page
    assert page.count("By default") == 10
    edit = "/organisation/newcomers/day_0/en"
    assert "Welcome to {{ site }}: one thing to do" in admin.get(edit).text
    data = {"version": 0, "subject": "Good to have you, {{ name }}", "body": "First.\n\nSecond on {{ site }}."}
    refused = admin.post(edit, data=data | {"body": "{{ first_name }}"})
    assert "no variable called “first_name”" in refused.text
    assert admin.post(edit, data=data).status_code == 303
    changed = admin.post(edit, data=data | {"subject": "Another"})
    assert changed.status_code == 409
    for wrong in ("/organisation/newcomers/day_1/en", "/organisation/newcomers/day_0/de"):
        assert admin.get(wrong).status_code == 404
    french = {"version": 0, "subject": "Bienvenue, {{ name }}", "body": "Un premier pas sur {{ site }}."}
    assert admin.post("/organisation/newcomers/day_0/fr", data=french).status_code == 303
    dora, fred = make_person("Dora", locale="en"), make_person("Fred", locale="fr")
    preview = admin.get("/organisation/newcomers?person=dora@example.org").text
    for words in (
        "Good to have you, Dora",
        "Second on Convergence.",
        "After 30 days, has not taken part",
        "See the campaigns",
    ):
        assert words in preview
    assert "No member has this address." in admin.get("/organisation/newcomers?person=x@example.org").text
    admin.post("/organisation/newcomers/switch", data={"on": "yes"})
    assert "Message to newcomers, after 30 days" in admin.get("/organisation/planned").text
    session.expire_all()
    dora.created_at = now.replace(year=now.year + 1)
    with app.app_context():
        later = dora.created_at
        fred.created_at = fred.verified_at = dora.verified_at = later
        session.commit()
        record_newcomers(session, now=later)
        session.commit()
        notify_due(later)
        deliver_due(later)
    session.expire_all()
    mail = session.scalars(select(Message).where(Message.person_id == dora.id)).one()
    assert mail.subject == "Good to have you, Dora"
    for words in ("First.", "Second on Convergence.", "http://localhost/campaigns", "because you joined Convergence"):
        assert words in mail.body
    assert mail.budgeted_at is not None, "it counts in the budget"
    told = session.scalars(select(Message.address)).all()
    assert sorted(told) == [dora.email, fred.email]
    mail = session.scalars(select(Message).where(Message.person_id == fred.id)).one()
    assert mail.subject == "Bienvenue, Fred"
    assert "Un premier pas sur Convergence." in mail.body
    assert "First." not in mail.body
    admin.post(f"{edit}/restore")
    assert admin.get("/organisation/newcomers").text.count("By default") == 9, "the French text stays"


def test_what_is_planned_is_shown_to_administrators_and_to_who_runs_a_space(
    session, admin, signed_in, campaign, alice, charlie, now
):
    page = admin.get("/organisation/planned").text
    assert re.search(r"Each week, next on .*: 4 people at most", page)
    assert "The debrief is due in three days" in page
    assert 'href="/organisation/planned"' in admin.get("/messages").text
    assert signed_in(charlie).get("/organisation/planned").status_code == 403
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    name_referent(session, space, charlie, by=alice, now=now)
    meeting = WorkshopText(
        "Rotas", "Room 2", starts_at=clock() + timedelta(days=5), ends_at=clock() + timedelta(days=6)
    )
    announce_workshop(session, space, text=meeting, by=alice, now=clock())
    session.commit()
    here = f"/spaces/{space.id}/planned"
    for person in (alice, charlie):
        page = signed_in(person).get(here).text
        assert re.search(r"Workshop</strong>.*>Rotas</a>", page, re.DOTALL), "for who runs it, and for its referent"
    assert 'id="late"' not in page
    name_referent(session, space, None, by=alice, now=now)
    session.commit()
    assert signed_in(charlie).get(here).status_code == 303, "not for everyone in the space"


def test_what_is_late_is_shown_beside_what_is_planned(session, admin, campaign, make_theme, now):
    themes = [make_theme(campaign, name) for name in ("Buses", "Trains")]
    for theme, days in zip(themes, (2, 9), strict=True):
        due_on = (clock() - timedelta(days=days)).date()
        session.add(ThemeWork(theme_id=theme.id, campaign_id=campaign.id, due_on=due_on, changed_at=now))
    campaign.opens_at, campaign.closes_at = (clock() - timedelta(days=days) for days in (20, 9))
    campaign.debrief_due_at = clock() - timedelta(days=3)
    session.commit()
    page = admin.get("/organisation/planned").text
    section = page[page.index('id="late"') : page.index("</section>", page.index('id="late"'))]
    assert "2 themes wait for an answer</strong>" in section
    assert re.search(r"Due since .*, the first of them", section)
    assert "The debrief is late</strong>" in section
    assert section.count(f'href="/campaigns/{campaign.id}"') == 2
