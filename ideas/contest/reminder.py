"""What the worker does about scorings: it reminds the jury once, and shows the scores when their date has passed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.campaign import lock_campaign
from ideas.contest.contest import Contest, Phase
from ideas.contest.judging import progress, reveal_if_complete

BEFORE = timedelta(days=2)


def watch_scorings(session: Session, *, now: datetime) -> int:
    """Record the reminder of each scoring that ends within two days, and reveal those that are over. Returns how many.

    A scoring is reminded of once for its date, and not where it was begun later than two days before. For the worker.
    """
    done = 0
    running = select(Contest).where(Contest.begun_at.is_not(None), Contest.revealed_at.is_(None))
    for contest in session.scalars(running.order_by(Contest.campaign_id)).all():
        lock_campaign(session, contest.campaign)  # a juror may give the last score at this moment
        session.refresh(contest)
        if reveal_if_complete(session, contest, now=now):
            done += 1
        elif contest.phase(now) is Phase.SCORING:
            done += _remind(session, contest, now)
    return done


def _remind(session: Session, contest: Contest, now: datetime) -> int:
    due_at, begun_at = contest.scores_due_at, contest.begun_at
    if due_at is None or begun_at is None or now < due_at - BEFORE or begun_at > due_at - BEFORE:
        return 0
    reminder = {"scores_due_at": due_at.isoformat()}
    if reminder in _recorded(session, contest) or not any(one.left for one in progress(session, contest.campaign)):
        return 0
    record(session, Verb.REMINDED, contest, by=None, campaign_id=contest.campaign_id, after=reminder, now=now)
    return 1


def _recorded(session: Session, contest: Contest) -> list[dict[str, Any] | None]:
    here = (Activity.object_kind == Contest.__tablename__) & (Activity.object_id == contest.campaign_id)
    return list(session.scalars(select(Activity.after).where(here, Activity.verb == Verb.REMINDED)))
