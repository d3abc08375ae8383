import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import event, select

from app.pictures.uploads.portrait import SIDE
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.portrait import delete_waiting
from ideas.contributions.draft import submit_idea
from ideas.files import File
from ideas.work.job import Job, JobKind

WRITTEN = {
    "title": "Quieter wards",
    "challenge": "What wakes patients at night?",
    "brief": "Nights are **loud**.",
    "benefit": "Two changes this winter.",
    "motivation": "A breakfast with the nurses.",
    "opens_at": "2031-07-01T09:00",
    "closes_at": "2031-07-20T18:30",
    "debrief_due_at": "2031-09-01T12:00",
    "owner_word": "I was a patient too.",
    "owner_video_url": "",
}


def portrait(kind="PNG", name="me.png"):
    file = io.BytesIO()
    Image.new("RGB", (400, 500), "teal").save(file, kind)
    file.seek(0)
    return file, name


def value_in(page: str, field: str) -> str:
    return page.partition(f'id="{field}"')[2].partition('value="')[2].partition('"')[0]


def latest(session) -> Campaign:
    session.expire_all()
    return session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()


def queries(connection, client, address) -> int:
    seen = []

    def count(*_):
        seen.append(1)

    event.listen(connection, "before_cursor_execute", count)
    assert client.get(address).status_code == 200
    event.remove(connection, "before_cursor_execute", count)
    return len(seen)


# The list


def test_a_visitor_sees_announced_campaigns_by_state(client, make_campaign, draft_campaign, now):
    make_campaign(title="Soon over", closes_at=now + timedelta(hours=3))
    make_campaign(title="Long ago", closes_at=now - timedelta(days=3), debrief_due_at=now - timedelta(days=1))
    page = client.get("/campaigns", headers={"Accept-Language": "en"}).text
    assert page.index("Soon over") < page.index("Under review") < page.index("Long ago")
    assert "The debrief is late" in page
    assert draft_campaign.title not in page


def test_a_card_shows_how_many_took_part(client, campaign, make_idea, make_person, charlie, bob):
    make_idea(campaign, charlie, "One")
    make_idea(campaign, charlie, "Two")
    make_idea(campaign, make_person("Dora"), "Three")
    make_idea(campaign, bob, "By the team, which asks and does not take part")
    make_idea(campaign, None, "Five", author_name="Someone from the workshop")
    page = client.get("/campaigns", headers={"Accept-Language": "en"}).text
    assert "5 ideas" in page
    assert "2 people" in page


def test_an_empty_list_offers_to_sign_up_or_open_a_campaign(client, signed_in, alice):
    assert "/sign-up" in client.get("/campaigns").text
    assert "/campaigns/new" in signed_in(alice).get("/campaigns").text


def test_the_list_takes_as_many_queries_for_three_as_for_thirty(
    connection, signed_in, charlie, make_campaign, make_idea
):
    browser = signed_in(charlie)
    for _ in range(3):
        make_idea(make_campaign(), charlie, "An idea")
    few = queries(connection, browser, "/campaigns")
    for _ in range(27):
        make_idea(make_campaign(), charlie, "An idea")
    assert queries(connection, browser, "/campaigns") == few


# One campaign


def test_an_open_campaign_says_what_is_asked_until_when_and_by_whom(client, campaign, idea):
    page = client.get(f"/campaigns/{campaign.id}", headers={"Accept-Language": "en"}).text
    for said in (campaign.challenge, campaign.benefit, campaign.motivation, campaign.owner_word, "Paris time"):
        assert said in page
    assert "<strong>slows you down</strong>" in page
    assert 'alt="Portrait of Alice"' in page
    assert f"/campaigns/{campaign.id}/ideas/new" in page
    assert f'data-deadline="{campaign.closes_at.isoformat()}"' in page
    assert idea.title in page
    assert "Close the campaign to new ideas now" not in page


def test_a_closed_campaign_shows_its_promise(client, closed_campaign):
    page = client.get(f"/campaigns/{closed_campaign.id}", headers={"Accept-Language": "en"}).text
    assert "Under review" in page
    assert "/ideas/new" not in page
    assert "overdue" not in page


