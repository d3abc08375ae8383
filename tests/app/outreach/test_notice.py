"""The pages of notices, the bell, and the link that stops a kind of mail."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.mail.unsubscribe import unsubscribe_token
from app.text.notices.subjects import kinds_by_subject
from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.outreach.limits.digest_run import DigestRun
from ideas.outreach.limits.hours import WEEK, Frequency, Hours, digest_of, hours_of
from ideas.outreach.notice import BY_MAIL, Notice, NoticeKind, write_notices
from ideas.outreach.preference import NoticePreference, kinds_by_mail, spaces_by_mail
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole


@pytest.fixture
def notify(session, campaign, alice, now):
    """Tell these people that the closing date has changed."""

    def write(*people, reason="We need more time.", **facts):
        dates = {"closes_at": now + timedelta(days=9)}
        record(session, Verb.EXTENDED, campaign, by=alice, campaign_id=campaign.id, reason=reason, after=dates, now=now)
        session.commit()
        activity = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
        ids = [one.id for one in people]
        written = write_notices(session, activity, NoticeKind.PROMISE_CHANGED, ids, now=now, **facts)
        session.commit()
        return written

    return write


@pytest.fixture
def unread(session):
    return lambda person: session.scalar(
        select(func.count(Notice.id)).where(Notice.person_id == person.id, Notice.read_at.is_(None))
    )


@pytest.fixture
def link(app):
    def link(person, kind=NoticeKind.DEBRIEF_PUBLISHED):
        with app.app_context():
            return f"/unsubscribe/{unsubscribe_token(person.id, kind)}"

    return link


def test_an_empty_list_says_what_comes_there(signed_in, charlie):
    assert "No notifications yet" in signed_in(charlie).get("/me/notices").text


def test_each_notice_says_what_happened_and_leads_there(signed_in, notify, campaign, charlie, bob):
    notify(charlie)
    page = signed_in(charlie).get("/me/notices").text
    for words in ("The closing date is now", "We need more time.", campaign.title, "Unread", "Mark all as read"):
        assert words in page
    assert f'href="/campaigns/{campaign.id}"' in page
    assert "The closing date" not in signed_in(bob).get("/me/notices").text


def test_a_notice_says_until_when_phases_take_ideas_and_support(session, signed_in, campaign, alice, charlie, now):
    ends = {"write": now + timedelta(days=1), "support": now + timedelta(days=3)}
    phases = [CampaignPhase(act, now, end, frozenset({PhaseAct(act)})) for act, end in ends.items()]
    for before, after in (([], phases), (phases, phases[:1]), (phases[:1], [])):
        changed = {"before": {"phases": stored_phases(before)}, "after": {"phases": stored_phases(after)}}
        record(session, Verb.EXTENDED, campaign, by=alice, campaign_id=campaign.id, reason="x", now=now, **changed)
        session.commit()
        act = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
        write_notices(session, act, NoticeKind.PROMISE_CHANGED, [charlie.id], now=now)
        session.commit()
    page = signed_in(charlie).get("/me/notices").text
    assert page.count("Ideas are now taken until") == page.count("Support is now taken until") == 1
    assert page.count("Support is no longer taken.") == page.count("The phases of the campaign have changed.") == 1


def test_looking_at_the_list_changes_nothing(signed_in, notify, unread, charlie):
    notify(charlie)
    signed_in(charlie).get("/me/notices")
    assert unread(charlie) == 1


def test_one_notice_or_all_are_marked_as_read(signed_in, notify, unread, charlie, bob):
    first = notify(charlie, bob)
    second = notify(charlie)
    client = signed_in(charlie)
    assert client.post("/me/notices/read", data={"notice": first[bob.id]}).status_code == 303
    assert unread(bob) == 1
    assert client.post("/me/notices/read", data={"notice": first[charlie.id]}).location == "/me/notices?page=1"
    assert unread(charlie) == 1
    notify(charlie)
    client.post("/me/notices/read", data={"until": second[charlie.id]})
    assert unread(charlie) == 1, "one that came since stays unread"


@pytest.mark.parametrize("data", [{}, {"notice": "x"}, {"until": ""}])
def test_nothing_is_marked_where_nothing_is_named(signed_in, notify, unread, charlie, data):
    notify(charlie)
    assert signed_in(charlie).post("/me/notices/read", data=data).status_code == 303
    assert unread(charlie) == 1


def test_a_number_that_no_notice_can_have_is_not_found(signed_in, charlie):
    for data in ({"notice": 2**40}, {"until": -1}):
        assert signed_in(charlie).post("/me/notices/read", data=data).status_code == 404


def test_the_list_has_pages(signed_in, notify, charlie):
    for number in range(31):
        notify(charlie, reason=f"Reason {number}.")
    client = signed_in(charlie)
    assert "Reason 0." not in client.get("/me/notices").text
    assert "Reason 0." in client.get("/me/notices?page=2").text
    assert "Reason 0." in client.get("/me/notices?page=99").text


def test_the_number_of_queries_is_constant(signed_in, notify, charlie, count_queries):
    notify(charlie)
    client = signed_in(charlie)
    few = count_queries(lambda: client.get("/me/notices"))
    for _ in range(20):
        notify(charlie)
    assert count_queries(lambda: client.get("/me/notices")) == few


def test_the_bell_counts_what_is_unread_without_another_query(signed_in, notify, charlie, count_queries):
    client = signed_in(charlie)
    page = client.get("/me").text
    assert "bell__count" not in page
    without = count_queries(lambda: client.get("/me"))
    notify(charlie)
    notify(charlie)
    notify(charlie, not_before=datetime.now(UTC) + timedelta(hours=1))
    page = client.get("/me").text
    assert '<span class="bell__count" aria-hidden="true">2</span>' in page
    assert "2 unread" in page
    assert count_queries(lambda: client.get("/me")) == without


def test_a_visitor_has_no_bell_and_no_list(client):
    assert 'href="/notices"' not in client.get("/campaigns").text
    assert "/sign-in" in client.get("/me/notices").location


def test_what_people_wrote_is_text_in_the_list(session, signed_in, notify, campaign, charlie):
    campaign.title = "<b>Bold</b>"
    notify(charlie, reason="<script>alert(1)</script>")
    page = signed_in(charlie).get("/me/notices").text
    assert "<script>alert" not in page
    assert "<b>Bold" not in page


# Preferences ----------------------------------------------------------------------------------------------------------


def test_a_person_chooses_what_comes_by_mail(session, signed_in, charlie):
    client = signed_in(charlie)
    page = client.get("/me/notices/preferences").text
    assert page.count("checked") == len(BY_MAIL) + len(WEEK) + 1
    timed = {"digest": "daily", "first_hour": "8", "last_hour": "24", "days": ["0", "6"]}
    chosen = timed | {"kinds": ["debrief_published", "role_changed"]}
    assert client.post("/me/notices/preferences", data=chosen).status_code == 303
    assert kinds_by_mail(session, charlie) == [NoticeKind.DEBRIEF_PUBLISHED, NoticeKind.ROLE_CHANGED]
    assert hours_of(session, charlie) == Hours(8, 24, frozenset({0, 6}))
    assert digest_of(session, charlie) is Frequency.DAILY
    assert client.get("/me/notices/preferences").text.count("checked") == 5
    client.post("/me/notices/preferences", data=timed)
    session.expire_all()
    assert kinds_by_mail(session, charlie) == []
    for wrong, sentence in (
        ({"first_hour": "9", "last_hour": "9"}, "Choose an end that is later than the beginning."),
        ({"days": []}, "Choose at least one day for your emails."),
    ):
        answer = client.post("/me/notices/preferences", data=timed | wrong)
        assert (answer.status_code, answer.text.count(sentence)) == (422, 2)


def test_a_person_chooses_quiet_days_and_whose_holidays_they_have(session, signed_in, charlie):
    client = signed_in(charlie)
    page = client.get("/me/notices/preferences").text
    assert "My time zone’s country (France)" in page
    chosen = {"kinds": ["role_changed"], "days": ["0"], "quiet_from": "2026-07-01", "quiet_until": "2026-07-14"}
    for country, kept in (("none", ""), ("BE", "BE"), ("zone", None)):
        client.post("/me/notices/preferences", data=chosen | {"country": country})
        session.expire_all()
        assert hours_of(session, charlie).country == kept
    assert hours_of(session, charlie).quiet == (date(2026, 7, 1), date(2026, 7, 14))
    answer = client.post("/me/notices/preferences", data=chosen | {"quiet_until": ""})
    assert (answer.status_code, answer.text.count("Enter a first and a last day, in this order.")) == (422, 2)


def test_a_kind_that_does_not_exist_is_refused(session, signed_in, charlie):
    answer = signed_in(charlie).post("/me/notices/preferences", data={"kinds": ["all_of_it"], "digest": "weekly"})
    assert answer.status_code == 422
    assert session.scalars(select(NoticePreference)).all() == []


# Unsubscribe ----------------------------------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing(session, client, link, charlie):
    page = client.get(link(charlie)).text
    assert "Stop these emails" in page
    assert session.scalars(select(NoticePreference)).all() == []


def test_a_mail_program_stops_a_kind_by_one_post_without_a_token(app, session, client, link, charlie):
    app.config["WTF_CSRF_ENABLED"] = True
    for _ in range(2):
        answer = client.post(link(charlie), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "To get these emails again" in answer.text
    assert NoticeKind.DEBRIEF_PUBLISHED not in kinds_by_mail(session, charlie)
    assert len(kinds_by_mail(session, charlie)) == len(BY_MAIL) - 1


def test_the_digest_is_stopped_by_the_same_click(session, client, link, charlie):
    address = link(charlie, None)
    assert "Digest of what is new" in client.get(address).text
    assert digest_of(session, charlie) is Frequency.WEEKLY
    client.post(address, data={"List-Unsubscribe": "One-Click"})
    assert digest_of(session, charlie) is Frequency.NONE
    assert len(kinds_by_mail(session, charlie)) == len(BY_MAIL)


def test_a_link_that_nobody_here_signed_is_not_found(app, client, link, charlie):
    with app.app_context():
        gone = unsubscribe_token(999_999, NoticeKind.ACTION_DONE)
    for token in ("x", link(charlie)[len("/unsubscribe/") : -1], gone):
        for ask in (client.get, client.post):
            assert ask(f"/unsubscribe/{token}").status_code == 404


def test_a_signature_for_another_purpose_stops_no_mail(app, client, charlie):
    from itsdangerous import URLSafeSerializer

    forged = URLSafeSerializer(app.config["SECRET_KEY"], salt="other").dumps([charlie.id, "debrief_published"])
    assert client.post(f"/unsubscribe/{forged}").status_code == 404


def test_the_link_of_a_mail_says_what_still_comes_and_stops_all_of_it(client, session, link, charlie):
    address = link(charlie)
    page = client.get(address).text
    assert "A digest of what is new, once a week" in page
    assert f"Emails about {len(BY_MAIL) - 1} kinds of events" in page
    assert "The debrief of a campaign I took part in is published" in page, "what the mail was about"
    done = client.post(address, data={"stop": "all"})
    assert "All emails that tell you of something" in done.text
    assert "What you need to use your account" in done.text
    assert "A digest" not in done.text
    session.expire_all()
    assert (kinds_by_mail(session, charlie), digest_of(session, charlie)) == ([], Frequency.NONE)


def test_the_document_says_who_is_told_of_what(app):
    written = (Path(__file__).parents[3] / "docs" / "notices.md").read_text(encoding="utf-8")
    assert app.test_cli_runner().invoke(args=["notices"]).output == written, (
        "run: flask --app app notices > docs/notices.md"
    )
    assert (
        "| debrief: published | Everyone who took part, also who only voted; not the team, which publishes it |"
        in written
    )
    assert "|  |" not in written, "each rule says who is told"


def test_each_kind_of_mail_is_under_one_subject(app):
    with app.test_request_context():
        listed = [kind for _subject, kinds in kinds_by_subject() for kind in kinds]
    assert sorted(listed) == sorted(BY_MAIL)


def test_the_page_of_choices_names_the_zone_in_words_and_the_spaces_one_by_one(session, signed_in, charlie, alice, now):
    charlie.timezone, charlie.locale = "Europe/London", "fr"
    spaces = [create_space(session, text=SpaceText(name), by=alice, now=now) for name in ("Nurses", "Doctors")]
    for space in spaces:
        add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    session.commit()
    reader = signed_in(charlie)
    page = reader.get("/me/notices/preferences").text
    assert ("Londres" in page, "Europe/London" in page) == (True, False)
    data = {"digest": "weekly", "first_hour": 12, "last_hour": 14, "days": [0, 1], "country": "zone"}
    reader.post(
        "/me/notices/preferences", data=data | {"kinds": [kind.value for kind in BY_MAIL], "spaces": [spaces[0].id]}
    )
    assert spaces_by_mail(session, charlie) == [(spaces[1], False), (spaces[0], True)]


def test_a_person_reads_their_own_digest_as_it_would_be(session, signed_in, campaign, charlie, now):
    reader = signed_in(charlie)
    campaign.announced_at, campaign.closes_at = now - timedelta(days=90), now + timedelta(days=60)
    campaign.debrief_due_at = now + timedelta(days=90)
    session.commit()
    assert "Nothing is new for you" in reader.get("/me/notices/digest").text
    campaign.announced_at = now - timedelta(days=1)
    session.commit()
    page = reader.get("/me/notices/digest").text
    assert "what is new this week" in page
    assert campaign.title in page
    assert session.scalars(select(DigestRun)).all() == [], "nothing is written"
