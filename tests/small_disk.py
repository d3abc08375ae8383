"""A site in a small folder that fills up and has room again: prints as JSON what was seen. For test_full_disk.py."""

import io
import json
import sys
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.clock import now
from app.extensions import database
from app.mail.delivery import deliver_due
from app.settings import Settings
from ideas.accounts.sign_in import open_sign_in
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.files import File
from ideas.outreach.messages.queue import write_message
from ideas.people.person import Person
from tests import documents

BLOCK = bytes(4_096)
LONG_AGO = timedelta(days=9)


def main(folder: Path) -> None:
    url = f"sqlite:///{folder / 'small.sqlite'}"
    app = create_app(Settings(instance=folder, database_url=url, secret_key="only for tests", testing=True))
    app.config |= {"WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False}
    browser, campaign = app.test_client(), written(app)
    with browser.session_transaction() as cookie:
        cookie.update(signed_in(app))
    new = f"/campaigns/{campaign}/ideas/new"

    def send(number: int) -> Any:
        text = "A long evening's work. " * 40
        return browser.post(
            new, data={"title": f"Idea {number}", "body": text}, headers={"Referer": f"http://localhost{new}"}
        )

    def upload() -> list[list[Any]]:
        """The status of a document and of a new campaign with a portrait, and whether the page says why and keeps."""
        document = {"file": (io.BytesIO(documents.PDF), "plan.pdf")}
        portrait = {"title": "Evenings", "portrait": (io.BytesIO(documents.photo()), "me.jpg")}
        forms = ((f"/campaigns/{campaign}/files", document), ("/campaigns/new", portrait))
        told = [browser.post(address, data=form) for address, form in forms]
        return [
            [one.status_code, "no space left for files" in one.text, 'value="Evenings"' in one.text] for one in told
        ]

    acknowledged = sum(send(number).status_code == 303 for number in range(3))
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(BLOCK)
    refused = None
    for number in range(3, 20):  # what SQLite has of room in its file is used up first
        answer = send(number)
        if answer.status_code != 303:
            refused = answer
            break
        acknowledged += 1
    delivered = [_deliver(app, folder)]
    addresses = ("/campaigns", f"/campaigns/{campaign}", f"/campaigns/{campaign}/ideas")
    health = browser.get("/healthz")
    full = {
        "health": [health.status_code, (health.json or {}).get("disk")],
        "refused": refused and refused.status_code,
        "text is on the page": bool(refused) and "A long evening" in refused.text,
        "read": [browser.get(address).status_code for address in addresses],
        "uploads": upload(),
        "files": _files(app, folder),
    }
    ballast.unlink()
    delivered.append(_deliver(app, folder))
    again = send(99).status_code
    acknowledged += again == 303
    uploads = upload()
    health = browser.get("/healthz")
    with app.app_context():
        kept = database().scalar(select(func.count()).where(Idea.submitted_at.is_not(None)))
        check = database().scalar(text("PRAGMA integrity_check"))
    mails = {"written while full": delivered[0], "afterwards": delivered[1]}
    room = {"health": [health.status_code], "sent again": again, "uploads": uploads, "files": _files(app, folder)}
    seen = {"full": full, "room": room, "acknowledged": acknowledged, "in the database": kept, "check": check, **mails}
    print(json.dumps(seen))  # noqa: T201 -- the test reads it


def written(app: Any) -> int:
    """The number of an open campaign, in a database of today's schema."""
    with app.app_context():
        upgrade()
        owner = Person(email="o@example.org", name="O", created_at=now() - LONG_AGO, verified_at=now() - LONG_AGO)
        owner.may_open_campaigns, owner.locale = True, "en"
        ends = {"opens_at": now() - timedelta(days=1), "closes_at": now() + timedelta(days=1)}
        campaign = Campaign(owner=owner, title="T", created_at=now(), open_to_visitors=True, **ends)
        campaign.benefit, campaign.motivation, campaign.announced_at = "Three changes.", "Thanks.", now()
        campaign.debrief_due_at = now() + LONG_AGO
        database().add(campaign)
        database().flush()
        mail = {"subject": "Hello", "body": "All of it. " * 2_000 + "The end.", "reason": "test", "domain": "localhost"}
        write_message(database(), to=owner, **mail, now=now() - LONG_AGO)
        database().commit()
        return campaign.id


def _files(app: Any, folder: Path) -> list[int]:
    """How many files the database knows, and how many of them, and others, are in the folder of uploads."""
    with app.app_context():
        known = set(database().scalars(select(File.stored_as)))
        database().rollback()
    there = {
        path.relative_to(folder / "uploads").as_posix() for path in (folder / "uploads").rglob("*") if path.is_file()
    }
    return [len(known), len(known & there), len(there - known)]


def _deliver(app: Any, folder: Path) -> list[bool]:
    """Deliver what waits. Of each mail in the folder: is it all there?"""
    with app.app_context():
        with suppress(OperationalError):
            deliver_due(now() + timedelta(hours=3))
        database().rollback()
    found = [path for path in (folder / "mail").glob("**/*") if path.is_file()]
    return ["The end." in message_from_bytes(path.read_bytes(), policy=default).get_content() for path in found]


def signed_in(app: Any) -> dict[str, Any]:
    with app.app_context():
        person = database().scalars(select(Person)).one()
        token = open_sign_in(database(), person, now=now())
        database().commit()
        return {"sign_in": token, "_user_id": str(person.id), "_fresh": True, "locale": "en"}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
