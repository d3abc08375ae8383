"""The pages on which administrators see members and their roles on the site."""

import csv
import io
from datetime import timedelta

import pytest

from app.web.csv_file import csv_response
from ideas.people.platform_role import role_history
from ideas.people.sanction import Reason, SanctionKind, give_sanction


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def admin(signed_in, ada):
    return signed_in(ada)


def test_members_are_listed_and_filtered(admin, alice, charlie):
    page = admin.get("/people").text
    for words in ("Ada", "alice@example.org", "charlie@example.org", "Campaign author", "3 members"):
        assert words in page
    found = admin.get("/people?containing=CHÀRL&role=").text
    assert "charlie@example.org" in found
    assert "alice@example.org" not in found
    assert "alice@example.org" in admin.get("/people?role=campaign_author").text
    assert "No member found" in admin.get("/people?containing=nobody").text
    assert admin.get("/people?role=king&page=99999999999999999999").status_code == 200


def test_a_long_list_has_pages_that_keep_the_filters(admin, make_person):
    for number in range(60):
        make_person(f"Person {number:02}")
    page = admin.get("/people?containing=person&page=2").text
    assert "Person 59" in page
    assert "Person 00" not in page
    assert "/people?page=1&amp;containing=person" in page


def test_a_role_is_given_with_a_reason_and_taken_away(admin, session, ada, charlie):
    address = f"/people/{charlie.id}"
    assert "Give this role" in admin.get(address).text
    answer = admin.post(f"{address}/campaign_author/grant", data={"campaign_author-reason": "Runs mobility"})
    assert (answer.status_code, answer.location) == (303, address)
    session.expire_all()
    assert charlie.may_open_campaigns
    page = admin.get(address).text
    assert "Runs mobility" in page
    assert "Take this role away" in page
    admin.post(f"{address}/campaign_author/revoke")
    session.expire_all()
    assert not charlie.may_open_campaigns
    assert [act.actor_id for act in role_history(session, charlie)] == [ada.id, ada.id]


def test_the_last_administrator_can_not_give_up_the_role(admin, session, ada):
    answer = admin.post(f"/people/{ada.id}/admin/revoke", data={"admin-confirmed": "y"})
    assert answer.status_code == 422
    assert "This is the only administrator of the site. Name another one first." in answer.text


def test_an_administrator_confirms_before_giving_up_the_own_role(admin, session, ada, make_person):
    make_person("Zoe", is_admin=True)
    answer = admin.post(f"/people/{ada.id}/admin/revoke", data={"admin-reason": "I move on"})
    assert answer.status_code == 422
    assert "This is your own role. Tick the box to confirm that you give it up." in answer.text
    assert "I move on" in answer.text
    assert admin.post(f"/people/{ada.id}/admin/revoke", data={"admin-confirmed": "y"}).location == "/me"
    assert admin.get("/people").status_code == 403


def test_a_reason_that_is_too_long_is_refused_and_not_lost(admin, session, charlie):
    answer = admin.post(f"/people/{charlie.id}/admin/grant", data={"admin-reason": "r" * 501})
    assert answer.status_code == 422
    assert "Your text is too long." in answer.text
    assert "r" * 501 in answer.text
    session.expire_all()
    assert not charlie.is_admin


def test_an_unknown_role_or_member_is_not_found(admin, charlie):
    assert admin.post(f"/people/{charlie.id}/king/grant").status_code == 404
    assert admin.get("/people/999999").status_code == 404


def test_only_administrators_see_members(signed_in, client, charlie):
    assert client.get("/people").location.startswith("/sign-in")
    answer = signed_in(charlie).get("/people")
    assert answer.status_code == 403
    assert "Only administrators of this site can do this." in answer.text


def test_a_role_taken_away_is_refused_at_the_next_request(signed_in, session, charlie):
    charlie.is_admin = True
    session.commit()
    browser = signed_in(charlie)
    assert browser.get("/people").status_code == 200
    charlie.is_admin = False
    session.commit()
    assert browser.get("/people").status_code == 403


