"""From a file of ideas to a debrief that is published, by one person in Chromium: clicks, keys, and minutes.

1,225 real ideas are imported and grouped; 20 themes get their decisions, one by one and several at once; the debrief is
written from its outline, and published with a promised day for the other themes. Measured is what the tool takes, from
each click until the next page is there. The minutes of the person are calculated: each line of a page takes as long as
its words are read, the first time that it is there, and each text as long as it is typed. Thinking is not in it.
Pictures of each step are kept.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_migrate import upgrade

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import PROJECT, from_env
from benchmarks.data import DATA, RESULTS
from benchmarks.figures import Target, report_progress, show_table, show_targets
from benchmarks.product.pages import cookie_of
from ideas.accounts.identity import sign_up
from ideas.campaigns.people.portrait import set_portrait
from ideas.campaigns.promise import CampaignText, announce, start_campaign
from ideas.files import Upload
from ideas.media_type import WEBP
from tests.chromium import find

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILE = "gdn_mobilite_fr.csv"
IDEAS = 1_225  # of the file, from its beginning
PICTURES = RESULTS / "journey"
ONE_BY_ONE, TOGETHER, AT_ONCE = 12, 2, 4  # decisions on one theme; on several themes; themes of each of these
DECISIONS = ONE_BY_ONE + TOGETHER * AT_ONCE
MAX_TOOL_SECONDS = 180
MAX_MINUTES = 40  # for the decisions, of the person and of the tool
# Silent reading is at 175 to 300 words a minute for most adults (Brysbaert 2019), typing at about 40.
READ_A_MINUTE, TYPED_A_MINUTE = 200, 40
PATIENCE_MS = 240_000
READY = """!document.documentElement.dataset.before && document.readyState === 'complete'
  && !document.querySelector('.htmx-request')"""


@dataclass
class Step:
    """A part of the way. `waited`: seconds for the tool; `read`, `typed`: words."""

    clicks: int = 0
    keys: int = 0
    waited: float = 0.0
    read: int = 0
    typed: int = 0
    decides: bool = False

    @property
    def minutes_of_person(self) -> float:
        return self.read / READ_A_MINUTE + self.typed / TYPED_A_MINUTE

    @property
    def minutes(self) -> float:
        return self.minutes_of_person + self.waited / 60


def new_words(text: str, seen: set[str]) -> int:
    """How many words the lines of this text have that are not among those seen, to which they are added."""
    lines = [line for line in dict.fromkeys(map(str.strip, text.splitlines())) if line and line not in seen]
    seen.update(lines)
    return sum(len(line.split()) for line in lines)


@dataclass
class Walk:
    """A person at a page. `seen`: the lines that they have read."""

    page: "Page"
    steps: dict[str, Step] = field(default_factory=dict)
    step: Step = field(default_factory=Step)
    seen: set[str] = field(default_factory=set)

    def begin(self, name: str, *, decides: bool = False) -> None:
        self.step = self.steps[name] = Step(decides=decides)
        report_progress(name)

    def read(self) -> None:
        """Read what is new on this page: all that is visible in its main part."""
        self.step.read += new_words(self.page.inner_text("main"), self.seen)

    def click(self, selector: str, *, leads: bool = True, nth: int = 0) -> None:
        """Press what the selector finds. `leads`: to another page, which is waited for."""
        target = self.page.locator(selector).nth(nth)
        self._do(target.click, leads=leads)
        self.step.clicks += 1

    def press(self, key: str, *, leads: bool = False) -> None:
        self._do(lambda: self.page.keyboard.press(key), leads=leads)
        self.step.keys += 1

    def write(self, selector: str, text: str) -> None:
        """Write into a field: its characters are no keys here."""
        self._do(lambda: self.page.fill(selector, text), leads=False)
        self.step.clicks += 1
        self.step.typed += len(text.split())

    def wait_for(self, work: Callable[[], Any]) -> None:
        """Wait for what the worker does."""
        started = time.perf_counter()
        work()
        self.step.waited += time.perf_counter() - started

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{len(self.steps):02d}-{name}.png", full_page=True)

    def _do(self, act: Callable[[], Any], *, leads: bool) -> None:
        if leads:
            self.page.evaluate("document.documentElement.dataset.before = 'yes'")
        started = time.perf_counter()
        act()
        self.page.wait_for_function(READY, timeout=PATIENCE_MS)
        self.step.waited += time.perf_counter() - started


def show() -> dict[str, Any]:
    """Prints and returns the clicks, keys, seconds and minutes of each part of the way."""
    print("\nFrom 1,225 real ideas to a published debrief, in Chromium")
    if not (DATA / FILE).is_file():
        print("absent")
        return {"absent": True}
    with tempfile.TemporaryDirectory() as instance, _served(Path(instance)) as (address, cookie):
        steps = _walk(address, cookie)
    decided = total(step for step in steps.values() if step.decides)
    named = steps | {f"{DECISIONS} decisions": decided, "in all": total(steps.values())}
    show_table(
        ["step", "clicks", "keys", "tool, s", "words read", "words typed", "person, min", "in all, min"],
        [
            [name, *map(str, (one.clicks, one.keys)), f"{one.waited:.1f}", *map(str, (one.read, one.typed)),
             f"{one.minutes_of_person:.1f}", f"{one.minutes:.1f}"]
            for name, one in named.items()
        ],
    )  # fmt: skip
    print(f"Pictures: {PICTURES}")
    targets = [
        Target("seconds that the tool takes", total(steps.values()).waited, MAX_TOOL_SECONDS, at_most=True),
        Target(f"minutes of {DECISIONS} decisions", decided.minutes, MAX_MINUTES, at_most=True),
    ]
    return {"steps": {name: asdict(one) for name, one in named.items()}, "targets": show_targets(targets)}


def total(steps: Iterable[Step]) -> Step:
    found = Step()
    for step in steps:
        for name in ("clicks", "keys", "waited", "read", "typed"):
            setattr(found, name, getattr(found, name) + getattr(step, name))
    return found


@contextmanager
def _served(instance: Path) -> Iterator[tuple[str, str]]:
    """The address of a campaign that is open and has no idea yet, and the cookie of its owner."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"CONVERGENCE_INSTANCE": str(instance), "DATABASE_URL": "", "PORT": str(port)}
    environment = dict(os.environ) | settings
    app = create_app(from_env(environment))
    with app.app_context():
        upgrade()
        campaign_id, cookie = _campaign(app)
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    with (instance / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}/campaigns/{campaign_id}", cookie
    finally:
        server.terminate()
        server.wait()


