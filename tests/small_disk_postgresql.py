"""A PostgreSQL on a small disk that fills up and has room again: prints what was seen. For test_full_disk.py."""

import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from sqlalchemy import func, select

from app import create_app
from app.extensions import database
from app.settings import Settings
from ideas.contributions.idea import Idea
from tests.services import PostgreSQL
from tests.small_disk import BLOCK, signed_in, written


def main(disk: Path) -> None:
    server = PostgreSQL(disk / "data")
    try:
        print(json.dumps(_seen(server, disk)))  # noqa: T201 -- the test reads it
    finally:
        server.stop()


def _seen(server: PostgreSQL, disk: Path) -> dict[str, object]:
    instance = Path(tempfile.mkdtemp())  # the site has room: only the database has none
    app = create_app(Settings(instance=instance, database_url=server.url, secret_key="only for tests", testing=True))
    app.config |= {"WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False}
    browser, campaign = app.test_client(), written(app)
    with browser.session_transaction() as cookie:
        cookie.update(signed_in(app))
    new = f"/campaigns/{campaign}/ideas/new"
    addresses = ("/campaigns", f"/campaigns/{campaign}", f"/campaigns/{campaign}/ideas", "/healthz", "/readyz")

    def send(number: int) -> tuple[int, bool]:
        title, body = f"Idea {number}", "A long evening's work. " + token_hex(1_500)  # which can't be made smaller
        answer = browser.post(new, data={"title": title, "body": body}, headers={"Referer": f"http://localhost{new}"})
        return answer.status_code, "A long evening" in answer.text

    def read() -> list[int]:
        return [browser.get(address).status_code for address in addresses]

    statuses = [send(number)[0] for number in range(3)]
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(BLOCK)
    refused = None
    for number in range(3, 28):  # what PostgreSQL has of room in its files is used up first
        status, is_given_back = send(number)
        statuses.append(status)
        if status != 303:
            refused = (status, is_given_back)
            break
    full = {"refused": refused, "read": read(), "ended": server.has_ended}
    ballast.unlink()
    statuses.append(send(99)[0])
    with app.app_context():
        kept = database().scalar(select(func.count()).where(Idea.submitted_at.is_not(None)))
    room = {"sent again": statuses[-1], "read": read()}
    return {"full": full, "room": room, "acknowledged": statuses.count(303), "in the database": kept}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