def test_everyone_sees_a_promise_that_is_late(client, make_campaign, now):
    late = make_campaign(closes_at=now - timedelta(days=5), debrief_due_at=now - timedelta(days=2))
    assert "The debrief is late" in client.get(f"/campaigns/{late.id}", headers={"Accept-Language": "en"}).text


def test_a_debriefed_campaign_leads_to_its_answer(client, make_campaign, now):
    done = make_campaign(closes_at=now - timedelta(days=5), grouped_at=now, debriefed_at=now)
    page = client.get(f"/campaigns/{done.id}").text
    assert f"/campaigns/{done.id}/debrief" in page
    assert f"/campaigns/{done.id}/themes" in page


def test_a_page_takes_as_many_queries_for_three_ideas_as_for_thirty(
    connection, signed_in, alice, charlie, campaign, make_idea
):
    browser = signed_in(alice)
    address = f"/campaigns/{campaign.id}"
    for number in range(3):
        make_idea(campaign, charlie, f"Idea {number}")
    few = queries(connection, browser, address)
    for number in range(27):
        make_idea(campaign, charlie, f"More {number}")
    assert queries(connection, browser, address) == few


def test_what_an_owner_writes_is_escaped(client, make_campaign):
    campaign = make_campaign(
        title="<script>alert(1)</script>", brief="<img src=x onerror=alert(1)> [x](javascript:alert(1))"
    )
    page = client.get(f"/campaigns/{campaign.id}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


# Who may


@pytest.mark.parametrize("page", ["edit", "launch", "import"])
def test_a_managers_page_is_closed_to_others(client, signed_in, charlie, bob, campaign, draft_campaign, page):
    assert client.get(f"/campaigns/{campaign.id}/{page}").location.startswith("/sign-in?next=")
    assert signed_in(charlie).get(f"/campaigns/{campaign.id}/{page}").status_code == 403
    assert signed_in(charlie).get(f"/campaigns/{draft_campaign.id}/{page}").status_code == 404
    assert signed_in(bob).get(f"/campaigns/{draft_campaign.id}/{page}").status_code == 200


@pytest.mark.parametrize("act", ["close", "launch/announce"])
def test_a_managers_act_is_closed_to_others(client, signed_in, charlie, campaign, act):
    assert client.post(f"/campaigns/{campaign.id}/{act}").location == "/sign-in"
    assert signed_in(charlie).post(f"/campaigns/{campaign.id}/{act}").status_code == 403


def test_a_draft_does_not_exist_for_outsiders(client, signed_in, charlie, bob, draft_campaign):
    for address in (f"/campaigns/{draft_campaign.id}", f"/files/{draft_campaign.portrait_id}"):
        assert client.get(address).status_code == 404
        assert signed_in(charlie).get(address).status_code == 404
    assert signed_in(bob).get(f"/campaigns/{draft_campaign.id}").status_code == 200


def test_a_visitor_signs_in_before_writing(client):
    assert client.get("/campaigns/new").location == "/sign-in?next=/campaigns/new"


# Writing


@pytest.fixture
def author(make_person):
    """A campaign author, who owns no campaign yet."""
    return make_person("Aude", may_open_campaigns=True)


def test_a_new_campaign_is_a_draft_of_its_writer_in_their_zone(signed_in, session, author):
    browser = signed_in(author)
    assert "Paris" in browser.get("/campaigns/new").text
    answer = browser.post("/campaigns/new", data=WRITTEN | {"portrait": portrait()})
    made = latest(session)
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{made.id}/launch")
    assert made.owner_id == author.id
    assert made.announced_at is None
    assert made.closes_at == datetime(2031, 7, 20, 16, 30, tzinfo=UTC)
    assert made.brief == WRITTEN["brief"]


def test_a_title_is_enough_for_a_draft(signed_in, session, author):
    assert signed_in(author).post("/campaigns/new", data={"title": "Later"}).status_code == 303
    assert latest(session).title == "Later"


def test_every_error_is_shown_beside_its_field_and_no_text_is_lost(signed_in, session, author):
    wrong = WRITTEN | {
        "title": " ",
        "closes_at": "2031-06-01T10:00",
        "owner_video_url": "http://video.example.org",
        "portrait": (io.BytesIO(b"<svg/>"), "me.png"),
    }
    answer = signed_in(author).post("/campaigns/new", data=wrong)
    assert answer.status_code == 422
    for field, sentence in {
        "title": "Enter a title for the campaign.",
        "closes_at": "Choose a closing date after the opening date.",
        "owner_video_url": "Enter a link that starts with https://",
        "portrait": "This picture can’t be used.",
    }.items():
        beside = answer.text.partition(f'id="{field}-error"')[2][:600]
        assert sentence in beside
    for kept in (
        "What wakes patients at night?",
        "I was a patient too.",
        "2031-06-01T10:00",
        "http://video.example.org",
    ):
        assert kept in answer.text
    assert session.scalar(select(Campaign)) is None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "tomorrow", "2031-13-40T99:00"])
