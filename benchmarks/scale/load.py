"""Asks a server of this machine for pages, as one person in turns or as many at once, in a process of its own.

`python -m benchmarks.scale.load` reads a plan as JSON, and prints what was asked, how long each answer took, and what
went wrong. It asks 127.0.0.1 only, for so many seconds and people at most.
"""

import json
import random
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
MAX_SECONDS, MAX_PEOPLE, MAX_ROUNDS = 120, 400, 200
WAIT_SECONDS = 60
SEED = 17
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Asked:
    """A page, and what its kind is called here. With a body it is a form: `csrf_token` is added to it."""

    what: str
    path: str
    body: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """`form`: the page of a form, opened first, where forms are sent. `write`: each person sends an idea there once.

    With `rounds` the first person asks for each page so many times, in turns. Otherwise all of them do, in an order of
    their own and for so many seconds, and wait between `least` and `most` seconds after each answer.
    """

    port: int
    cookies: list[str]
    asked: list[Asked]
    form: str = ""
    write: bool = False
    rounds: int = 0
    seconds: float = 0
    least: float = 0
    most: float = 0

    def bounded(self) -> "Plan":
        """Itself. Raises ValueError for more than this program may do."""
        if self.seconds > MAX_SECONDS or len(self.cookies) > MAX_PEOPLE or self.rounds > MAX_ROUNDS:
            raise ValueError("too much load")
        return self


@dataclass
class Found:
    """Seconds of the answers by kind of page, what went wrong and how often, and for how long it was asked."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    took: float = 0.0

    @property
    def all_seconds(self) -> list[float]:
        return [one for some in self.seconds.values() for one in some]

    @property
    def a_second(self) -> float:
        return len(self.all_seconds) / self.took


class Person:
    """A browser that keeps its connection. Each has an address of its own in the loopback range."""

    def __init__(self, port: int, cookie: str, number: int) -> None:
        source = (f"127.0.{1 + number // 200}.{2 + number % 200}", 0)
        self._connection = HTTPConnection(HOST, port, timeout=WAIT_SECONDS, source_address=source)
        self._cookie = cookie
        self._fields: dict[str, str] = {}

    def open_form(self, path: str) -> None:
        """Keep the hidden fields of a form, and the cookie that belongs to them."""
        status, content, kept = self._exchange("GET", path, encoding="identity")
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        if kept.startswith("session="):
            self._cookie = kept.partition(";")[0].removeprefix("session=")
        self._fields = hidden_fields(content.decode())

    def ask(self, asked: Asked) -> int:
        """The status of the answer, read to its end."""
        if not asked.body:
            return self._exchange("GET", asked.path)[0]
        return self._exchange("POST", asked.path, urlencode(self._fields | asked.body))[0]

    def close(self) -> None:
        self._connection.close()

    def _exchange(
        self, method: str, path: str, body: str | None = None, *, encoding: str = "gzip"
    ) -> tuple[int, bytes, str]:
        headers = {"Cookie": f"session={self._cookie}", "Accept-Encoding": encoding} | (FORM if body else {})
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.getheader("Set-Cookie") or ""


def hidden_fields(page: str) -> dict[str, str]:
    """What the form of a page sends without being asked, by name."""
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    named = {_attribute(each, "name"): _attribute(each, "value") for each in hidden}
    return {name: named[name] for name in ("csrf_token", "form_key", "writer", "version") if name in named}


def _attribute(element: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', element)
    return found[1] if found else ""


def in_turns(plan: Plan) -> Found:
    """The first person asks for one page after the other; the first round is not measured."""
    found, person = Found(), Person(plan.port, plan.cookies[0], 0)
    if plan.form:
        person.open_form(plan.form)
    began = time.monotonic()
    for turn in range(plan.rounds + 1):
        for asked in plan.asked:
            started = time.perf_counter()
            status = person.ask(asked)
            took = time.perf_counter() - started
            if status != 200:
                found.errors[f"{asked.path}: {status}"] += 1
            elif turn:
                found.seconds[asked.what].append(took)
    found.took = time.monotonic() - began
    person.close()
    return found


def at_once(plan: Plan) -> Found:
    """All of them ask until the time is over. An answer other than 200, 302 and 303 is an error, as is none."""
    found, lock, opened = Found(), threading.Lock(), threading.Barrier(len(plan.cookies))

    def take_part(number: int) -> None:
        chance = random.Random(SEED + number)  # noqa: S311 -- instants of a load
        person, told = Person(plan.port, plan.cookies[number], number), Found()
        if plan.form:
            try:
                person.open_form(plan.form)
            except (OSError, HTTPException, RuntimeError) as error:
                told.errors[f"the form: {type(error).__name__}"] += 1
        with suppress(threading.BrokenBarrierError):
            opened.wait(WAIT_SECONDS)
        until = time.monotonic() + plan.seconds
        writes_at = time.monotonic() + chance.random() * plan.seconds * 0.8 if plan.write else until
        time.sleep(chance.random() * plan.most)
        while time.monotonic() < until:
            asked = chance.choice(plan.asked)
            if time.monotonic() >= writes_at:
                body = {"act": "submit", "body": f"Une idée de la personne {number}, dans la minute."}
                asked, writes_at = Asked("an idea is sent", plan.form, body), until
            _measure(person, asked, told)
            time.sleep(chance.uniform(plan.least, plan.most))
        person.close()
        with lock:
            found.errors.update(told.errors)
            for what, seconds in told.seconds.items():
                found.seconds[what] += seconds

    threads = [threading.Thread(target=take_part, args=(number,)) for number in range(len(plan.cookies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.took = plan.seconds
    return found


def _measure(person: Person, asked: Asked, found: Found) -> None:
    started = time.perf_counter()
    try:
        status = person.ask(asked)
    except (OSError, HTTPException) as error:
        found.errors[f"{asked.what}: {type(error).__name__}"] += 1
        person.close()
        return
    if status in {200, 302, 303}:
        found.seconds[asked.what].append(time.perf_counter() - started)
    else:
        found.errors[f"{asked.what}: {status}"] += 1


def main() -> None:
    """Carries out the plan on standard input."""
    given: dict[str, Any] = json.load(sys.stdin)
    plan = Plan(**given | {"asked": [Asked(**one) for one in given["asked"]]}).bounded()
    print(json.dumps(vars(in_turns(plan) if plan.rounds else at_once(plan))))


if __name__ == "__main__":
    main()
