"""How often an account, or an address without one, may do something: see `LIMITS`.

Counts are rows of the database, so that they hold for all processes and survive a restart. A window begins with the
first act and lasts as long as the limit says; then counting starts again.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.person import Person

MAX_SUBJECT_LENGTH = 80
# An account is new for this long after it was created: its limits are smaller.
NEW_FOR = timedelta(days=1)
# How long a count is kept: longer than any window.
COUNTS_KEPT = timedelta(days=2)

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_log = logging.getLogger(__name__)


class LimitedAct(StrEnum):
    """What is counted: sign-ups by network address, tries to sign in and account mails by the typed account and by
    network address, mails to one invited address by its hash, the rest by account.
    """

    SUBMIT = "submit"
    DRAFT = "draft"
    SAVE_DRAFT = "save_draft"
    WRITE_FOR = "write_for"
    SEND_FILE = "send_file"
    REVISE = "revise"
    COMMENT = "comment"
    RESPOND = "respond"
    START_CAMPAIGN = "start_campaign"
    IMPORT = "import"
    INVITE = "invite"
    REPORT = "report"
    OBJECT = "object"
    INVITE_BY_MAIL = "invite_by_mail"
    INVITED = "invited"
    CLAIM = "claim"
    ENTER = "enter"
    SIGN_UP = "sign_up"
    SIGN_IN = "sign_in"
    SIGN_IN_ANYWHERE = "sign_in_anywhere"
    SIGN_IN_FROM = "sign_in_from"
    ACCOUNT_MAIL = "account_mail"
    ACCOUNT_MAIL_FROM = "account_mail_from"
    CHECK_PASSWORD = "check_password"  # noqa: S105 -- an act, not a secret
    CHECK_CODE = "check_code"


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `most` times `within` a window."""

    most: int
    within: timedelta


# For an account that is older than a day; and for a new one, where it has less.
LIMITS: dict[LimitedAct, Sequence[Allowance]] = {
    LimitedAct.SUBMIT: (Allowance(30, _HOUR), Allowance(100, _DAY)),
    LimitedAct.DRAFT: (Allowance(100, _HOUR), Allowance(300, _DAY)),
    # Drafts are saved a second after each pause in typing: several hours of writing fit, for new accounts too.
    LimitedAct.SAVE_DRAFT: (Allowance(2_400, _HOUR), Allowance(12_000, _DAY)),
    # One facilitator types what everyone in a workshop says, or what came on paper.
    LimitedAct.WRITE_FOR: (Allowance(300, _HOUR), Allowance(1_000, _DAY)),
    LimitedAct.SEND_FILE: (Allowance(60, _HOUR), Allowance(200, _DAY)),
    LimitedAct.REVISE: (Allowance(60, _HOUR), Allowance(200, _DAY)),
    LimitedAct.COMMENT: (Allowance(60, _HOUR), Allowance(200, _DAY)),
    LimitedAct.RESPOND: (Allowance(600, _HOUR), Allowance(3_000, _DAY)),
    LimitedAct.START_CAMPAIGN: (Allowance(10, _HOUR), Allowance(30, _DAY)),
    LimitedAct.IMPORT: (Allowance(30, _HOUR), Allowance(100, _DAY)),
    LimitedAct.INVITE: (Allowance(60, _HOUR), Allowance(200, _DAY)),
    LimitedAct.REPORT: (Allowance(30, _HOUR), Allowance(100, _DAY)),
    # Also of whoever holds the link in somebody's mail.
    LimitedAct.OBJECT: (Allowance(10, _HOUR), Allowance(30, _DAY)),
    # Mails to people who have asked for none; and to one of them, whoever sends them.
    LimitedAct.INVITE_BY_MAIL: (Allowance(1_000, _HOUR), Allowance(2_000, _DAY)),
    LimitedAct.INVITED: (Allowance(3, _DAY),),
    LimitedAct.CLAIM: (Allowance(10, _HOUR), Allowance(30, _DAY)),
    LimitedAct.ENTER: (Allowance(60, _HOUR), Allowance(200, _DAY)),
    # Many people may share one address, such as everyone in an office.
    LimitedAct.SIGN_UP: (Allowance(60, _HOUR), Allowance(300, _DAY)),
    # Tries at one account from one address; and from all addresses together, so that many cannot guess in turns. The
    # second is short: whoever guesses may keep its owner out for a quarter of an hour, unless their browser is known.
    LimitedAct.SIGN_IN: (Allowance(6, timedelta(minutes=1)), Allowance(30, _HOUR), Allowance(100, _DAY)),
    LimitedAct.SIGN_IN_ANYWHERE: (Allowance(60, timedelta(minutes=15)),),
    # Tries from one address at all accounts together, so that nobody tries one password at each.
    LimitedAct.SIGN_IN_FROM: (Allowance(300, _HOUR), Allowance(1_500, _DAY)),
    # Mails that anyone may ask for by typing an address: a few are enough, and nobody's mailbox is filled.
    LimitedAct.ACCOUNT_MAIL: (Allowance(5, _HOUR), Allowance(15, _DAY)),
    LimitedAct.ACCOUNT_MAIL_FROM: (Allowance(60, _HOUR), Allowance(300, _DAY)),
    # Of somebody who is signed in already, or has typed the password: wrong ones are mistakes, or a stolen browser.
    LimitedAct.CHECK_PASSWORD: (Allowance(10, timedelta(minutes=15)), Allowance(50, _DAY)),
    # Six figures, of which three codes fit at a time: 50 tries a day find one in 18 years.
    LimitedAct.CHECK_CODE: (Allowance(10, timedelta(minutes=15)), Allowance(50, _DAY)),
}
NEW_ACCOUNT_LIMITS: dict[LimitedAct, Sequence[Allowance]] = {
    LimitedAct.SUBMIT: (Allowance(10, _HOUR), Allowance(20, _DAY)),
    LimitedAct.DRAFT: (Allowance(40, _HOUR), Allowance(100, _DAY)),
    LimitedAct.SEND_FILE: (Allowance(20, _HOUR), Allowance(40, _DAY)),
    LimitedAct.REVISE: (Allowance(20, _HOUR), Allowance(40, _DAY)),
    LimitedAct.COMMENT: (Allowance(20, _HOUR), Allowance(40, _DAY)),
    LimitedAct.RESPOND: (Allowance(150, _HOUR), Allowance(500, _DAY)),
    LimitedAct.START_CAMPAIGN: (Allowance(3, _HOUR), Allowance(5, _DAY)),
    LimitedAct.IMPORT: (Allowance(10, _HOUR), Allowance(20, _DAY)),
    LimitedAct.INVITE: (Allowance(20, _HOUR), Allowance(40, _DAY)),
    LimitedAct.REPORT: (Allowance(10, _HOUR), Allowance(20, _DAY)),
    LimitedAct.INVITE_BY_MAIL: (Allowance(50, _HOUR), Allowance(50, _DAY)),
    LimitedAct.ENTER: (Allowance(20, _HOUR), Allowance(40, _DAY)),
}