def test_an_unlikely_year_is_refused_and_shown_again(signed_in, author, moment):
    answer = signed_in(author).post("/campaigns/new", data=WRITTEN | {"closes_at": moment})
    assert answer.status_code == 422
    assert 'id="closes_at-error"' in answer.text
    assert f'value="{moment}"' in answer.text


def test_too_long_a_text_is_kept_on_the_page(signed_in, author):
    answer = signed_in(author).post("/campaigns/new", data=WRITTEN | {"challenge": "why " * 100})
    assert answer.status_code == 422
    assert "The limit is 300." in answer.text
    assert ("why " * 100).strip() in answer.text


def test_sending_the_form_of_a_campaign_unchanged_changes_nothing(signed_in, session, bob, make_campaign, now):
    closing = now.replace(second=17) - timedelta(days=1)
    campaign = make_campaign(closes_at=closing)
    browser = signed_in(bob)
    page = browser.get(f"/campaigns/{campaign.id}/edit").text
    dates = {name: value_in(page, name) for name in ("opens_at", "closes_at", "debrief_due_at")}
    sent = {name: getattr(campaign, name) for name in ("title", "challenge", "brief", "benefit", "motivation")}
    sent |= {"owner_word": "I read them all.", "version": "1", "change_reason": "Kinder"}
    answer = browser.post(f"/campaigns/{campaign.id}/edit", data=sent | dates)
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.id}")
    session.expire_all()
    assert (campaign.closes_at, campaign.owner_word) == (closing, "I read them all.")


def form_of(browser, campaign, **changes):
    """What the form of the campaign sends, with these changes."""
    page = browser.get(f"/campaigns/{campaign.id}/edit").text
    dates = {name: value_in(page, name) for name in ("opens_at", "closes_at", "debrief_due_at")}
    names = ("title", "challenge", "brief", "benefit", "motivation", "owner_word", "version")
    return {name: getattr(campaign, name) for name in names} | dates | changes


def test_after_the_closing_the_debrief_is_put_off_with_a_reason_that_everyone_reads(
    client, signed_in, session, bob, closed_campaign
):
    browser, here = signed_in(bob), f"/campaigns/{closed_campaign.id}"
    sent = form_of(browser, closed_campaign, debrief_due_at="2031-09-01T12:00")
    refused = browser.post(f"{here}/edit", data=sent)
    assert refused.status_code == 422
    assert re.search(r'id="change_reason-error"[^>]*>.*?Say why you change it', refused.text, re.DOTALL)
    assert value_in(refused.text, "debrief_due_at") == "2031-09-01T12:00", "nothing typed is lost"

    assert browser.post(f"{here}/edit", data=sent | {"change_reason": "Too many ideas."}).status_code == 303
    page = client.get(here).text
    assert "The date promised for the debrief moved from" in page
    assert "Reason: Too many ideas." in page
    assert "2031" in client.get(f"{here}/history").text


def test_a_changed_promise_is_read_word_by_word_by_everyone(client, signed_in, bob, campaign):
    browser, here = signed_in(bob), f"/campaigns/{campaign.id}"
    assert "Nothing changed" in client.get(f"{here}/history").text
    sent = form_of(browser, campaign, benefit="Two changes will ship <this> year.", change_reason="We have less money.")
    browser.post(f"{here}/edit", data=sent)
    page = client.get(f"{here}/history").text
    assert re.search(r"<del>.*?Three .*?</del>.*?<ins>.*?Two .*?</ins>", page, re.DOTALL)
    assert "&lt;this&gt;" in page
    assert "We have less money." in page
    assert "Bob" in page


