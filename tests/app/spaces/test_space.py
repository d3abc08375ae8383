"""The pages of spaces: the directory, a space, and the ways in and out of it."""

import csv
import io

import pytest
from sqlalchemy import select

from app.mail.notices import notify_due
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.outreach.notice import Notice, NoticeKind
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person, enter, membership_of
from ideas.spaces.space import Entry, MembershipState, Space, SpaceKind, SpaceRole

HOSTILE = "<script>alert(1)</script> “É” \u202e " + "x" * 20


@pytest.fixture
def make_space(session, alice, now):
    def make(name="Nurses", **facts):
        space = create_space(session, text=SpaceText(name, **facts), by=alice, now=now)
        session.commit()
        return space

    return make


@pytest.fixture
def alices(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def charlies(signed_in, charlie):
    return signed_in(charlie)


def test_a_campaign_author_creates_a_space_and_finds_it_in_the_directory(session, alices):
    form = {"name": HOSTILE, "description": "For <b>nurses</b>", "kind": "interest", "entry": "open", "seats": "20"}
    answer = alices.post("/spaces/new", data=form, follow_redirects=True)
    assert answer.status_code == 200
    space = session.scalars(select(Space)).one()
    assert "\u202e" not in space.name
    for page in ("/spaces", f"/spaces/{space.id}"):
        text = alices.get(page).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Enter a name for the space."),
        ({"name": "x" * 81}, "Your text is too long"),
        ({"kind": "board", "entry": "private", "seats": "9"}, "An advisory board has 10 to 20 seats."),
        ({"kind": "board", "entry": "open", "seats": "12"}, "Choose another way."),
        ({"kind": "nothing"}, "Not a valid choice"),
        ({"seats": "9" * 40}, "Not a valid integer value"),
        ({"seats": "ten"}, "Not a valid integer value"),
        ({"seats": "-3"}, "Enter a number of seats between 1 and 5,000"),
    ],
)
def test_a_wrong_form_says_why_and_keeps_what_was_typed(session, alices, wrong, words):
    form = {"name": "Nurses", "description": "Kept text", "kind": "interest", "entry": "open"} | wrong
    answer = alices.post("/spaces/new", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Kept text" in answer.text
    assert session.scalars(select(Space)).all() == []


def test_whoever_may_not_open_campaigns_is_offered_no_space_to_create(charlies):
    assert "/spaces/new" not in charlies.get("/spaces").text
    assert charlies.get("/spaces/new").status_code == 403


def test_a_private_space_is_not_found_by_others_at_any_address(session, make_space, charlies, charlie, alice, now):
    space = make_space("Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12)
    assert "Board" not in charlies.get("/spaces").text
    assert charlies.get(f"/spaces/{space.id}").status_code == 404
    assert charlies.post(f"/spaces/{space.id}/enter").status_code == 404
    add_person(session, space, charlie, role=SpaceRole.OBSERVER, by=alice, now=now)
    session.commit()
    shown = charlies.get(f"/spaces/{space.id}")
    assert shown.status_code == 200
    assert "Observer" in shown.text
    assert "noindex" in shown.headers["X-Robots-Tag"]


def test_a_visitor_is_led_to_sign_in_whether_the_space_is_there_or_not(app, make_space):
    space = make_space()
    visitor = app.test_client()
    for page in ("/spaces", f"/spaces/{space.id}", "/spaces/987654"):
        answer = visitor.get(page)
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={page}")


def test_a_space_is_entered_and_left(session, make_space, charlies, charlie):
    space = make_space()
    page = f"/spaces/{space.id}"
    assert "Alice" not in charlies.get(page).text, "its people are shown to its members"
    assert "You are now in this space." in charlies.post(f"{page}/enter", follow_redirects=True).text
    assert "Alice" in charlies.get(page).text
    assert charlies.post(f"{page}/leave").status_code == 303
    assert membership_of(session, space, charlie) is None
    assert charlies.post(f"{page}/leave").status_code == 303, "twice changes nothing"


def test_a_full_space_says_so_and_offers_the_waiting_list(session, make_space, make_person, charlies, charlie, now):
    space = make_space(seats=1)
    enter(session, space, by=make_person("First"), now=now)
    session.commit()
    page = f"/spaces/{space.id}"
    assert "The 1 seat is taken." in charlies.get(page).text
    assert "Join the waiting list" in charlies.get(page).text
    assert "You are on the waiting list, at place 1." in charlies.post(f"{page}/enter", follow_redirects=True).text
    assert "Leave the waiting list" in charlies.get(page).text


def test_a_request_is_seen_by_moderators_answered_and_told(
    session, app, make_space, alices, charlies, alice, charlie, now
):
    space = make_space(entry=Entry.REQUEST)
    page = f"/spaces/{space.id}"
    assert "Request sent." in charlies.post(f"{page}/enter", data={"note": HOSTILE}, follow_redirects=True).text
    shown = alices.get(page).text
    assert "1 request" in shown
    assert "&lt;script&gt;" in shown
    place = membership_of(session, space, charlie)
    assert charlies.post(f"{page}/members/{place.id}/accept").status_code == 403
    empty = alices.post(
        f"{page}/members/{place.id}/refuse",
        data={"reason": " "},
        headers={"Referer": f"http://localhost{page}"},
        follow_redirects=True,
    )
    assert "Say why. The person reads your reason." in empty.text
    assert alices.post(f"{page}/members/{place.id}/refuse", data={"reason": "Nurses only"}).status_code == 303
    assert alices.post(f"{page}/members/{place.id}/refuse", data={"reason": "Again"}).status_code == 404
    charlies.post(f"{page}/enter")
    again = membership_of(session, space, charlie)
    assert alices.post(f"{page}/members/{again.id}/accept").status_code == 303
    with app.app_context():
        notify_due(now)
    told = {(notice.person_id, notice.kind) for notice in session.scalars(select(Notice))}
    assert told == {(alice.id, NoticeKind.SPACE_REQUEST), (charlie.id, NoticeKind.SPACE_PLACE)}
    text = charlies.get("/me/notices").text
    assert "Your request for the space “Nurses” was refused." in text
    assert "Nurses only" in text
    assert "you are now in the space “Nurses”" in text
    assert "Someone asks to enter the space “Nurses”." in alices.get("/me/notices").text


def test_a_removal_frees_the_seat_for_who_waits_and_both_are_told(
    session, app, make_space, alices, make_person, charlie, alice, now
):
    space = make_space(seats=1)
    first = make_person("First")
    seated = enter(session, space, by=first, now=now)
    enter(session, space, by=charlie, now=now)
    session.commit()
    remove = f"/spaces/{space.id}/members/{seated.id}/remove"
    assert alices.post(remove, data={"reason": "Moved away"}).status_code == 303
    session.expire_all()
    assert membership_of(session, space, charlie).state is MembershipState.MEMBER
    with app.app_context():
        notify_due(now)
    assert {notice.person_id for notice in session.scalars(select(Notice))} == {first.id, charlie.id}


def test_adding_by_address_does_not_tell_whether_somebody_has_it(session, make_space, alices, charlie):
    space = make_space("Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12)
    page = f"/spaces/{space.id}/members"
    answers = [
        alices.post(page, data={"email": email, "role": "observer"}, follow_redirects=True).text
        for email in ("nobody@example.org", charlie.email)
    ]
    sentence = "If this address has an account, the person is now in the space"
    assert all(sentence in answer for answer in answers)
    assert membership_of(session, space, charlie).role is SpaceRole.OBSERVER
    assert alices.post(page, data={"email": charlie.email, "role": "king"}).status_code == 422


def test_somebody_of_another_space_is_not_found_at_this_ones_address(session, make_space, alices, charlie, now):
    here, there = make_space("Here"), make_space("There")
    place = enter(session, there, by=charlie, now=now)
    session.commit()
    for act in ("accept", "refuse", "remove", "role"):
        assert alices.post(f"/spaces/{here.id}/members/{place.id}/{act}", data={"reason": "x"}).status_code == 404


def test_two_moderators_at_once_see_both_versions(make_space, alices):
    space = make_space()
    form = {"name": "Nurses of Lyon", "kind": "interest", "entry": "open", "version": 1}
    assert alices.post(f"/spaces/{space.id}/edit", data=form).status_code == 303
    refused = alices.post(f"/spaces/{space.id}/edit", data=form | {"name": "Nurses of Lille"})
    assert refused.status_code == 409
    assert "There are two versions" in refused.text
    assert "Nurses of Lyon" in refused.text


def test_the_page_of_a_space_shows_its_campaigns_to_those_who_see_them(
    session, make_space, campaign, alices, charlies, charlie, alice, now
):
    space = make_space()
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="x", now=now)
    session.commit()
    page = f"/spaces/{space.id}"
    assert campaign.title in alices.get(page).text
    assert campaign.title not in charlies.get(page).text
    charlies.post(f"{page}/enter")
    assert campaign.title in charlies.get(page).text
    assert charlies.get(f"/campaigns/{campaign.id}").status_code == 200
    charlies.post(f"{page}/leave")
    assert charlies.get(f"/campaigns/{campaign.id}").status_code == 404


def test_pages_ask_the_database_the_same_number_of_times_for_two_people_as_for_twelve(
    session, make_space, make_person, alices, count_queries, now
):
    space = make_space()
    pages = ("/spaces", f"/spaces/{space.id}")
    for person in (make_person("P"), make_person("Q")):
        enter(session, space, by=person, now=now)
    session.commit()
    few = [count_queries(lambda page=page: alices.get(page)) for page in pages]
    for number in range(10):
        enter(session, space, by=make_person(f"P{number}"), now=now)
    make_space("Doctors")
    session.commit()
    assert [count_queries(lambda page=page: alices.get(page)) for page in pages] == few


def test_administrators_search_the_spaces_and_take_the_list_along(
    session, make_space, signed_in, make_person, charlies, charlie, alice, now
):
    nurses, board = make_space(), make_space("=Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=10)
    enter(session, nurses, by=charlie, now=now)
    session.commit()
    admin = signed_in(make_person("Ada", is_admin=True))
    found = admin.get("/spaces?containing=nurs").text
    assert "Nurses" in found
    assert "=Board" not in found
    assert "No space found" in charlies.get("/spaces?containing=board").text  # a private one is not told of
    assert charlies.post("/spaces/export").status_code == 403
    answer = admin.post("/spaces/export", data={"containing": ""})
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    by_name = {row["name"]: row for row in (dict(zip(head, row, strict=True)) for row in rows)}
    assert (by_name["Nurses"]["members"], by_name["Nurses"]["moderators"]) == ("1", "1")
    assert (by_name["'=Board"]["id"], by_name["'=Board"]["seats"]) == (str(board.id), "10")
    assert len(admin.post("/spaces/export", data={"containing": "NURS"}).text.splitlines()) == 2
    assert "exported" in admin.get("/activity?verb=exported").text