class LimitReached(DomainError):
    """Too much at once. `until`: when one may go on. What was written is the caller's to keep."""

    message = message_id("You have done this many times in a short while. You can go on %(until)s.")

    def __init__(self, act: LimitedAct, *, until: datetime) -> None:
        self.act, self.until = act, until
        self.message = _MESSAGES.get(act, LimitReached.message)
        super().__init__(until=until)


_MESSAGES = {
    LimitedAct.SUBMIT: message_id(
        "You have published many ideas in a short while. Your text is still here. You can publish it %(until)s."
    ),
    LimitedAct.WRITE_FOR: message_id(
        "You have published many ideas in a short while. Your text is still here. You can publish it %(until)s."
    ),
    LimitedAct.SEND_FILE: message_id("You have sent many files in a short while. You can send another one %(until)s."),
    LimitedAct.DRAFT: message_id("Not saved: you have started many drafts. You can save another one %(until)s."),
    LimitedAct.SAVE_DRAFT: message_id(
        "Not saved: your drafts were saved very often in a short while. Your text is still here. You can save it"
        " %(until)s."
    ),
    LimitedAct.REVISE: message_id(
        "You have made many changes in a short while. Your text is still here. You can publish it %(until)s."
    ),
    LimitedAct.COMMENT: message_id(
        "You have published many comments in a short while. Your text is still here. You can publish it %(until)s."
    ),
    LimitedAct.RESPOND: message_id(
        "You have responded to many ideas in a short while. You can respond to others %(until)s."
    ),
    LimitedAct.START_CAMPAIGN: message_id(
        "You have started many campaigns in a short while. Your text is still here. You can save it %(until)s."
    ),
    LimitedAct.IMPORT: message_id("You have sent many files in a short while. You can send another one %(until)s."),
    LimitedAct.INVITE: message_id("You have given many roles in a short while. You can give the next one %(until)s."),
    LimitedAct.REPORT: message_id(
        "You have sent many reports in a short while. Your text is still here. You can send it %(until)s."
    ),
    LimitedAct.INVITE_BY_MAIL: message_id(
        "You have invited many people in a short while. Your list is still here. You can send it %(until)s."
    ),
    LimitedAct.INVITED: message_id(
        "This person got several invitations in a short while. You can send the next one %(until)s."
    ),
    LimitedAct.ENTER: message_id(
        "You have entered many spaces in a short while. You can enter the next one %(until)s."
    ),
    LimitedAct.CLAIM: message_id("You have tried many codes in a short while. You can try again %(until)s."),
    LimitedAct.SIGN_IN_FROM: message_id(
        "There were many attempts to sign in from your network in a short while. You can sign in %(until)s."
    ),
    LimitedAct.ACCOUNT_MAIL: message_id(
        "Several emails were asked for with this address. Look in your inbox and your spam folder. You can ask for"
        " another one %(until)s."
    ),
    LimitedAct.ACCOUNT_MAIL_FROM: message_id(
        "Many emails were asked for from your network in a short while. You can ask for one %(until)s."
    ),
    LimitedAct.CHECK_PASSWORD: message_id(
        "There were several attempts with a wrong password. You can try again %(until)s."
    ),
    LimitedAct.CHECK_CODE: message_id("There were several attempts with a wrong code. You can try again %(until)s."),
    LimitedAct.SIGN_UP: message_id(
        "Many accounts were created from your network in a short while. You can create yours %(until)s."
    ),
}


