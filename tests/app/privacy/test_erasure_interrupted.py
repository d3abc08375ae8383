"""An erasure that is interrupted is carried out by the next attempt; nothing is left in the files of the database."""

from datetime import timedelta

import pytest
from flask_migrate import upgrade
from sqlalchemy import select, update

from app.clock import now as clock
from app.extensions import database, db
from app.jobs import erase_person
from app.mail.letters.account import write_account_letter
from app.worker.worker import run_next
from ideas.activity.activity import Verb, first_broken, record
from ideas.outreach.messages.message import AccountMail, Message
from ideas.people.person import Person
from ideas.privacy.erasure import Contents, Erasure, ask_to_erase
from ideas.work.job import Job, JobKind, JobStatus
from tests.app.privacy.conftest import ADDRESS, NAME
from tests.databases import own_database


# Where it dies tells nothing of the database: PostgreSQL sees it die in the middle of its work.
@pytest.mark.parametrize(
    "at",
    ["erase", *(pytest.param(at, marks=pytest.mark.one_database)
                for at in ("discard", "delete_mails", "note_erasure", "forget_unused"))],
)  # fmt: skip
def test_an_attempt_that_dies_is_made_up_for(
    app, session, eloise, traces, places_of, monkeypatch, now, at, settings, caplog
):
    erasure = ask_to_erase(session, eloise, contents=Contents.DELETE, by=eloise, now=now)
    session.execute(update(Job).where(Job.kind == JobKind.ERASE_PERSON).values(run_at=now))
    session.commit()

    class Killed(BaseException):
        """As a kill does, it passes every `except Exception`."""

    def die(*_arguments, **_named):
        raise Killed

    with app.app_context():
        with monkeypatch.context() as dying:
            dying.setattr(erase_person, at, die)
            with pytest.raises(Killed):
                run_next()
        database().rollback()
        session.execute(update(Job).where(Job.status == JobStatus.RUNNING).values(lease_until=now))
        session.commit()
        while run_next():
            pass
        database().close()
    session.expire_all()
    assert session.scalar(select(Job.status).where(Job.kind == JobKind.ERASE_PERSON)) == JobStatus.DONE
    assert session.get(Erasure, erasure.id).done_at is not None
    assert places_of((NAME, ADDRESS, "azalea")) == set()
    assert first_broken(session) is None


def test_one_that_is_refused_is_tried_again_a_day_later_and_its_person_told_why(
    app, session, eloise, alice, make_campaign, account_mails, now
):
    erasure = ask_to_erase(session, eloise, contents=Contents.DELETE, by=eloise, now=now)
    session.execute(update(Job).values(run_at=now))
    campaign = make_campaign(owner=eloise)
    session.commit()

    def work():
        with app.app_context():
            assert run_next()
            assert not run_next()
            database().close()
        session.expire_all()
        return session.scalars(select(Job.status).where(Job.kind == JobKind.ERASE_PERSON).order_by(Job.id)).all()

    assert work() == [JobStatus.FAILED, JobStatus.QUEUED]
    again = session.scalars(select(Job).order_by(Job.id.desc())).first()
    assert again.run_at > clock() + timedelta(hours=23)
    assert erasure.is_open
    again.run_at, again.key = now, f"{again.key}-a-day-before"
    session.commit()
    assert work() == [JobStatus.FAILED, JobStatus.FAILED, JobStatus.QUEUED]
    again = session.scalars(select(Job).order_by(Job.id.desc())).first()
    [mail] = account_mails(ADDRESS)
    assert mail is AccountMail.ERASURE_REFUSED, "once a week"
    message = session.scalars(select(Message).where(Message.account_mail == mail)).one()
    with app.app_context():
        letter = write_account_letter(database(), database().get(Message, message.id))
        database().close()
    for words in (f"This account leads the campaign “{campaign.title}”.", "tried again every day", "/me/erasure"):
        assert words in letter.text
    campaign.owner_id, again.run_at = alice.id, now
    session.commit()
    assert work() == [JobStatus.FAILED, JobStatus.FAILED, JobStatus.DONE]
    assert session.get(Erasure, erasure.id).done_at is not None


@pytest.mark.slow
@pytest.mark.one_database
def test_nothing_is_left_in_the_files_of_the_database(settings, tmp_path, now):
    """Deleted rows leave their bytes in free parts of an SQLite file, and in its log, unless they are overwritten.

    PostgreSQL has VACUUM for it.
    """
    with own_database(settings, tmp_path) as app, app.app_context():
        upgrade()
        session = database()
        person = Person(name=NAME, email=ADDRESS, headline="Quimperlois", created_at=now)
        session.add(person)
        session.commit()
        record(session, Verb.CHANGED, person, by=person, reason=f"{NAME} asked", now=now)
        ask_to_erase(session, person, contents=Contents.DELETE, by=person, now=now)
        session.execute(update(Job).values(run_at=now))
        session.commit()
        assert "zylberstein" in _bytes(tmp_path)
        assert run_next()
        session.close()
        db.engine.dispose()
        said = _bytes(tmp_path)
        assert [word for word in ("zylberstein", "eloise.z", "quimperlois") if word in said] == []


def _bytes(folder):
    files = [path.read_bytes() for path in folder.glob("own.sqlite*")]
    return b"".join(files).decode("latin-1").casefold()
