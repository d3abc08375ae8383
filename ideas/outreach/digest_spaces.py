"""What is new in a person's spaces, for their digest: debriefs, workshops to come and newsletters."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, literal, select, union_all
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.outreach.newsletters.newsletter import Involvement, Newsletter
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import OF_SPACES, NoticePreference, SilentSpace
from ideas.people.person import Person
from ideas.spaces.space import Membership, MembershipState
from ideas.spaces.workshops.workshop import Workshop

MAX_OF_SPACES = 100


@dataclass(frozen=True, slots=True)
class SpaceNews:
    """What all spaces have that is new: ids, those of workshops and newsletters each with its space."""

    debriefs: Sequence[int] = ()
    workshops: Sequence[tuple[int, int]] = ()
    newsletters: Sequence[tuple[int, int]] = ()


def read_space_news(session: Session, *, since: datetime, now: datetime) -> SpaceNews:
    """What came in the period: the latest first, workshops by their hour. One query."""
    debriefs = select(literal("debrief"), Campaign.id, literal(0), Campaign.debriefed_at).where(
        Campaign.debriefed_at > since, Campaign.announced_at.is_not(None), Campaign.deleted_at.is_(None)
    )
    workshops = select(literal("workshop"), Workshop.id, Workshop.space_id, Workshop.starts_at).where(
        Workshop.announced_at > since, Workshop.starts_at > now, Workshop.cancelled_at.is_(None)
    )
    newsletters = select(literal("newsletter"), Newsletter.id, Newsletter.space_id, Newsletter.begun_at).where(
        Newsletter.begun_at > since,
        Newsletter.stopped_at.is_(None),
        # As `are_named` has it.
        ~Newsletter.to_all,
        Newsletter.involvement == Involvement.ANYTHING,
        cast(Newsletter.value_ids, Text) == "[]",
    )
    every = union_all(debriefs, workshops, newsletters).subquery()
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for kind, one, space_id, _at in session.execute(select(every).order_by(every.c[3].desc(), every.c[1])):
        found[kind].append((one, space_id))
    return SpaceNews(
        [one for one, _space in found["debrief"][:MAX_OF_SPACES]],
        found["workshop"][::-1][:MAX_OF_SPACES],
        found["newsletter"][:MAX_OF_SPACES],
    )


def spaces_of(session: Session, people: Collection[int]) -> Mapping[NoticeKind, Mapping[int, set[int]]]:
    """By the kind of mail and the person, the spaces that they are in and get such mails of. Three queries."""
    inside = select(Membership.person_id, Membership.space_id).where(
        Membership.person_id.in_(people), Membership.state == MembershipState.MEMBER
    )
    stopped = select(SilentSpace.person_id, SilentSpace.space_id).where(SilentSpace.person_id.in_(people))
    off = select(NoticePreference.person_id, NoticePreference.kind).where(
        NoticePreference.person_id.in_(people),
        NoticePreference.kind.in_(sorted(OF_SPACES)),
        NoticePreference.by_mail.is_(False),
    )
    silent = {(person_id, space_id) for person_id, space_id in session.execute(stopped)}
    without = {(kind, person_id) for person_id, kind in session.execute(off)}
    found: dict[NoticeKind, dict[int, set[int]]] = {kind: defaultdict(set) for kind in OF_SPACES}
    for person_id, space_id in session.execute(inside):
        for kind in OF_SPACES:
            if (person_id, space_id) not in silent and (kind, person_id) not in without:
                found[kind][person_id].add(space_id)
    return found


def workshops_now(session: Session, person: Person, ids: Collection[int], *, now: datetime) -> Sequence[Workshop]:
    """Those of these workshops that still come, in spaces that the person is in by now and did not stop."""
    coming = (Workshop.starts_at > now) & Workshop.cancelled_at.is_(None)
    mine = spaces_of(session, [person.id])[NoticeKind.WORKSHOP].get(person.id, set())
    found = select(Workshop).where(Workshop.id.in_(ids), coming, Workshop.space_id.in_(mine))
    return session.scalars(found.order_by(Workshop.starts_at, Workshop.id)).all()


def newsletters_now(session: Session, person: Person, ids: Collection[int]) -> Sequence[Newsletter]:
    """Those of these newsletters that are not stopped, of spaces that the person is in by now and did not stop."""
    mine = spaces_of(session, [person.id])[NoticeKind.NEWSLETTER].get(person.id, set())
    found = select(Newsletter).where(
        Newsletter.id.in_(ids), Newsletter.stopped_at.is_(None), Newsletter.space_id.in_(mine)
    )
    return session.scalars(found.order_by(Newsletter.id.desc())).all()