def test_a_member_who_may_not_open_campaigns_is_told_whom_to_ask(signed_in, alice, charlie):
    answer = signed_in(charlie).get("/campaigns/new")
    assert answer.status_code == 403
    assert "Only campaign authors can prepare a campaign. Ask an administrator of this site." in answer.text
    assert "/campaigns/new" not in signed_in(charlie).get("/campaigns").text
    assert signed_in(alice).get("/campaigns/new").status_code == 200
    assert "/campaigns/new" in signed_in(alice).get("/campaigns").text


def test_the_list_is_exported_as_the_filters_have_it(admin, alice, charlie, session):
    answer = admin.post("/people/export", data={"role": "campaign_author", "presence": "nonsense"})
    assert answer.mimetype == "text/csv"
    assert 'attachment; filename="people-' in answer.headers["Content-Disposition"]
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert dict(zip(head, row, strict=True)) | {"created_at": "", "id": ""} == {
        "id": "",
        "name": "Alice",
        "email": "alice@example.org",
        "headline": "",
        "roles": "campaign_author",
        "language": "en",
        "time_zone": "Europe/Paris",
        "created_at": "",
        "signed_in_at": "",
        "rules": "0",
        "verified_at": alice.verified_at.isoformat(timespec="seconds"),
        "sanction": "",
        "sanction_of": "",
        "sanction_ends_at": "",
    }
    assert "exported" in admin.get("/activity?verb=exported").text


@pytest.mark.parametrize("name", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_no_cell_of_an_export_is_a_formula(app, name):
    with app.test_request_context():
        answer = csv_response("x.csv", ["name"], [[name], ["Rose, “=1”"], [None]])
    assert list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))) == [
        ["name"],
        [f"'{name}"],
        ["Rose, “=1”"],
        [""],
    ]


def test_members_are_filtered_by_when_they_signed_in(admin, charlie):
    assert "charlie@example.org" in admin.get("/people?presence=away").text
    assert "charlie@example.org" not in admin.get("/people?presence=active").text


def test_members_are_filtered_by_their_address_and_by_sanctions_that_hold(
    admin, session, campaign, ada, alice, charlie, make_person, now
):
    make_person("Nora", verified_at=None)
    ends_at = now + timedelta(days=2)
    given = {"reason": Reason.OTHER, "quote": "", "words": "", "by": ada, "now": now}
    give_sanction(session, charlie, SanctionKind.SUSPENSION, ends_at=ends_at, **given)
    give_sanction(session, charlie, SanctionKind.BAN, campaign_id=campaign.id, **given)
    session.commit()

    def listed(query):
        page = admin.get(f"/people?{query}").text
        return {name for name in ("alice", "charlie", "nora") if f"{name}@example.org" in page}

    assert listed("address=unverified") == {"nora"}
    assert listed("address=verified") == {"alice", "charlie"}
    assert listed("sanction=suspension") == listed("sanction=ban") == {"charlie"}
    assert listed("sanction=warning&address=x") == {"alice", "charlie", "nora"}
    page = admin.get("/people").text
    assert page.count("Suspended</span>") == 1
    assert "Not confirmed</span>" in page
    answer = admin.post("/people/export", data={"sanction": "ban"})
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["name"], row["sanction"], row["sanction_of"]) == ("Charlie", "suspension", "site")
    assert row["sanction_ends_at"] == ends_at.isoformat(timespec="seconds")


def test_the_page_of_a_member_shows_what_they_did(admin, charlie, idea):
    page = admin.get(f"/people/{charlie.id}").text
    for words in ("Latest acts", f"Idea {idea.id}, submitted", "Last sign-in", "Rules accepted"):
        assert words in page
    assert "See all their acts" in page


def test_only_administrators_export_people(signed_in, alice):
    assert signed_in(alice).post("/people/export").status_code == 403