def test_a_second_manager_sees_both_versions_and_loses_nothing(signed_in, session, alice, bob, campaign):
    hers, his = signed_in(alice), signed_in(bob)
    sent = form_of(his, campaign, benefit="His benefit.", change_reason="His reason.")
    hers.post(
        f"/campaigns/{campaign.id}/edit", data=form_of(hers, campaign, benefit="Her benefit.", change_reason="Why")
    )
    answer = his.post(f"/campaigns/{campaign.id}/edit", data=sent)
    assert answer.status_code == 409
    assert "Her benefit." in answer.text
    assert answer.text.count("His benefit.") == 2, "in the comparison and in the form"
    assert "His reason." in answer.text
    assert "Alice saved another version on" in answer.text
    session.expire_all()
    assert campaign.benefit == "Her benefit."

    again = sent | {"version": value_in(answer.text, "version")}
    assert his.post(f"/campaigns/{campaign.id}/edit", data=again).status_code == 303
    session.expire_all()
    assert campaign.benefit == "His benefit."


def test_the_history_of_a_draft_is_for_its_team(client, signed_in, bob, draft_campaign):
    assert client.get(f"/campaigns/{draft_campaign.id}/history").status_code == 404
    assert signed_in(bob).get(f"/campaigns/{draft_campaign.id}/history").status_code == 200


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        # The clocks of Paris go back at 3:00 on 26 October 2031, and forward at 2:00 on 28 March 2032.
        ("2031-10-26T01:30", datetime(2031, 10, 25, 23, 30, tzinfo=UTC)),
        ("2031-10-26T03:30", datetime(2031, 10, 26, 2, 30, tzinfo=UTC)),
        ("2032-03-28T03:30", datetime(2032, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_the_closing_is_an_instant_even_when_the_clocks_change(signed_in, session, alice, charlie, written, instant):
    dates = {"opens_at": "2031-10-20T09:00", "closes_at": written, "debrief_due_at": "2032-05-01T12:00"}
    assert signed_in(alice).post("/campaigns/new", data=WRITTEN | dates).status_code == 303
    campaign = latest(session)
    assert campaign.closes_at == instant
    campaign.announced_at = campaign.opens_at
    tick = timedelta(milliseconds=1)
    for when, taken in [(instant - tick, True), (instant, False), (instant + tick, False)]:
        idea = submit_idea(session, campaign, author=charlie, title="", body=f"At {when}", now=when)
        assert (idea.submitted_at is not None) is taken
        assert idea.body == f"At {when}"


@pytest.mark.parametrize("field", ["opens_at", "closes_at", "debrief_due_at"])
@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("2027-03-28T02:30", "02:30 does not exist on 28 March 2027 (Paris time): clocks go forward."),
        ("2027-10-31T02:30", "02:30 comes twice on 31 October 2027 (Paris time): clocks go back."),
        ("2027-03-28T02:00", "02:00 does not exist on 28 March 2027 (Paris time)"),
    ],
)
def test_an_hour_that_does_not_exist_or_exists_twice_is_refused(signed_in, author, field, written, sentence):
    data = {"title": "Evenings", field: written}
    refused = signed_in(author).post("/campaigns/new", data=data)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert value_in(refused.text, field) == written


def test_a_closing_that_is_in_an_hour_that_comes_twice_stays_when_the_form_is_sent_back(
    signed_in, session, bob, make_campaign
):
    """It was closed early in that hour, or by somebody of another zone: the first 02:30 of that night."""
    closed_at = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    opens_at, due_at = closed_at - timedelta(days=9), closed_at + timedelta(days=30)
    campaign = make_campaign(opens_at=opens_at, closes_at=closed_at, debrief_due_at=due_at, announced_at=None)
    browser = signed_in(bob)
    assert form_of(browser, campaign, title="Other")["closes_at"] == "2027-10-31T02:30"
    saved = browser.post(f"/campaigns/{campaign.id}/edit", data=form_of(browser, campaign, title="Other"))
    assert saved.status_code == 303
    session.expire_all()
    assert (campaign.title, campaign.closes_at) == ("Other", closed_at)


