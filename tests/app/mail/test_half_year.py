"""Half a year of a busy community: nobody is over budget, nobody told twice, nobody forgotten, every author told.

`python -m benchmarks half-year` lives the same with 2,000 people.
"""

import pytest
from sqlalchemy import select

from app.extensions import database, db
from benchmarks.product.half_year import BEGINS, LIMIT, MAX_DAYS, check, live, write_community
from ideas.outreach.limits import hours
from ideas.outreach.limits.hours import Hours, MailChoice, readers
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
PEOPLE = 60


def test_half_a_year_wears_nobody_out_and_forgets_nobody(app, session, alice, any_hour, monkeypatch):
    monkeypatch.setattr(hours, "DEFAULT", Hours())
    alice.created_at = BEGINS
    session.commit()
    with app.app_context():
        session = database()
        live(session, write_community(session, session.get_one(Person, alice.id), people=PEOPLE))
        found = check(session)
        assert found["weeks"] > PEOPLE
        assert found["most"] == LIMIT, "some reach the budget, and nobody exceeds it"
        assert (found["twice"], found["forgotten"], found["untold"], found["erased"], found["invited"]) == (
            0,
            0,
            0,
            0,
            1,
        )
        assert 0 < found["waited"] <= MAX_DAYS, "a digest goes out, however much is told"
        mails = session.scalars(select(Message).where(Message.sent_at.is_not(None))).all()
        assert any(mail.digest and mail.digest.get("held") for mail in mails)
        told = {mail.notice.kind for mail in mails if mail.notice is not None}
        assert told >= {NoticeKind.NEWSLETTER, NoticeKind.WORKSHOP, NoticeKind.NEWCOMER}
        assert session.scalars(select(Person).where(Person.erased_at.is_not(None))).all()
        away = {one.person_id for one in session.scalars(select(MailChoice).where(MailChoice.quiet_from.is_not(None)))}
        known = readers(session, sorted(away))
        quiet = [one for one in mails if one.person_id in away and known[one.person_id].is_away(one.sent_at)]
        assert quiet, "what is urgent comes on quiet days too"
        assert not any(one.in_hours for one in quiet)
        assert session.scalars(select(Notice).where(Notice.kind == NoticeKind.NEWSLETTER)).all()
        db.session.remove()
