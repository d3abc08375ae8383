"""One budget limits all that a person is asked or sent in a week, whoever in the organisation sends it.

A notice is always shown in the product. Its mail counts in the week in which it goes out, a week from Monday to Sunday
where the person is. What exceeds the budget is no mail of its own: the next digest has it, unless it was read by then.
One mail of each week to come is kept for the weekly digest of whoever did not visit, until it is made.
Outside the budget, and at once: security, accounts, moderation, what people asked for themselves, and what was decided
about their own ideas.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, cast, null, select, union_all, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Cursor, Verb
from ideas.activity.version import check_unchanged
from ideas.base import chunks
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea, is_readable
from ideas.errors import DomainError, message_id
from ideas.organisation.organisation import change_organisation, lock_organisation, the_organisation
from ideas.outreach.limits.digest_run import Kept, read_kept
from ideas.outreach.limits.hours import DEFAULT, Frequency, Reader, readers
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_invitations
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person
from ideas.spaces.invitation import Invitation

# The reader of the activity log that writes notices. Whoever plans mails has locked its place in the log.
READER = "notices"
WEEK = timedelta(days=7)
# An invitation to an address lasts a month.
MAX_WEEKS_AHEAD = 5

ALWAYS = frozenset(
    {
        # Security, accounts, operation.
        NoticeKind.ROLE_CHANGED,
        NoticeKind.JOB_FAILED,
        NoticeKind.SPACE_PLACE,
        # Moderation.
        NoticeKind.SPACE_REQUEST,
        NoticeKind.NEWSLETTER_WORK,
        NoticeKind.TEXT_MODERATED,
        NoticeKind.REPORT_ANSWERED,
        NoticeKind.SANCTION_CHANGED,
        NoticeKind.APPEAL_TO_ANSWER,
        NoticeKind.MODERATION_WAITING,
        NoticeKind.OBJECTION,
        # What they asked for.
        NoticeKind.EXPORT_READY,
        NoticeKind.CAMPAIGN_EXPORTED,
        NoticeKind.PUBLICATION_REFUSED,
        # A question to an author about their own idea, and its answer, which the team asked for.
        NoticeKind.CLARIFICATION,
        # What was decided about their own ideas: nobody else is told of it.
        NoticeKind.IDEA_MOVED,
        NoticeKind.IDEA_MERGED,
        NoticeKind.CO_AUTHORED,
        NoticeKind.CONTEST_RESULT,
    }
)
# Told to authors, and to others who took part: outside the budget for authors.
ABOUT_DECISIONS = frozenset(
    {
        NoticeKind.DEBRIEF_PUBLISHED,
        NoticeKind.ANSWER_CHANGED,
        NoticeKind.ACTION_DONE,
        NoticeKind.ACTION_ABANDONED,
        NoticeKind.ACTION_CHANGED,
    }
)


class BudgetOutOfBounds(DomainError):
    message = message_id("Choose a number from %(least)s to %(most)s.")

    def __init__(self, name: str, least: int, most: int) -> None:
        super().__init__(least=least, most=most)
        self.name = name


# By the columns of Organisation: the least and the most in a week.
BUDGETS: Mapping[str, tuple[int, int]] = {"weekly_mails": (1, 20), "weekly_invitations": (1, 10)}


def set_budgets(session: Session, given: Mapping[str, int], *, by: Person, now: datetime, seen: int) -> None:
    """Change how much each person is sent in a week. Administrators may. Mails that wait already stay as they are.

    Raises BudgetOutOfBounds, or ChangedMeanwhile if the settings were saved since version `seen`.
    """
    for name, (least, most) in BUDGETS.items():
        if not least <= given[name] <= most:
            raise BudgetOutOfBounds(name, least, most)
    organisation = lock_organisation(session)
    check_unchanged(organisation, seen)
    change_organisation(session, organisation, {name: given[name] for name in BUDGETS}, by=by, now=now)


def is_urgent(activity: Activity, kind: NoticeKind) -> bool:
    """True for what is sent whatever the hour, also where it counts in the budget: a reminder that something ends."""
    return is_always_sent(activity, kind) or kind is NoticeKind.DRAFT_WAITING or activity.verb is Verb.REMINDED


def outside_budget(session: Session, activity: Activity, kind: NoticeKind, people: Sequence[int]) -> set[int]:
    """Those of these people who get this mail whatever their budget and their hours. One query at most.

    An answer, a debrief or an action is about one's own idea for whoever wrote one in the campaign, alone or with
    others, with their name or without.
    """
    if is_always_sent(activity, kind):
        return set(people)
    if kind not in ABOUT_DECISIONS:
        return set()
    authors = people_of((Idea.campaign_id == activity.campaign_id) & is_readable()).subquery()
    return set(session.scalars(select(authors.c.person_id).where(authors.c.person_id.in_(people)).distinct()))


def is_always_sent(activity: Activity, kind: NoticeKind) -> bool:
    """True for what is outside the budget of everyone.

    An invitation to write somebody else's idea asks for something; what became of one's own was decided. Members
    must know in time that a workshop is moved or cancelled.
    """
    if kind is NoticeKind.WORKSHOP:
        return activity.verb in {Verb.CHANGED, Verb.ABANDONED}
    return kind in ALWAYS and (kind, activity.verb) != (NoticeKind.CO_AUTHORED, Verb.INVITED)


def lock_plans(session: Session) -> None:
    """Until the commit, no other worker plans mails: so both together keep the budget.

    Whoever reads on in the log has locked its place there, which is the same.
    """
    session.get(Cursor, READER, with_for_update=True)


def plan_mails(
    session: Session,
    people: Sequence[int],
    *,
    now: datetime,
    at_once: bool = False,
    wanted: Mapping[int, datetime] | None = None,
    for_digest: bool = False,
) -> dict[int, datetime]:
    """When one more mail goes to each of these people, who are at most a thousand. Three queries.

    Whoever is missing has no budget left in the week of that instant. `at_once`: whatever their hours. `wanted`:
    when each of them is to get it, in their hours. `for_digest`: it is their digest, which gets what is kept for it.
    The caller has locked the plans: see `lock_plans`.
    """
    if not people:
        return {}
    known = readers(session, people)
    at = {person_id: now if at_once else reader.next(now) for person_id, reader in known.items()}
    return _within_budget(session, known, at | dict(wanted or {}), for_digest=for_digest)


def without_budget(session: Session, people: Sequence[int], *, now: datetime) -> dict[int, datetime | None]:
    """Those of these people to whom no mail can be sent any more, and until when. Nothing is planned.

    None for who wants no digest either, and so is told in the product only.
    """
    found: dict[int, datetime | None] = {}
    for part in chunks(people):
        known = readers(session, part)
        wanted = {person_id: reader.next(now) for person_id, reader in known.items()}
        left = _within_budget(session, known, wanted)
        for one, at in wanted.items():
            if one not in left:
                found[one] = known[one].week_ends(at) if known[one].digest is not Frequency.NONE else None
    return found


def hold(session: Session, notice_ids: Collection[int], *, now: datetime) -> None:
    """Leave these notices to the next digest of each person, because their mails exceed the budget."""
    if notice_ids:
        session.execute(
            update(Notice)
            .where(Notice.id.in_(notice_ids))
            .values(held_at=now)
            .execution_options(synchronize_session=False)
        )


def put_off(session: Session, messages: Iterable[Message], *, now: datetime) -> set[int]:
    """Look again at these mails, which are about to be sent. Returns the ids of those that are not sent now.

    A worker that slept, a mail server that was away and new choices of a person make a mail late for its hour, or for
    the week in which it counts. It waits for the next hour, and counts in the week of that; where that week has no
    budget left, the digest has it and the mail is deleted.
    """
    timed = {message: message.person_id for message in messages if message.person_id is not None}
    if not timed:
        return set()
    known = readers(session, sorted(set(timed.values())))
    times = {one: known[person_id].next(now) if one.in_hours else now for one, person_id in timed.items()}
    moved = {
        one: known[timed[one]]
        for one, at in times.items()
        if one.budgeted_at is not None and known[timed[one]].week(one.budgeted_at) != known[timed[one]].week(at)
    }
    if moved:
        lock_plans(session)
    budgets = _budgets(session, {timed[one]: reader for one, reader in moved.items()}, since=now)
    kept_back: set[int] = set()
    for message, at in times.items():
        if message in moved:
            if not budgets.has_room(timed[message], at, for_digest=message.digest is not None):
                kept_back.add(message.id)
                hold(session, _told_by(message), now=now)
                session.delete(message)
                continue
            budgets.count(timed[message], at)
            message.budgeted_at = at
        if at > now:
            kept_back.add(message.id)
            message.next_attempt_at = at
    session.flush()
    return kept_back


def _told_by(message: Message) -> list[int]:
    """The notices that a mail tells: its own, or those of a digest."""
    if message.notice_id is not None:
        return [message.notice_id]
    return list((message.digest or {}).get("held", ()))


def invite_by_mail(session: Session, invitations: Sequence[Invitation], *, domain: str, now: datetime) -> "Later":
    """Queue the mails of these invitations, in the transaction that wrote them, each within the budget of
    its address. Returns how many wait for a later week. Two who invite the same person do so one after the other.
    """
    lock_organisation(session)
    addresses = {invitation.email for invitation in invitations if invitation.email is not None}
    planned = plan_invitations(session, addresses, now=now)
    queue_invitations(session, invitations, planned=planned, domain=domain, now=now)
    return Later.of([at for at in planned.values() if at > now])


def plan_invitations(session: Session, addresses: Collection[str], *, now: datetime) -> dict[str, datetime]:
    """When one more invitation goes to each of these addresses: now, or in the next week that has room for it.

    Two queries for each few hundred. A week is one of the site: whoever has no account has no time zone.
    """
    organisation = the_organisation(session)
    site = Reader(DEFAULT, organisation.timezone or "UTC", Frequency.NONE)
    planned: dict[str, datetime] = {}
    for part in chunks(sorted(addresses)):
        invited = (Message.invitation_id.is_not(None)) & Message.address.in_(part)
        mails = session.execute(select(Message.address, Message.budgeted_at).where(invited, _counts_after(now)))
        used = Counter((address, site.week(at)) for address, at in mails if at is not None)
        for address in part:
            at = now
            for _week in range(MAX_WEEKS_AHEAD):
                if used[address, site.week(at)] < organisation.weekly_invitations:
                    break
                at = site.next(site.week_ends(at))
            planned[address] = at
    return planned


@dataclass(frozen=True, slots=True)
class Later:
    """How many get a mail later than now, or read it in their digest, because they have no budget left; until when.

    `without_digest`: how many more have none left and want no digest either.
    """

    count: int
    until: datetime | None
    without_digest: int = 0

    @classmethod
    def of(cls, times: Collection[datetime | None]) -> "Later":
        known = [at for at in times if at is not None]
        return cls(len(known), max(known, default=None), len(times) - len(known))


NOBODY_LATER = Later(0, None)


@dataclass(frozen=True, slots=True)
class _Budgets:
    """What some people may still be sent: how many `mails` they have in each week, of `most`, and what is `kept`."""

    known: Mapping[int, Reader]
    most: int
    mails: Counter[tuple[int, date]]
    kept: Kept

    def has_room(self, person_id: int, at: datetime, *, for_digest: bool = False) -> bool:
        """True where one more mail fits in the week of this instant, beside what is kept for the digest."""
        reader = self.known[person_id]
        week = reader.week(at)
        kept = 0 if for_digest else int(self.kept.is_for(person_id, reader, week))
        return self.mails[person_id, week] + kept < self.most

    def count(self, person_id: int, at: datetime) -> None:
        self.mails[person_id, self.known[person_id].week(at)] += 1


def _within_budget(
    session: Session, known: Mapping[int, Reader], wanted: Mapping[int, datetime], *, for_digest: bool = False
) -> dict[int, datetime]:
    """Those of these instants in whose week the person has budget left. Two queries."""
    if not wanted:
        return {}
    budgets = _budgets(session, {one: known[one] for one in wanted}, since=min(wanted.values()))
    return {one: at for one, at in wanted.items() if budgets.has_room(one, at, for_digest=for_digest)}


def _budgets(session: Session, known: Mapping[int, Reader], *, since: datetime) -> _Budgets:
    """The budgets of these people, from the week of this instant on. Two queries, none without people."""
    mails: Counter[tuple[int, date]] = Counter()
    if not known:
        return _Budgets(known, 0, mails, Kept(None, ()))
    counts = Message.person_id.in_(known) & _counts_after(since)
    told = select(Message.person_id, Message.budgeted_at, cast(null(), Date)).where(counts)
    made, here = None, set()
    for person_id, at, day in session.execute(union_all(told, *read_kept(known))):
        if person_id is None:
            made = day
        elif at is None:
            here.add(person_id)
        else:
            mails[person_id, known[person_id].week(at)] += 1
    return _Budgets(known, the_organisation(session).weekly_mails, mails, Kept(made, here))


def _counts_after(since: datetime) -> ColumnElement[bool]:
    """SQL condition: the mail counts a week before this instant, or later: its week began later than that."""
    return Message.budgeted_at > since - WEEK
