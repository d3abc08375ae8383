"""How long the page waits for similar ideas while someone writes, among 100,000 ideas: through the real application,
its SQLite database and the worker process, then without the worker, by words.

The ideas are made of sentences of real ones, three each, and many say the same: the worker embeds those once, and
compares with all. A question is a sentence that grows as if it were typed.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import PROJECT, from_env
from benchmarks.data import load
from benchmarks.figures import Target, report_progress, show_table, show_targets, timed
from ideas.accounts.identity import sign_up
from ideas.accounts.sign_in import open_sign_in
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.search import reindex

SET = "gdn_ideas_fr"
IDEAS, DIFFERENT = 100_000, 8_000
SENTENCES = 3
QUESTIONS = 60
STEPS = 4
SEED = 11
MAX_MS = 200
PATIENCE_SECONDS = 1_200
BY_WORDS = 'data-found-by="words"'


def show() -> dict[str, Any]:
    """Prints and returns the milliseconds that a page waits, by meaning and by words."""
    print(f"\nSimilar ideas while writing, among {IDEAS:,} ({QUESTIONS * STEPS} requests)")
    texts = load(SET)
    if texts is None:
        print("absent")
        return {"absent": True}
    with tempfile.TemporaryDirectory() as instance:
        environment = os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": "", "EMBEDDING_MODEL": ""}
        app = create_app(from_env(environment))
        app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        with app.app_context():
            upgrade()
            report_progress("writing the ideas")
            client, address = _prepare(app, texts.texts)
            db.session.remove()
        questions = _questions(texts.texts)
        words = _measure(client, address, questions)
        with Path(instance, "worker.log").open("wb") as log:
            command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
            worker = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=log)
        try:
            _ready, seconds = timed(lambda: _wait_for_meaning(client, address, questions))
            meaning = _measure(client, address, questions)
        finally:
            worker.terminate()
            worker.wait()
    found = {"by meaning": meaning, "by words": words}
    rows = [[name, *(f"{of[each]:.0f} ms" for each in ("median", "p95", "max"))] for name, of in found.items()]
    show_table(["found", "median", "p95", "slowest"], rows)
    print(f"The worker had read all ideas after {seconds:.0f} s.")
    targets = [Target(f"{name}: p95 in ms", of["p95"], MAX_MS, at_most=True) for name, of in found.items()]
    targets.append(Target("share answered by meaning", meaning["by_meaning"], 0.95, at_most=False))
    return found | {"seconds_to_read": round(seconds), "targets": show_targets(targets)}


def _prepare(app: Any, sentences: list[str]) -> tuple[Any, str]:
    session, at, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- texts to measure on
    owner, writer = (
        sign_up(
            session, email=f"{name}@example.org", name=name, password="a long enough one", rules_accepted=True, now=at
        )
        for name in ("Owner", "Writer")
    )
    owner.verified_at = writer.verified_at = at
    day = {
        "opens_at": at - timedelta(days=9),
        "closes_at": at + timedelta(days=9),
        "debrief_due_at": at + timedelta(days=20),
    }
    day |= {"benefit": "Change", "motivation": "Thanks"}
    campaign = Campaign(title="Débat", owner=owner, created_at=at, announced_at=at, **day)
    session.add(campaign)
    session.flush()
    facts = {"campaign_id": campaign.id, "author_id": owner.id, "created_at": at, "updated_at": at, "submitted_at": at}
    bodies = [" ".join(chance.choices(sentences, k=SENTENCES)) for _ in range(DIFFERENT)]
    session.execute(insert(Idea), [facts | {"body": body} for body in chance.choices(bodies, k=IDEAS)])
    session.commit()
    last: int | None = 0
    while last is not None:
        last = reindex(session, Idea, after=last)
        session.commit()
    token = open_sign_in(session, writer, now=at)
    session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sign_in"], cookie["_user_id"] = token, str(writer.id)
    return client, f"/campaigns/{campaign.id}/ideas/similar"


def _questions(sentences: list[str]) -> list[str]:
    chance = random.Random(SEED + 1)  # noqa: S311 -- as above
    chosen = chance.sample([text for text in sentences if len(text.split()) >= 2 * STEPS], QUESTIONS)
    return [
        " ".join(words[: len(words) * step // STEPS])
        for words in (text.split() for text in chosen)
        for step in range(1, STEPS + 1)
    ]


def _ask(client: Any, address: str, text: str) -> str:
    answer = client.post(address, data={"body": text}, headers={"HX-Request": "true"})
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return str(answer.text)


def _measure(client: Any, address: str, questions: list[str]) -> dict[str, float]:
    _ask(client, address, questions[0])
    pages, times = zip(*(timed(lambda text=text: _ask(client, address, text)) for text in questions), strict=True)
    shown = [page for page in pages if "similar-ideas__text" in page]
    return {
        "median": 1000 * statistics.median(times),
        "p95": 1000 * statistics.quantiles(times, n=20)[-1],
        "max": 1000 * max(times),
        "shown": len(shown) / len(pages),
        "by_meaning": 1 - sum(BY_WORDS in page for page in shown) / max(1, len(shown)),
    }


def _wait_for_meaning(client: Any, address: str, questions: list[str]) -> None:
    """Until the worker has read every idea: before, pages are answered by words. Not every question finds something."""
    until = time.monotonic() + PATIENCE_SECONDS
    for text in cycle(questions):
        page = _ask(client, address, text)
        if "similar-ideas__text" in page and BY_WORDS not in page:
            return
        if time.monotonic() > until:
            break
        time.sleep(1)
    raise RuntimeError("the worker did not read the ideas")