class LimitCount(Base):
    """How often a subject did something in the window that began at `started_at` and lasts `seconds`."""

    __tablename__ = "limit_count"

    act: Mapped[LimitedAct] = mapped_column(choice(LimitedAct), primary_key=True)
    subject: Mapped[str] = mapped_column(String(MAX_SUBJECT_LENGTH), primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


def spend(session: Session, act: LimitedAct, *, by: Person, now: datetime, times: int = 1) -> None:
    """Count one act of this person, or several at once, in the transaction of the act: what is rolled back does not
    count.

    Raises LimitReached, and logs it.
    """
    is_new = now - by.created_at < NEW_FOR
    allowed = NEW_ACCOUNT_LIMITS.get(act, LIMITS[act]) if is_new else LIMITS[act]
    _spend(session, act, f"person {by.id}", allowed, now, times)


def spend_from(session: Session, act: LimitedAct, *, subject: str, now: datetime) -> None:
    """Count one act of whoever has no account here, such as of a network address.

    `subject`: at most 80 characters that tell nobody who it is. To count a try whatever comes of it, commit at once.
    Raises LimitReached, and logs it.
    """
    _spend(session, act, subject, LIMITS[act], now)


def delete_old_counts(session: Session, *, now: datetime) -> int:
    """Delete counts whose window is over for long. Returns how many. For the worker."""
    deletion = delete(LimitCount).where(LimitCount.started_at < now - COUNTS_KEPT)
    deleted = session.execute(deletion.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", deleted).rowcount


def _spend(
    session: Session, act: LimitedAct, subject: str, allowed: Sequence[Allowance], now: datetime, times: int = 1
) -> None:
    counts = _locked(session, act, subject)
    missing = [each for each in allowed if _seconds(each) not in counts]
    if missing:
        _add_empty(session, act, subject, missing, now)
        counts = _locked(session, act, subject)
    for each in allowed:
        count = counts[_seconds(each)]
        # A clock that was set back must not lengthen the window: outside it, on either side, counting starts again.
        if abs(now - count.started_at) >= each.within:
            count.started_at, count.count = now, 0
    full = [each for each in allowed if counts[_seconds(each)].count + times > each.most]
    if full:
        until = max(counts[_seconds(each)].started_at + each.within for each in full)
        _log.warning("limit reached: %s by %s, until %s", act, subject, until.isoformat(timespec="seconds"))
        raise LimitReached(act, until=until)
    for each in allowed:
        counts[_seconds(each)].count += times
    session.flush()


def _locked(session: Session, act: LimitedAct, subject: str) -> dict[int, LimitCount]:
    """The counts by the length of their window, locked until the commit and read again."""
    query = (
        select(LimitCount)
        .where(LimitCount.act == act, LimitCount.subject == subject)
        .order_by(LimitCount.seconds)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {count.seconds: count for count in session.scalars(query)}


def _add_empty(session: Session, act: LimitedAct, subject: str, missing: Sequence[Allowance], now: datetime) -> None:
    """Add counts of nothing; another request of the same subject may do so at the same moment."""
    try:
        with session.begin_nested():
            session.add_all(
                LimitCount(act=act, subject=subject, seconds=_seconds(each), started_at=now, count=0)
                for each in missing
            )
    except IntegrityError:
        pass


def _seconds(allowance: Allowance) -> int:
    return int(allowance.within.total_seconds())
