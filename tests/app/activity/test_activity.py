"""The page of the activity log: who did what, for administrators."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb, record


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def page(signed_in, ada):
    browser = signed_in(ada)

    def read(**filters):
        answer = browser.get("/activity", query_string=filters)
        assert answer.status_code == 200
        return answer.text

    return read


@pytest.fixture
def acts(session, campaign, alice, bob, now):
    """Alice extended the campaign two days ago; Bob changed it now."""
    record(
        session, Verb.EXTENDED, campaign, by=alice, campaign_id=campaign.id, reason="Holidays",
        before={"closes_at": "2026-11-01"}, after={"closes_at": "2026-11-08"}, now=now - timedelta(days=2),
    )  # fmt: skip
    record(session, Verb.CHANGED, campaign, by=bob, campaign_id=campaign.id, reason="A <b>typo</b>", now=now)
    session.commit()


def test_the_page_says_who_did_what_and_why(page, acts):
    text = page()
    assert text.index("Bob") < text.index("Alice"), "latest first"
    assert "Holidays" in text
    assert "2026-11-08" in text
    assert "A &lt;b&gt;typo&lt;/b&gt;" in text


def test_a_deleted_campaign_is_named_without_a_link_that_leads_nowhere(page, session, campaign, acts, now):
    link = f'href="/campaigns/{campaign.id}"'
    assert link in page()
    campaign.deleted_at = now
    session.commit()
    text = page()
    assert link not in text
    assert f"{campaign.title} (deleted)" in text


@pytest.mark.parametrize(
    ("filters", "shown", "hidden"),
    [
        ({"who": "ali"}, "Holidays", "typo"),
        ({"who": "bob@example"}, "typo", "Holidays"),
        ({"verb": "extended"}, "Holidays", "typo"),
        ({"words": "holi"}, "Holidays", "typo"),
        ({"kind": "idea"}, "No activity found", "Holidays"),
        ({"campaign": "999999"}, "No activity found", "Holidays"),
        ({"who": "nobody"}, "No activity found", "Holidays"),
        ({"verb": "no such", "campaign": "x", "since": "x", "before": "-1"}, "Holidays", "No activity found"),
        ({"since": "0001-01-01", "until": "9999-12-31"}, "Holidays", "No activity found"),
    ],
)
def test_filters_choose_the_acts_shown(page, acts, filters, shown, hidden):
    text = page(**filters)
    assert shown in text
    assert hidden not in text


def test_days_are_those_of_the_reader(page, acts, now):
    today = now.date().isoformat()
    assert "Holidays" not in page(since=today)
    assert "Holidays" in page(until=(now - timedelta(days=1)).date().isoformat())


def test_a_long_log_has_pages(page, session, campaign, alice, now):
    for number in range(60):
        record(session, Verb.CHANGED, campaign, by=alice, campaign_id=campaign.id, reason=f"Reason {number}.", now=now)
    session.commit()

    first = page(who="alice")
    assert "Reason 59." in first
    assert "Reason 9." not in first
    assert page(who="alice", endpoint="x", before="9" * 9), "unknown names are not passed on"
    link = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    assert "who=alice" in link
    older = link.split("before=")[1].split("&")[0]
    assert "Reason 9." in page(who="alice", before=older)


def test_the_number_of_queries_does_not_grow_with_the_log(page, session, campaign, alice, bob, now, count_queries):
    record(session, Verb.CHANGED, campaign, by=alice, campaign_id=campaign.id, now=now)
    session.commit()
    few = count_queries(page)
    for person in (alice, bob) * 20:
        record(session, Verb.CHANGED, campaign, by=person, campaign_id=campaign.id, now=now)
    session.commit()
    assert count_queries(page) == few


def test_a_member_does_not_read_the_log(signed_in, charlie):
    assert signed_in(charlie).get("/activity").status_code == 403


def test_acts_of_participants_are_recorded(session, signed_in, make_person, idea, page):
    browser = signed_in(make_person("Dana"))
    here = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    browser.post(f"{here}/vote")
    browser.post(f"{here}/vote")
    browser.post(f"{here}/comments", data={"body": "Yes!"})
    browser.post(f"{here}/vote/withdraw")
    browser.post(f"{here}/vote/withdraw")

    rows = page(who="dana").split("<tbody>")[1].split("<tr ")[1:]
    assert [("support withdrawn" in row, "Comment" in row, "supported" in row) for row in rows] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_an_empty_log_says_what_will_appear(page):
    assert "No activity yet" in page()


def test_the_log_can_be_checked_on_the_command_line(app, session, acts):
    answer = app.test_cli_runner().invoke(args=["activity", "check"])
    assert answer.exit_code == 0
    assert "2 activities" in answer.output


@pytest.mark.one_database
def test_what_is_listed_is_a_file_and_the_log_says_who_took_it(session, signed_in, ada, acts):
    browser = signed_in(ada)
    answer = browser.post("/activity/export", data={"who": "alice", "since": "no day", "campaign": "x"})
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["who"], row["act"], row["reason"]) for row in rows] == [("Alice", "extended", "Holidays")]
    assert json.loads(rows[0]["after"]) == {"closes_at": "2026-11-08"}
    noted = session.scalars(select(Activity).where(Activity.verb == Verb.EXPORTED)).one()
    assert (noted.actor_id, noted.after) == (ada.id, {"activities": 1})
