"""A person who has left something everywhere, and a search through all that is stored."""

import json

import pytest
from flask_babel import gettext
from sqlalchemy import select, text, type_coerce
from sqlalchemy.types import NullType

from app.extensions import database
from app.web.pages.language import read_by
from app.worker.worker import run_next
from ideas.accounts.link import LinkPurpose, new_link
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.template import add_template
from ideas.base import Base
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.draft import save_draft, submit_idea
from ideas.contributions.idea import revise_idea
from ideas.contributions.vote import Reaction, Vote
from ideas.files import File, Purpose
from ideas.moderation.report import report
from ideas.moderation.review import review_for
from ideas.outreach.messages.queue import write_message
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.privacy.erasure import ask_to_erase
from ideas.work.job import Job, JobKind
from ideas.work.vector import keep_vectors

NAME, ADDRESS = "Éloïse Zylberstein", "eloise.z@example.org"
FORMER = "eloise.before@example.org"
SENTENCE = "We would like to sit down while waiting"
BENCHES = f"A quincunx of benches. {SENTENCE}"
TEXTS = ("The azalea pots by the lift", "Turquoise handrails", BENCHES, "Marmalade at the till")


@pytest.fixture
def eloise(make_person):
    return make_person(NAME, email=ADDRESS, headline="Midwife in Quimperlé")


@pytest.fixture
def traces(
    session, eloise, alice, bob, charlie, campaign, closed_campaign, make_idea, make_theme, uploads, now, settings
):
    """What she wrote in an open and in a closed campaign, and what others wrote of her."""
    idea = submit_idea(session, campaign, author=eloise, title="", body=TEXTS[0], now=now)
    revise_idea(session, idea, by=eloise, title="Handrails", body=TEXTS[1], now=now)
    save_draft(session, campaign, author=eloise, title="", body="Draft: velvet ropes", now=now)
    closed = make_idea(closed_campaign, eloise, TEXTS[2], author_name=NAME)
    theme = make_theme(closed_campaign, ideas=[closed])
    theme.definition = SENTENCE
    new_link(session, LinkPurpose.VERIFY, person=eloise, email=FORMER, now=now).spent_at = now
    new_link(session, LinkPurpose.KEEP_ADDRESS, person=eloise, email=FORMER, now=now)
    others = make_idea(campaign, charlie, f"Write to {ADDRESS.upper()} or {FORMER}.")
    add_comment(session, others, author=eloise, body=TEXTS[3], now=now)
    session.add(Comment(idea=closed, author=eloise, body="I meant it", created_at=now))
    session.add(Comment(idea=closed, author=bob, body=f"Well said, {NAME}!", created_at=now))
    voted = make_idea(closed_campaign, charlie, "Lower steps")
    for one in (others, voted):
        session.add(Vote(idea_id=one.id, person_id=eloise.id, created_at=now))
        session.add(Reaction(idea_id=one.id, person_id=eloise.id, emotion="joy", created_at=now))
    session.add(ImportedAddress(idea_id=voted.id, email=ADDRESS))
    quotes = f"# Thanks\n\n> {TEXTS[2]}\n\n{ADDRESS} said so. {{{{ ideas }}}} ideas."
    session.add(Debrief(campaign=closed_campaign, body=quotes, updated_at=now, published_at=now))
    add_template(session, closed_campaign, name="Benches", body=f"As you said: “{TEXTS[2]}”", by=bob, now=now)
    review = review_for(session, campaign, idea, by=bob, now=now)
    review.span = "Turquoise"
    report(session, campaign, others, by=eloise, reason=Reason.INSULT, note="He mocks my azalea", now=now)
    give_sanction(session, eloise, SanctionKind.WARNING, reason=Reason.INSULT, quote=TEXTS[1], words=f"Dear {NAME}",
                  by=bob, now=now, campaign_id=campaign.id)  # fmt: skip
    facts = {"subject": f"Hello {NAME}", "body": f"{NAME} wrote", "reason": "test", "domain": "localhost"}
    write_message(session, to=eloise, **facts, now=now)
    write_message(session, to=charlie, **facts | {"subject": "Hello", "body": f"{ADDRESS} wrote"}, now=now)
    portrait = File(uploaded_by_id=eloise.id, purpose=Purpose.PORTRAIT, name="eloise.webp", media_type="image/webp",
                    size=4, digest="1" * 64, stored_as="ab/" + "ab" * 16, created_at=now)  # fmt: skip
    session.add(portrait)
    keep_vectors(session, "gone", {b"1" * 32: b"12345678"})
    session.commit()
    (uploads / "ab").mkdir(parents=True, exist_ok=True)
    (uploads / portrait.stored_as).write_bytes(b"RIFF")
    settings.mail_folder.mkdir(exist_ok=True)
    for number, to in enumerate((ADDRESS, "charlie@example.org"), start=900):
        head = f"From: a@localhost\nTo: {to}\nSubject: Hello\nContent-Type: text/plain; charset=utf-8\n\n"
        (settings.mail_folder / f"{number}.eml").write_text(head + (ADDRESS if number == 901 else "Hello"), "utf-8")
    yield closed
    for number in (900, 901):
        (settings.mail_folder / f"{number}.eml").unlink(missing_ok=True)


@pytest.fixture
def nameless(app):
    """What stands in the place of the name, in the language of the site."""
    with app.app_context(), read_by("fr", "Europe/Paris"):
        return str(gettext("Former member"))


@pytest.fixture
def erase_now(app, session, now):
    """Ask for the erasure, and have the worker carry it out as if its waiting time were over."""

    def run(person, contents, by=None, reason=""):
        erasure = ask_to_erase(session, person, contents=contents, by=by or person, reason=reason, now=now)
        session.execute(text("UPDATE job SET run_at = '2020-01-01 00:00:00+00:00' WHERE kind = 'erase_person'"))
        session.commit()
        with app.app_context():
            while run_next():
                pass
            database().close()
        session.expire_all()
        job = session.scalar(select(Job).where(Job.kind == JobKind.ERASE_PERSON))
        assert job.status == "done", (job.error, job.detail)
        return erasure

    return run


@pytest.fixture
def places_of(session, settings):
    """Where these words are: in a column of any table, in a file of the instance but the database, or in the log."""

    def find(words, logged=""):
        session.expire_all()
        wanted = [spelling.casefold() for word in words for spelling in (word, json.dumps(word)[1:-1])]
        found = set()
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                for (value,) in session.execute(select(type_coerce(column, NullType()))):
                    said = json.dumps(value, default=repr) + str(value)
                    if any(word in said.casefold() for word in wanted):
                        found.add(f"{table.name}.{column.name}")
        for path in settings.instance.rglob("*"):
            if path.is_file() and ".sqlite" not in path.name:
                said = path.read_bytes().decode("utf-8", "replace").casefold()
                if any(word in said or word in path.name.casefold() for word in wanted):
                    found.add(str(path.relative_to(settings.instance)))
        return found | ({"log"} if any(word in logged.casefold() for word in wanted) else set())

    return find