def test_every_page_names_the_zone_of_its_hours(client, signed_in, session, charlie, idea):
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    assert "Times are in Paris time." in client.get(address).text
    charlie.timezone = "Indian/Reunion"
    session.commit()
    assert "Times are in Réunion time." in signed_in(charlie).get(address).text


def test_an_announced_campaign_keeps_its_benefit(signed_in, session, alice, campaign):
    answer = signed_in(alice).post(f"/campaigns/{campaign.id}/edit", data=WRITTEN | {"benefit": "", "opens_at": ""})
    assert answer.status_code == 422
    session.expire_all()
    assert campaign.benefit


# The portrait


def test_a_portrait_is_reencoded_served_privately_and_replaced(signed_in, session, author, uploads):
    browser = signed_in(author)
    browser.post("/campaigns/new", data=WRITTEN | {"portrait": portrait("JPEG", "../../evil.svg")})
    made = latest(session)
    first = made.portrait
    assert (first.name, first.campaign_id, first.uploaded_by_id) == ("evil.webp", made.id, author.id)
    with browser.get(f"/files/{first.id}") as answer:
        assert answer.mimetype == "image/webp"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.cache_control.private
        assert not answer.cache_control.public
        with Image.open(io.BytesIO(answer.data)) as shown:
            assert shown.size == (SIDE, SIDE)
    browser.post(f"/campaigns/{made.id}/edit", data=WRITTEN | {"portrait": portrait()})
    session.expire_all()
    assert made.portrait_id != first.id
    assert first.removed_at is not None
    assert (uploads / made.portrait.stored_as).exists()
    assert not (uploads / first.stored_as).exists()
    assert browser.get(f"/files/{first.id}").status_code == 404


def test_a_portrait_stays_when_no_other_is_chosen(signed_in, session, author):
    browser = signed_in(author)
    browser.post("/campaigns/new", data=WRITTEN | {"portrait": portrait()})
    made = latest(session)
    kept = made.portrait_id
    browser.post(f"/campaigns/{made.id}/edit", data=WRITTEN | {"title": "Other"})
    session.expire_all()
    assert (made.title, made.portrait_id) == ("Other", kept)


def files_in(folder):
    return sum(path.is_file() for path in folder.rglob("*"))


def waiting_in(page):
    """The id of the portrait that waits for the form of this page."""
    return page.partition('name="kept_portrait"')[2].partition('value="')[2].partition('"')[0]


@pytest.mark.parametrize("wrong", [{"title": " "}, {"owner_video_url": "http://example.org"}])
def test_a_form_that_fails_keeps_the_portrait_that_was_chosen(signed_in, session, author, uploads, wrong):
    browser = signed_in(author)
    refused = browser.post("/campaigns/new", data=WRITTEN | wrong | {"portrait": portrait()})
    assert refused.status_code == 422
    assert "The portrait that you chose is kept." in refused.text
    file_id = waiting_in(refused.text)
    with browser.get(f"/files/{file_id}") as shown:
        assert shown.mimetype == "image/webp"
    again = browser.post("/campaigns/new", data=WRITTEN | wrong | {"kept_portrait": file_id})
    assert waiting_in(again.text) == file_id
    assert browser.post("/campaigns/new", data=WRITTEN | {"kept_portrait": file_id}).status_code == 303
    made = latest(session)
    assert (made.portrait_id, made.portrait.campaign_id) == (int(file_id), made.id)
    assert (uploads / made.portrait.stored_as).exists()


def test_the_portrait_of_a_form_that_met_a_conflict_is_kept_and_replaces_the_other(
    signed_in, session, bob, campaign, uploads
):
    browser, address = signed_in(bob), f"/campaigns/{campaign.id}/edit"
    before = campaign.portrait
    stale = form_of(browser, campaign, owner_word="Mine", version=0, portrait=portrait())
    conflict = browser.post(address, data=stale)
    assert conflict.status_code == 409
    saved = form_of(browser, campaign, owner_word="Mine", kept_portrait=waiting_in(conflict.text))
    assert browser.post(address, data=saved).status_code == 303
    session.expire_all()
    assert campaign.portrait_id == int(saved["kept_portrait"])
    assert before.removed_at is not None


