"""The page of periods, and the daily turn of the worker that reads them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.extensions import database
from app.jobs import delete_expired
from ideas.accounts.link import LASTS, LINK_KEPT, Link, LinkPurpose, new_link
from ideas.accounts.sign_in import SignIn, open_sign_in
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import AccountMail, Message
from ideas.outreach.messages.queue import queue_account_mail
from ideas.work.job import JobKind, enqueue

PAGE = "/organisation/retention"
SENT = {"keep_drafts": "400", "keep_sign_ins": "60", "keep_messages": "100", "keep_jobs": "120"}
SENT |= {"erasure_days": "7", "version": "1"}


@pytest.fixture
def admin(signed_in, make_person):
    return signed_in(make_person("Ada", is_admin=True))


def test_periods_are_shown_with_their_bounds_and_saved(admin, session):
    page = admin.get(PAGE).text
    assert "Days, from 30 to 1,825." in page
    assert admin.post(PAGE, data=SENT).status_code == 303
    session.expire_all()
    assert the_organisation(session).keep_drafts == 400


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"keep_jobs": "89"}, "Choose a number of days from 90 to 730."),
        ({"keep_drafts": "99999999999999999999"}, "Not a valid integer value."),
        ({"keep_drafts": "soon"}, "Not a valid integer value."),
        ({"keep_messages": ""}, "Enter a number of days."),
        ({"keep_sign_ins": "-1"}, "Choose a number of days from 30 to 395."),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_beside_its_field(admin, session, wrong, sentence):
    answer = admin.post(PAGE, data=SENT | wrong)
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2, "in the summary and beside the field"
    assert the_organisation(session).keep_jobs == 90


def test_two_administrators_at_once_see_both_periods(admin, signed_in, make_person):
    zoe = signed_in(make_person("Zoe", is_admin=True))
    admin.post(PAGE, data=SENT)
    conflict = zoe.post(PAGE, data=SENT | {"keep_jobs": "365"})
    assert conflict.status_code == 409
    assert "Ada saved another version on" in conflict.text


def test_the_worker_deletes_what_is_older_than_the_chosen_period(app, session, charlie, now):
    for days in (40, 80):
        open_sign_in(session, charlie, now=now - timedelta(days=days + 1))
    session.flush()
    for sign_in in session.scalars(select(SignIn)):
        sign_in.ended_at = sign_in.created_at
    job = enqueue(session, JobKind.DELETE_EXPIRED, now=now)
    the_organisation(session).keep_sign_ins = 60
    session.commit()
    with app.app_context():
        done = delete_expired.run(job, report=lambda _stage, _share: None)
        database().commit()  # as the worker does
    assert done["sign_ins"] == 1
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_the_worker_deletes_links_a_month_after_they_expired_and_keeps_their_mails(app, session, charlie, now):
    def mailed(age, *, sent=True):
        made_at = now - LASTS[LinkPurpose.KEEP_ADDRESS] - age
        link = new_link(session, LinkPurpose.KEEP_ADDRESS, person=charlie, now=made_at)
        queue_account_mail(session, AccountMail.ADDRESS_CHANGED, to=charlie, link=link, domain="localhost", now=now)
        if sent:
            message = session.scalars(select(Message).where(Message.link_id == link.id)).one()
            message.sent_at, message.next_attempt_at = now, None
        return link.id

    long_ago = LINK_KEPT + timedelta(seconds=1)
    mailed(long_ago)
    kept = [mailed(LINK_KEPT - timedelta(hours=1)), mailed(long_ago, sent=False)]
    job = enqueue(session, JobKind.DELETE_EXPIRED, now=now)
    session.commit()
    with app.app_context():
        done = delete_expired.run(job, report=lambda _stage, _share: None)
        database().commit()  # as the worker does
    assert done["links"] == 1
    session.expire_all()
    assert session.scalars(select(Link.id).order_by(Link.id)).all() == kept
    assert session.scalar(select(func.count()).select_from(Message)) == 3


def test_only_administrators_choose_periods(signed_in, charlie, client):
    assert signed_in(charlie).post(PAGE, data=SENT).status_code == 403
    assert client.get(PAGE).location.startswith("/sign-in")