def _campaign(app: Any) -> tuple[int, str]:
    session, today = database(), now()
    rules = {"password": "a long enough one", "rules_accepted": True}
    owner = sign_up(session, email="o@example.org", name="Olive Martin", now=today, **rules)
    owner.may_open_campaigns, owner.verified_at = True, today
    text = CampaignText(
        title="Comment mieux se déplacer ?", challenge="Comment faire évoluer nos façons de nous déplacer ?",
        brief="Dites ce qui changerait vos trajets.", benefit="Trois projets seront financés.",
        motivation="Chaque idée est lue.", owner_word="Je réponds à chaque thème.", opens_at=today - timedelta(days=30),
        closes_at=today + timedelta(days=5), debrief_due_at=today + timedelta(days=20),
    )  # fmt: skip
    campaign = start_campaign(session, owner=owner, text=text, now=today)
    portrait = Upload("none.webp", WEBP, b"RIFF")  # the gate asks for one
    set_portrait(session, campaign, portrait, stored_as="none", by=owner, now=today)
    announce(session, campaign, by=owner, now=today)
    session.commit()
    found = campaign.id, cookie_of(app, owner)
    db.session.remove()
    db.engine.dispose()
    return found


def _wait_until_up(address: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1)  # noqa: S310 -- our own address
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not come up")