def test_a_portrait_that_waits_is_for_who_sent_it_alone(signed_in, session, author, alice):
    file_id = waiting_in(signed_in(author).post("/campaigns/new", data={"title": "", "portrait": portrait()}).text)
    other = signed_in(alice)
    assert other.get(f"/files/{file_id}").status_code == 404
    refused = other.post("/campaigns/new", data=WRITTEN | {"kept_portrait": file_id})
    assert refused.status_code == 422
    assert "The portrait that you chose is no longer kept." in refused.text
    assert waiting_in(refused.text) == ""
    assert session.scalar(select(Campaign)) is None


def test_of_the_portraits_that_wait_one_stays_for_a_day(app, signed_in, session, author, uploads, now):
    browser, before = signed_in(author), files_in(uploads)
    first, second = (
        int(waiting_in(browser.post("/campaigns/new", data={"title": "", "portrait": portrait()}).text)) for _ in "12"
    )
    assert session.scalars(select(File.id)).all() == [second] != [first]
    assert (uploads / session.get(File, second).stored_as).is_file()
    assert files_in(uploads) == before + 1
    assert delete_waiting(session, now=now + timedelta(hours=23)) == 0
    assert delete_waiting(session, now=now + timedelta(hours=25)) == 1


@pytest.mark.parametrize("moment", ["2031-06-01T10:00", "2027-03-28T02:30", "tomorrow", "0001-01-01T00:00"])
def test_a_wrong_date_does_not_keep_a_draft_from_being_saved(signed_in, session, author, moment):
    browser = signed_in(author)
    told = browser.post("/campaigns/new", data=WRITTEN | {"closes_at": moment, "portrait": portrait()})
    made = latest(session)
    assert told.status_code == 422
    assert told.headers["Content-Location"] == f"/campaigns/{made.id}/edit"
    assert "The draft is saved, but not its dates." in told.text
    assert 'id="closes_at-error"' in told.text
    assert moment in told.text
    assert (made.challenge, made.opens_at, made.closes_at) == (WRITTEN["challenge"], None, None)
    assert made.portrait_id is not None
    assert f'action="/campaigns/{made.id}/edit"' in told.text
    version = told.text.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    again = browser.post(f"/campaigns/{made.id}/edit", data=WRITTEN | {"version": version})
    assert again.status_code == 303
    session.expire_all()
    assert made.closes_at == datetime(2031, 7, 20, 16, 30, tzinfo=UTC)


def test_a_draft_with_dates_keeps_them_where_another_is_wrong(signed_in, session, bob, draft_campaign):
    browser, closes_at = signed_in(bob), draft_campaign.closes_at
    sent = form_of(browser, draft_campaign, title="Other", closes_at="2001-01-01T10:00")
    told = browser.post(f"/campaigns/{draft_campaign.id}/edit", data=sent)
    assert told.status_code == 422
    assert "The draft is saved, but not its dates." in told.text
    session.expire_all()
    assert (draft_campaign.title, draft_campaign.closes_at) == ("Other", closes_at)


def test_of_an_announced_campaign_nothing_is_saved_where_a_date_is_wrong(signed_in, session, bob, campaign):
    browser, title = signed_in(bob), campaign.title
    sent = form_of(browser, campaign, title="Other", closes_at="2001-01-01T10:00")
    assert browser.post(f"/campaigns/{campaign.id}/edit", data=sent).status_code == 422
    session.expire_all()
    assert campaign.title == title


def test_a_campaign_is_shown_with_or_without_a_portrait(client, make_campaign, campaign):
    without = make_campaign(portrait=None)
    assert "/files/" not in client.get(f"/campaigns/{without.id}").text
    assert f"/files/{campaign.portrait_id}" in client.get(f"/campaigns/{campaign.id}").text
    assert client.get(f"/files/{campaign.portrait_id}").status_code == 404  # its bytes are gone


# The launch


def test_the_gate_lists_what_is_missing_and_offers_no_launch(signed_in, make_campaign, alice):
    campaign = make_campaign(announced_at=None, benefit="", portrait=None)
    page = signed_in(alice).get(f"/campaigns/{campaign.id}/launch").text
    assert "2 items are missing" in page
    assert f"/campaigns/{campaign.id}/edit#benefit" in page
    assert "launch/announce" not in page


