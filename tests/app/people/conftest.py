import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mail.account import write_account_letter
from ideas.outreach.message import AccountMail, Message

_ADDRESS = re.compile(r"http://localhost(/\S+)")


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
