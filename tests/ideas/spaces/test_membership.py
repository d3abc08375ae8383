"""Who enters a space, waits, is accepted or refused, and leaves."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.errors import NotAllowed
from ideas.spaces.edit import (
    BoardSeats,
    EntryDoesNotFit,
    NameTaken,
    NotASpaceAuthor,
    SeatsDoNotFit,
    SeatsTaken,
    SpaceText,
    close_space,
    create_space,
    revise_space,
)
from ideas.spaces.member_list import people_waiting, place_in_line
from ideas.spaces.membership import (
    AlreadyInSpace,
    LastModerator,
    NoSeatLeft,
    NotWaiting,
    RefusalNeedsReason,
    SpaceClosed,
    accept,
    add_person,
    change_role,
    enter,
    leave,
    membership_of,
    refuse,
    remove,
    seats_left,
)
from ideas.spaces.space import Entry, MembershipState, SpaceKind, SpaceRole, directory

OPEN = SpaceText("Nurses", kind=SpaceKind.INTEREST, entry=Entry.OPEN, seats=2)
ASKED = SpaceText("Doctors", kind=SpaceKind.INTEREST, entry=Entry.REQUEST, seats=2)
BOARD = SpaceText("Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12)


@pytest.fixture
def make_space(session, alice, now):
    return lambda text: create_space(session, text=text, by=alice, now=now)


@pytest.fixture
def four(make_person):
    return [make_person(name) for name in ("Ada", "Ben", "Cleo", "Dan")]


def verbs(session):
    session.commit()
    acts = select(Activity.verb).where(Activity.object_kind == "membership").order_by(Activity.id)
    return session.scalars(acts).all()


def state_of(session, space, person):
    found = membership_of(session, space, person)
    return found.state if found else None


def test_only_campaign_authors_create_a_space_and_moderate_it(session, make_space, alice, charlie, now):
    with pytest.raises(NotASpaceAuthor):
        create_space(session, text=OPEN, by=charlie, now=now)
    space = make_space(OPEN)
    assert membership_of(session, space, alice).role is SpaceRole.MODERATOR
    assert seats_left(session, space) == 2, "who runs it takes no seat"


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"kind": SpaceKind.PUBLIC, "entry": Entry.PRIVATE}, EntryDoesNotFit),
        ({"kind": SpaceKind.BOARD, "entry": Entry.OPEN, "seats": 12}, EntryDoesNotFit),
        ({"kind": SpaceKind.BOARD, "entry": Entry.PRIVATE}, BoardSeats),
        ({"kind": SpaceKind.BOARD, "entry": Entry.PRIVATE, "seats": 9}, BoardSeats),
        ({"kind": SpaceKind.BOARD, "entry": Entry.PRIVATE, "seats": 21}, BoardSeats),
        ({"kind": SpaceKind.PUBLIC, "entry": Entry.OPEN, "seats": 3}, SeatsDoNotFit),
        ({"kind": SpaceKind.INTEREST, "entry": Entry.OPEN, "seats": 0}, SeatsDoNotFit),
        ({"kind": SpaceKind.INTEREST, "entry": Entry.OPEN, "seats": -1}, SeatsDoNotFit),
    ],
)
def test_a_space_is_entered_and_has_seats_as_its_kind_allows(make_space, facts, refusal):
    with pytest.raises(refusal):
        make_space(SpaceText("Any", **facts))


def test_two_spaces_have_no_name_in_common(make_space):
    make_space(SpaceText("Nurses"))
    with pytest.raises(NameTaken):
        make_space(SpaceText("  nurses "))


def test_people_enter_freely_until_no_seat_is_left_then_wait_and_move_up_in_turn(session, make_space, four, now):
    space = make_space(OPEN)
    for person in four:
        enter(session, space, by=person, now=now)
    states = [state_of(session, space, person) for person in four]
    assert states == [MembershipState.MEMBER] * 2 + [MembershipState.WAITING] * 2
    assert [place_in_line(session, membership_of(session, space, person)) for person in four[2:]] == [1, 2]
    leave(session, membership_of(session, space, four[0]), by=four[0], now=now)
    assert state_of(session, space, four[2]) is MembershipState.MEMBER
    assert state_of(session, space, four[3]) is MembershipState.WAITING
    assert verbs(session) == [Verb.ADDED, Verb.JOINED, Verb.JOINED, Verb.QUEUED, Verb.QUEUED, Verb.LEFT, Verb.SEATED]


def test_entering_twice_changes_nothing(session, make_space, charlie, now):
    space = make_space(OPEN)
    first = enter(session, space, by=charlie, now=now)
    assert enter(session, space, by=charlie, now=now) is first
    assert seats_left(session, space) == 1


def test_a_request_is_accepted_or_refused_with_a_reason_once(session, make_space, four, alice, now):
    space = make_space(ASKED)
    ada, ben, cleo, dan = (enter(session, space, by=person, note="Please", now=now) for person in four)
    assert {ada.state, ben.state} == {MembershipState.REQUESTED}
    accept(session, ada, by=alice, now=now)
    with pytest.raises(NotWaiting):
        accept(session, ada, by=alice, now=now)
    with pytest.raises(RefusalNeedsReason):
        refuse(session, ben, reason=" ", by=alice, now=now)
    refuse(session, ben, reason="For doctors only", by=alice, now=now)
    assert state_of(session, space, four[1]) is None
    accept(session, cleo, by=alice, now=now)
    accept(session, dan, by=alice, now=now)
    assert dan.state is MembershipState.WAITING, "the two seats are taken"
    with pytest.raises(NotWaiting):
        refuse(session, ada, reason="No", by=alice, now=now)
    session.commit()
    [refused] = session.scalars(select(Activity).where(Activity.verb == Verb.DECLINED))
    assert (refused.reason, refused.before["person_id"]) == ("For doctors only", four[1].id)


def test_whoever_was_refused_may_ask_again(session, make_space, alice, charlie, now):
    space = make_space(ASKED)
    refuse(session, enter(session, space, by=charlie, now=now), reason="Not yet", by=alice, now=now)
    assert enter(session, space, by=charlie, now=now).state is MembershipState.REQUESTED


def test_people_are_only_added_to_a_private_space(session, make_space, alice, charlie, now):
    space = make_space(BOARD)
    with pytest.raises(NotAllowed):
        enter(session, space, by=charlie, now=now)
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    with pytest.raises(AlreadyInSpace):
        add_person(session, space, charlie, role=SpaceRole.OBSERVER, by=alice, now=now)


def test_a_private_space_is_listed_to_its_people_and_administrators_alone(
    session, make_space, alice, charlie, make_person, now
):
    space, admin = make_space(BOARD), make_person("Ada", is_admin=True)
    assert space not in directory(session, charlie, number=1).spaces
    assert space in directory(session, alice, number=1).spaces
    assert space in directory(session, admin, number=1).spaces
    add_person(session, space, charlie, role=SpaceRole.OBSERVER, by=alice, now=now)
    assert space in directory(session, charlie, number=1).spaces


def test_observers_take_no_seat_and_changing_to_one_frees_it(session, make_space, four, alice, now):
    space = make_space(OPEN)
    observer = add_person(session, space, four[3], role=SpaceRole.OBSERVER, by=alice, now=now)
    ada, _ben, cleo = (enter(session, space, by=person, now=now) for person in four[:3])
    assert cleo.state is MembershipState.WAITING
    with pytest.raises(NoSeatLeft):
        change_role(session, observer, role=SpaceRole.MEMBER, by=alice, now=now)
    change_role(session, ada, role=SpaceRole.OBSERVER, by=alice, now=now)
    assert cleo.state is MembershipState.MEMBER


def test_a_space_is_never_without_a_moderator(session, make_space, alice, charlie, now):
    space = make_space(OPEN)
    mine = membership_of(session, space, alice)
    for act in (
        lambda: leave(session, mine, by=alice, now=now),
        lambda: remove(session, mine, reason="x", by=alice, now=now),
        lambda: change_role(session, mine, role=SpaceRole.MEMBER, by=alice, now=now),
    ):
        with pytest.raises(LastModerator):
            act()
    add_person(session, space, charlie, role=SpaceRole.MODERATOR, by=alice, now=now)
    leave(session, mine, by=alice, now=now)
    assert membership_of(session, space, alice) is None


def test_nobody_leaves_for_somebody_else(session, make_space, alice, charlie, now):
    space = make_space(OPEN)
    with pytest.raises(NotAllowed):
        leave(session, enter(session, space, by=charlie, now=now), by=alice, now=now)


def test_more_seats_let_those_who_wait_in_and_no_seat_is_taken_from_anybody(session, make_space, four, alice, now):
    space = make_space(OPEN)
    places = [enter(session, space, by=person, now=now) for person in four]
    with pytest.raises(SeatsTaken):
        revise_space(session, space, text=SpaceText("Nurses", seats=1), by=alice, now=now)
    revise_space(session, space, text=SpaceText("Nurses", seats=3), by=alice, now=now)
    assert [place.state for place in places] == [MembershipState.MEMBER] * 3 + [MembershipState.WAITING]
    revise_space(session, space, text=SpaceText("Nurses"), by=alice, now=now)
    assert people_waiting(session, space) == ([], [])


def test_a_closed_space_is_found_and_entered_by_nobody(session, make_space, alice, charlie, now):
    space = make_space(OPEN)
    close_space(session, space, by=alice, now=now)
    with pytest.raises(SpaceClosed):
        enter(session, space, by=charlie, now=now)
    assert directory(session, alice, number=1).spaces == []