@pytest.mark.parametrize(
    ("fields", "says", "leaves"),
    [
        ({}, "Everything is ready.", "Add what is missing"),
        ({"benefit": ""}, "Add what is missing", "Everything is ready."),
    ],
)
def test_the_next_step_asks_for_more_only_where_something_is_missing(
    signed_in, make_campaign, alice, fields, says, leaves
):
    campaign = make_campaign(announced_at=None, **fields)
    page = signed_in(alice).get(f"/campaigns/{campaign.id}").text
    assert says in page
    assert leaves not in page


def test_announcing_too_early_is_refused_with_the_list(signed_in, session, make_campaign, alice):
    campaign = make_campaign(announced_at=None, motivation="", owner_word="")
    answer = signed_in(alice).post(f"/campaigns/{campaign.id}/launch/announce")
    assert answer.status_code == 422
    assert "Write how you will thank participants." in answer.text
    assert "#gate-word" in answer.text
    assert "#gate-benefit" not in answer.text
    session.expire_all()
    assert campaign.announced_at is None


def test_only_the_owner_announces(signed_in, session, alice, bob, draft_campaign):
    address = f"/campaigns/{draft_campaign.id}/launch"
    assert "launch/announce" not in signed_in(bob).get(address).text
    assert signed_in(bob).post(f"{address}/announce").status_code == 403
    browser = signed_in(alice)
    assert "launch/announce" in browser.get(address).text
    assert browser.post(f"{address}/announce").location == f"/campaigns/{draft_campaign.id}"
    session.expire_all()
    assert draft_campaign.announced_at is not None
    assert browser.get(address).location == f"/campaigns/{draft_campaign.id}"


# The end


def test_closing_a_campaign_also_starts_its_grouping(signed_in, session, bob, campaign):
    browser = signed_in(bob)
    assert f"/campaigns/{campaign.id}/close" in browser.get(f"/campaigns/{campaign.id}").text
    answer = browser.post(f"/campaigns/{campaign.id}/close", data={"reason": "We have <enough>."})
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.id}/themes")
    session.expire_all()
    assert not campaign.is_open(datetime.now(UTC))
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.campaign_id) == (JobKind.FIND_THEMES, campaign.id)


def test_closing_early_asks_for_a_reason_that_everyone_reads(client, signed_in, session, bob, campaign):
    browser = signed_in(bob)
    for reason in ("", "  ", "a" * 501):
        refused = browser.post(f"/campaigns/{campaign.id}/close", data={"reason": reason})
        assert refused.status_code == 422
        assert 'id="reason-error"' in refused.text
        assert '<details class="reveal" open>' in refused.text
    assert "a" * 501 in refused.text, "what was written is not lost"
    assert session.scalar(select(Job)) is None
    browser.post(f"/campaigns/{campaign.id}/close", data={"reason": "We have <enough>."})
    assert "Reason: We have &lt;enough&gt;." in client.get(f"/campaigns/{campaign.id}").text
    assert "We have &lt;enough&gt;." in client.get(f"/campaigns/{campaign.id}/history").text


def test_a_closed_campaign_is_not_closed_again(signed_in, session, bob, closed_campaign):
    browser = signed_in(bob)
    assert f"/campaigns/{closed_campaign.id}/close" not in browser.get(f"/campaigns/{closed_campaign.id}").text
    assert browser.post(f"/campaigns/{closed_campaign.id}/close", data={"reason": "Again."}).status_code == 422
    assert session.scalar(select(Job)) is None


def test_the_language_of_a_campaign_is_chosen_and_that_of_its_question_by_default(session, signed_in, alice, campaign):
    browser, here = signed_in(alice), f"/campaigns/{campaign.id}/edit"
    page = browser.get(here).text
    assert '<option selected value="">As in the question</option>' in page
    assert '<option value="hi">Hindi</option>' in page
    for chosen in ("de", ""):
        assert browser.post(here, data=form_of(browser, campaign, lang=chosen)).status_code == 303
        session.expire_all()
        assert (campaign.lang or "") == chosen
    assert browser.post(here, data=form_of(browser, campaign, lang="xx")).status_code == 422