def _walk(address: str, cookie: str) -> dict[str, Step]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        # What waits for a page is evaluated in it, which the policy of the site forbids.
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr", bypass_csp=True)
        context.add_cookies([{"name": "session", "value": cookie, "domain": "127.0.0.1", "path": "/"}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        walk = Walk(page)
        page.goto(f"{address}/import")
        _import(walk)
        _close(walk, address)
        _decide_one_by_one(walk, address)
        _decide_together(walk, address)
        _publish(walk, address)
        browser.close()
        return walk.steps


def _import(walk: Walk) -> None:
    walk.begin("import the file")
    lines = (DATA / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    content = "".join(lines[: IDEAS + 1]).encode()
    walk.page.set_input_files("[name=file]", {"name": FILE, "mimeType": "text/csv", "buffer": content})
    walk.click("main form.form button[type=submit]")
    walk.picture("columns")
    walk.click("main form .button--primary")
    walk.wait_for(lambda: walk.page.wait_for_selector("main dl.figures"))
    walk.read()
    walk.picture("report")


def _close(walk: Walk, address: str) -> None:
    """The collection is closed now, after which the ideas are grouped."""
    walk.begin("close the collection, group the ideas")
    walk.page.goto(address)
    walk.picture("campaign")
    walk.click("details:has(form[action$='/close']) > summary", leads=False)
    walk.write("form[action$='/close'] [name=reason]", "Nous avons assez d’idées.")
    walk.click("form[action$='/close'] button", leads=False)
    walk.click("dialog[open] button >> nth=-1")
    walk.picture("grouping")
    walk.wait_for(lambda: walk.page.wait_for_selector(".theme-card"))
    walk.read()
    walk.picture("themes")
    # Enough themes for the decisions to come: the finest that are offered.
    walk.click("label:has([name=level]) >> nth=-1", leads=False)
    walk.click(".granularity__preview .button--primary")
    walk.picture("finer")


def _decide_one_by_one(walk: Walk, address: str) -> None:
    """Of each theme the person reads its page, with its most typical ideas, before they decide."""
    walk.begin(f"decide on {ONE_BY_ONE} themes, one by one", decides=True)
    walk.page.goto(f"{address}/themes/table")
    walk.read()
    walk.picture("table")
    walk.press("j")
    walk.press("Enter", leads=True)
    walk.picture("theme")
    for place in range(ONE_BY_ONE):
        if place:  # the answer that was saved leads to that of the next theme
            walk.read()
            walk.click(".desk-of-one section:first-child a.button[href*='/themes/']")
        walk.read()
        walk.click("a[href$='/decision']")
        if not place:
            walk.picture("decision")
        walk.read()
        walk.click(f"label:has([name=status][value={('planned', 'adopted', 'declined')[place % 3]}])", leads=False)
        walk.write("textarea[name=reason]", f"Vous êtes nombreux à le demander, et nous le ferons. Réponse {place}.")
        walk.click("button[name=then][value=next]")


def _decide_together(walk: Walk, address: str) -> None:
    walk.begin(f"decide on {TOGETHER} times {AT_ONCE} themes at once", decides=True)
    for turn in range(TOGETHER):
        walk.page.goto(f"{address}/themes/table?status=none")
        walk.read()
        for _ in range(AT_ONCE):
            walk.press("j")
            walk.press("x")
        walk.press("d", leads=True)
        walk.read()
        walk.click("label:has([name=status][value=adopted])", leads=False)
        walk.write("textarea[name=reason]", f"Nous l’étudions avec les régions. Réponse commune {turn}.")
        if not turn:
            walk.picture("together")
        walk.click(".sticky-submit button")
    walk.picture("table")


def _publish(walk: Walk, address: str) -> None:
    walk.begin("write and publish the debrief")
    walk.page.goto(f"{address}/debrief/write")
    walk.picture("empty")
    walk.click("a[href*='outline=1']")
    walk.read()
    walk.picture("outline")
    walk.click("button[name=then][value=publish]")
    walk.read()
    walk.picture("missing")
    day = (now() + timedelta(days=60)).date().isoformat()
    walk.write("form[action$='/debrief/promised'] [name=expected_on]", day)
    walk.click("form[action$='/debrief/promised'] button[type=submit]")
    walk.read()
    walk.picture("ready")
    walk.click("form[action$='/debrief/publish'] button")
    walk.picture("published")
