"""Many at once, on connections of their own: nothing comes after the close, nothing counts twice, nothing is lost."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from app import create_app
from app.clock import now as clock
from app.database import sqlite
from app.extensions import database, db
from app.jobs import find_themes as themes_job
from app.pictures.uploads import portrait
from app.settings import Settings
from app.tables import idea_file
from app.views.answers.debriefs import debrief_text
from ideas.accounts import identity
from ideas.accounts.sign_in import open_sign_in
from ideas.activity.activity import Activity, Verb
from ideas.activity.version import Version
from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import Decision, DecisionStatus, decide
from ideas.campaigns.campaign import Campaign, State, lock_campaign
from ideas.campaigns.people.team import Role, add_to_team
from ideas.campaigns.promise import close_now
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.merged import IdeaMerge
from ideas.contributions.vote import Reaction, Vote
from ideas.files import File
from ideas.people.limit import NEW_ACCOUNT_LIMITS, LimitedAct
from ideas.people.person import Person
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.space import Membership, MembershipState, SpaceRole
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from ideas.work.job import Job
from ideas.work.vector import TextVector, keep_vectors
from tests import documents
from tests.databases import copy_database, named
from tests.runs import apply_run, found_theme, placed_idea, run_result

pytestmark = pytest.mark.slow

MANY = 16
CROWD = 50
FEW = 5


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared(request, tmp_path, monkeypatch, migrated) -> Iterator[Flask]:
    """An application on a database of its own, where what is committed stays: as many connections as one likes."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 3)
    url = f"sqlite:///{tmp_path / 'race.sqlite'}"
    if request.param == "postgresql":
        url = named(request.getfixturevalue("postgresql_url"), "race")
        copy_database(url, "template1", "race")
    app = create_app(Settings(instance=tmp_path, database_url=url, secret_key="only for tests", testing=True))
    app.config |= {"WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False}
    with app.app_context():
        migrated()
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def community(shared):
    """Numbers of an open campaign, its owner and those who take part."""
    now = clock()
    facts = {"locale": "en", "created_at": now, "verified_at": now}
    with shared.app_context():
        people = [Person(email=f"{n}@example.org", name=f"Person {n}", **facts) for n in range(MANY + 1)]
        campaign = Campaign(
            owner=people[0],
            title="Mornings",
            benefit="Three changes.",
            motivation="Thanks.",
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=1),
            debrief_due_at=now + timedelta(days=9),
            created_at=now,
            announced_at=now,
        )
        people[0].may_open_campaigns = True
        database().add_all([*people, campaign])
        database().flush()
        add_to_team(database(), campaign, people[1], role=Role.FACILITATOR, by=people[0], now=now)
        database().commit()
        return campaign.id, [person.id for person in people]


@pytest.fixture
def enter(shared):
    """The browser of a person."""

    def sign_in(person_id):
        with shared.app_context():
            token = open_sign_in(database(), database().get_one(Person, person_id), now=clock())
            database().commit()
        browser = shared.test_client()
        with browser.session_transaction() as cookie:
            cookie["sign_in"], cookie["_user_id"], cookie["_fresh"] = token, str(person_id), True
            cookie["locale"] = "en"
        return browser

    return sign_in


def at_once(acts):
    """Do all of these at the same instant, each in a thread of its own, and return what they gave."""
    ready = threading.Barrier(len(acts))

    def do(act):
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(do, acts))


def sent(send):
    """The answer to a form, which is sent again as long as the database lets others go first, and says so."""
    for _ in range(20):
        answer = send()
        if answer.status_code != 503:
            break
    return answer


def all_of(shared, query):
    with shared.app_context():
        return database().execute(query).all()


def test_of_two_moderators_who_merge_or_separate_at_once_one_wins_and_the_other_is_told(shared, community, enter):
    campaign, people = community
    with shared.app_context():
        now = clock()
        ideas = [
            Idea(campaign_id=campaign, author_id=people[2 + n], body=f"Idea {n}", created_at=now, updated_at=now,
                 submitted_at=now)
            for n in range(3)
        ]  # fmt: skip
        database().add_all(ideas)
        database().commit()
        first, second, third = (idea.id for idea in ideas)
    moderators = [enter(person) for person in people[:2]]
    page, data = f"/campaigns/{campaign}/ideas/{first}/merge", {"keep": "other", "reason": "The same."}
    answers = at_once([
        lambda browser=browser, other=other: browser.post(page, data=data | {"other": other})
        for browser, other in zip(moderators, (second, third), strict=True)
    ])  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert "has already merged" in next(answer.text for answer in answers if answer.status_code == 422)
    [(merge, into)] = all_of(shared, select(IdeaMerge.id, IdeaMerge.into_id))
    assert all_of(shared, select(Idea.merged_into_id).where(Idea.id == first)) == [(into,)]
    undo = f"/campaigns/{campaign}/merges/{merge}/undo"
    answers = at_once([lambda browser=browser: browser.post(undo) for browser in moderators])
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    undone = select(func.count()).where(Activity.object_kind == "idea_merge", Activity.verb == Verb.UNDONE)
    assert all_of(shared, undone) == [(1,)]


def test_no_idea_comes_after_the_close_and_no_text_is_lost(shared, community, enter):
    campaign, people = community
    owner, writers = enter(people[0]), [enter(people[1 + n % MANY]) for n in range(CROWD)]

    def write(browser, number):
        time.sleep(0.002 * number)  # some before the close, some after, some in the middle
        idea = {"body": f"Idea {number}"}
        return sent(lambda: browser.post(f"/campaigns/{campaign}/ideas/new", data=idea)).status_code

    def close():
        time.sleep(0.02)
        return sent(lambda: owner.post(f"/campaigns/{campaign}/close", data={"reason": "Enough."})).status_code

    answers = at_once([close, *(lambda b=browser, n=number: write(b, n) for number, browser in enumerate(writers))])
    assert set(answers) == {303}
    [(closed_at,)] = all_of(shared, select(Campaign.closes_at))
    ideas = all_of(shared, select(Idea.body, Idea.submitted_at))
    assert {body for body, _ in ideas} == {f"Idea {number}" for number in range(CROWD)}
    assert all(submitted_at is None or submitted_at < closed_at for _, submitted_at in ideas)


@pytest.mark.parametrize("act", ["edit", "withdraw", "restore"])
def test_no_idea_changes_after_the_close(shared, community, enter, act):
    """The author sends the form while the close is on its way to the database."""
    campaign_id, people = community
    now = clock()
    with shared.app_context():
        facts = {"created_at": now, "updated_at": now, "submitted_at": now}
        idea = Idea(campaign_id=campaign_id, author_id=people[1], body="One click", **facts)
        idea.withdrawn_at = now if act == "restore" else None
        database().add(idea)
        database().commit()
        idea_id = idea.id
    author = enter(people[1])
    held = threading.Event()

    def close():
        with shared.app_context():
            campaign = database().get_one(Campaign, campaign_id)
            lock_campaign(database(), campaign)
            close_now(database(), campaign, reason="Enough.", by=campaign.owner, now=clock())
            held.set()
            time.sleep(0.3)  # the author is at the door by now, or comes later still
            database().commit()

    def change():
        held.wait()
        address = f"/campaigns/{campaign_id}/ideas/{idea_id}/{act}"
        return author.post(address, data={"body": "Two clicks"}).status_code

    at_once([close, change])
    [(body, withdrawn_at)] = all_of(shared, select(Idea.body, Idea.withdrawn_at))
    assert (body, withdrawn_at) == ("One click", now if act == "restore" else None)


@pytest.mark.parametrize(
    ("act", "data"), [("vote", {}), ("reaction", {"emotion": "joy"}), ("comments", {"body": "Yes"})]
)
def test_no_response_comes_after_the_end(shared, community, enter, act, data):
    """A response is sent while the close, or for a comment the debrief, is on its way to the database."""
    campaign_id, people = community
    now = clock()
    with shared.app_context():
        facts = {"created_at": now, "updated_at": now, "submitted_at": now}
        idea = Idea(campaign_id=campaign_id, author_id=people[1], body="One click", **facts)
        database().add(idea)
        database().commit()
        idea_id = idea.id
    reader = enter(people[2])
    held = threading.Event()

    def end():
        with shared.app_context():
            campaign = database().get_one(Campaign, campaign_id)
            lock_campaign(database(), campaign)
            close_now(database(), campaign, reason="Enough.", by=campaign.owner, now=clock())
            campaign.debriefed_at = campaign.closes_at if act == "comments" else None
            database().flush()
            held.set()
            time.sleep(0.3)  # the reader is at the door by now, or comes later still
            database().commit()

    def respond():
        held.wait()
        return reader.post(f"/campaigns/{campaign_id}/ideas/{idea_id}/{act}", data=data).status_code

    _, status = at_once([end, respond])
    assert status in {303, 422}
    for kind in (Vote, Reaction, Comment):
        assert all_of(shared, select(func.count()).select_from(kind)) == [(0,)]


def test_requests_at_once_do_not_pass_a_limit_together(shared, community, enter):
    campaign, people = community
    cookie = enter(people[1]).get_cookie("session").value

    def write(number):
        tab = shared.test_client()
        tab.set_cookie("session", cookie)
        return tab.post(f"/campaigns/{campaign}/ideas/new", data={"body": f"Idea {number}"}).status_code

    few = NEW_ACCOUNT_LIMITS[LimitedAct.SUBMIT][0].most
    answers = at_once([lambda n=number: write(n) for number in range(MANY)])
    assert sorted(answers) == [303] * few + [429] * (MANY - few)
    assert all_of(shared, select(func.count(Idea.id)).where(Idea.submitted_at.is_not(None))) == [(few,)]
    assert all_of(shared, select(func.count(Idea.id))) == [(MANY,)]  # the others are drafts


def test_limits_hold_after_a_restart(shared, community, enter):
    campaign, people = community
    address = f"/campaigns/{campaign}/ideas/new"
    few = NEW_ACCOUNT_LIMITS[LimitedAct.SUBMIT][0].most
    browser = enter(people[1])
    assert {browser.post(address, data={"body": f"Idea {n}"}).status_code for n in range(few)} == {303}
    again = create_app(shared.extensions["settings"])
    again.config["WTF_CSRF_ENABLED"] = False
    elsewhere = again.test_client()
    elsewhere.set_cookie("session", browser.get_cookie("session").value)
    assert elsewhere.post(address, data={"body": "One more"}).status_code == 429
    with again.app_context():
        db.engine.dispose()


def test_the_seventh_wrong_sign_in_of_a_minute_waits_also_after_a_restart(shared, community, caplog):
    given = {"email": "1@example.org", "password": "not it"}
    answers = [shared.test_client().post("/sign-in", data=given) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert "429: POST person.sign_in by address " in caplog.text
    again = create_app(shared.extensions["settings"])
    again.config["WTF_CSRF_ENABLED"] = False
    assert again.test_client().post("/sign-in", data=given).status_code == 429
    with again.app_context():
        db.engine.dispose()


def test_the_same_anonymous_form_sent_many_times_at_once_sends_one_idea(shared, community, enter):
    """The row names no account, so no unique key of the database sees the second."""
    campaign, people = community
    with shared.app_context():
        database().get_one(Campaign, campaign).allows_anonymous = True
        database().commit()
    cookie = enter(people[1]).get_cookie("session").value
    sent = {"title": "", "body": "A night bus", "is_anonymous": "y", "form_key": "k" * 20, "act": "submit"}

    def send():
        tab = shared.test_client()
        tab.set_cookie("session", cookie)
        return tab.post(f"/campaigns/{campaign}/ideas/new", data=sent)

    assert {answer.status_code for answer in at_once([send] * FEW)} == {303}
    assert all_of(shared, select(Idea.author_id, Idea.is_anonymous)) == [(None, True)]


def test_many_votes_of_one_person_are_one(shared, community, enter):
    campaign, people = community
    now = clock()
    with shared.app_context():
        facts = {"created_at": now, "updated_at": now, "submitted_at": now}
        idea = Idea(campaign_id=campaign, author_id=people[0], body="One click", **facts)
        database().add(idea)
        database().commit()
        address = f"/campaigns/{campaign}/ideas/{idea.id}/vote"
    browser = enter(people[1])
    cookie = browser.get_cookie("session").value

    def vote(address=address):
        tab = shared.test_client()
        tab.set_cookie("session", cookie)
        return sent(lambda: tab.post(address, headers={"HX-Request": "true"}))

    answers = at_once([vote] * 2 * CROWD)
    assert {answer.status_code for answer in answers} == {200}
    assert all_of(shared, select(func.count()).select_from(Vote)) == [(1,)]
    # Nor do tabs pass together what the campaign allows.
    with shared.app_context():
        others = [Idea(campaign_id=campaign, author_id=people[0], body=f"Idea {n}", **facts) for n in range(FEW)]
        database().add_all(others)
        database().get_one(Campaign, campaign).supports_each = 3
        database().commit()
        addresses = iter([f"/campaigns/{campaign}/ideas/{other.id}/vote" for other in others])
    answers = at_once([lambda address=address: vote(address) for address in addresses])
    assert sorted(answer.status_code for answer in answers) == [200, 200] + [422] * (FEW - 2)
    assert all_of(shared, select(func.count()).select_from(Vote)) == [(3,)]


@pytest.fixture
def themes(shared, community):
    """Two themes of three ideas each, as a run found them, in the campaign that has closed."""
    campaign_id, _people = community
    now = clock()
    with shared.app_context():
        campaign = database().get_one(Campaign, campaign_id)
        campaign.closes_at = now - timedelta(minutes=1)
        ideas = [
            Idea(campaign=campaign, body=f"Idea {n}", created_at=now, updated_at=now, submitted_at=now)
            for n in range(6)
        ]
        database().add_all(ideas)
        database().flush()
        ids = [idea.id for idea in ideas]
        apply_run(database(), campaign, found(ids), now=now)
        database().commit()
        return [theme.id for theme in database().scalars(select(Theme).order_by(Theme.id))], ids


def found(ids, *, one=1, two=2):
    themes = [found_theme(number, f"Theme {number}", [], [], 0.5, 0.5, 0.5) for number in (one, two)]
    placed = [placed_idea(i, one if place < 3 else two, None, 0.5, [], 0.5, 0.5) for place, i in enumerate(ids)]
    return run_result(themes, placed)


def test_two_managers_who_merge_the_same_themes_both_ways_leave_one(shared, community, themes, enter):
    campaign, people = community
    (one, two), _ids = themes
    browsers = [enter(people[0]), enter(people[1])]
    address = f"/campaigns/{campaign}/themes"
    at_once([
        lambda: browsers[0].post(f"{address}/{one}/merge", data={"other": [two]}),
        lambda: browsers[1].post(f"{address}/{two}/merge", data={"other": [one]}),
    ])  # fmt: skip
    alive = all_of(shared, select(Theme.id).where(Theme.retired_at.is_(None)))
    assert len(alive) == 1
    assert all_of(shared, select(Placement.theme_id).distinct()) == alive


def test_a_run_that_ends_while_a_manager_moves_an_idea_leaves_the_idea_where_it_was_put(
    shared, community, themes, enter
):
    campaign_id, people = community
    (one, two), ids = themes
    manager = enter(people[0])

    def linger(session, *_rest):
        time.sleep(0.5 if any(isinstance(row, Placement) for row in session.dirty) else 0)

    def record():
        """The run puts the idea elsewhere, and takes its time between reading and writing, as a large one does."""
        with shared.app_context():
            event.listen(database(), "before_flush", linger)
            campaign = database().get_one(Campaign, campaign_id)
            apply_run(database(), campaign, found(ids[::-1], one=one, two=two), now=clock())
            database().commit()

    def move():
        time.sleep(0.25)
        data = {"idea": [ids[0]], "to": "alone"}
        return manager.post(f"/campaigns/{campaign_id}/themes/move", data=data).status_code

    assert at_once([record, move])[1] == 303
    query = select(Placement.theme_id, Placement.placed_by_id).where(Placement.idea_id == ids[0])
    assert all_of(shared, query) == [(None, people[0])]


def test_an_answer_or_a_job_asked_for_many_times_at_once_is_one(shared, community, themes, enter):
    campaign, people = community
    (one, _two), _ids = themes
    browsers = [enter(people[n % 2]) for n in range(6)]
    answer = {"status": "planned", "reason": "Soon.", "respondent": people[0], "decided_on": clock().date().isoformat()}
    address = f"/campaigns/{campaign}/themes"
    decided = at_once([lambda b=b: b.post(f"{address}/{one}/decision", data=answer).status_code for b in browsers])
    asked = at_once([lambda b=b: b.post(f"{address}/group").status_code for b in browsers])
    assert set(decided + asked) == {303}
    assert all_of(shared, select(func.count()).select_from(Decision)) == [(1,)]
    assert all_of(shared, select(func.count()).select_from(Job)) == [(1,)]


def test_a_file_that_is_removed_many_times_at_once_is_recorded_as_removed_once(shared, community, enter):
    campaign, people = community
    owner = enter(people[0])
    owner.post(f"/campaigns/{campaign}/files", data={"file": (BytesIO(documents.PDF), "plan.pdf")})
    ((file,),) = all_of(shared, select(File.id))
    browsers = [enter(people[n % 2]) for n in range(6)]
    statuses = at_once([lambda b=b: b.post(f"/campaigns/{campaign}/files/{file}/remove").status_code for b in browsers])
    assert set(statuses) <= {303, 404}
    removed = select(func.count()).where(Activity.object_kind == "file", Activity.verb == Verb.REMOVED)
    assert all_of(shared, removed) == [(1,)]


@pytest.fixture
def promised(shared, community, themes):
    """The ids of two open actions of a campaign whose debrief is published."""
    campaign_id, people = community
    now = clock()
    with shared.app_context():
        session = database()
        campaign, owner = session.get_one(Campaign, campaign_id), session.get_one(Person, people[0])
        facts = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": owner, "decided_on": now.date()}
        ids = []
        for theme_id in themes[0]:
            decision = decide(session, session.get_one(Theme, theme_id), **facts, by=owner, now=now)
            planned = {"impact": "", "owner": owner, "due_on": now.date(), "by": owner, "now": now}
            action = commit_to(session, decision, title="Build it", **planned)
            session.flush()
            ids.append(action.id)
        publish_debrief(session, write_debrief(session, campaign, body="Thanks.", by=owner, now=now), by=owner, now=now)
        session.commit()
        return ids


def state_of(shared, campaign_id):
    with shared.app_context():
        return database().get_one(Campaign, campaign_id).state(clock())


def test_two_last_actions_that_are_completed_at_once_keep_every_promise(shared, community, promised, enter):
    campaign, people = community
    browsers = [enter(people[0]), enter(people[1])]
    address = f"/campaigns/{campaign}/actions"

    def complete(browser, action):
        return browser.post(f"{address}/{action}/progress", data={"progress": "100"}).status_code

    assert state_of(shared, campaign) is State.DEBRIEFED
    done = at_once([lambda b=b, a=a: complete(b, a) for b, a in zip(browsers, promised, strict=True)])
    assert done == [303, 303]
    assert state_of(shared, campaign) is State.FOLLOWED_THROUGH


def test_two_managers_who_change_an_answer_at_once_do_not_overwrite_each_other(
    shared, community, themes, promised, enter
):
    campaign, people = community
    browsers = [enter(people[0]), enter(people[1])]
    answer = {"status": "done", "respondent": people[0], "decided_on": clock().date().isoformat(), "version": "1"}
    address = f"/campaigns/{campaign}/themes/{themes[0][0]}/decision"

    def change(browser, words):
        sent = answer | {"reason": words, "change_reason": "It is there."}
        return browser.post(address, data=sent).status_code

    answers = at_once([lambda: change(browsers[0], "Mine."), lambda: change(browsers[1], "Yours.")])
    assert sorted(answers) == [303, 409]
    assert all_of(shared, select(Decision.version).order_by(Decision.version)) == [(1,), (2,)]
    versions = all_of(shared, select(func.count()).where(Version.object_kind == "decision"))
    assert versions == [(3,)]


@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)
def test_a_page_of_the_debrief_is_rendered_without_the_write_lock(shared, community, themes, enter, monkeypatch):
    campaign, people = community
    with shared.app_context():
        engine = db.engine
    rendered = []

    def meanwhile(text):
        with engine.begin() as other:  # would wait in vain for a write that the request has open
            other.execute(text_of("UPDATE campaign SET title = title || '.'"))
        rendered.append(text)
        return markdown(text)

    markdown, text_of = debrief_text.markdown, text
    monkeypatch.setattr(debrief_text, "markdown", meanwhile)
    owner, address = enter(people[0]), f"/campaigns/{campaign}/debrief"
    assert owner.post(f"{address}/preview", data={"body": "Thanks."}).status_code == 200
    assert owner.post(f"{address}/write", data={"body": "{{ pay }}"}).status_code == 422
    assert owner.post(f"{address}/write", data={"body": "Thanks."}).status_code == 303
    assert owner.post(f"{address}/promised", data={"expected_on": ""}).status_code == 422
    assert owner.post(f"{address}/publish").status_code == 422
    assert rendered == ["Thanks.", "{{ pay }}", "Thanks."]


def test_a_locked_database_is_reported_in_bounded_time_and_the_form_can_be_sent_again(shared, community, enter):
    campaign, people = community
    writer = enter(people[1])
    address, idea = f"/campaigns/{campaign}/ideas/new", {"body": "A long evening's work"}
    with shared.app_context():
        engine = db.engine
    with engine.connect() as other:
        if engine.dialect.name == "postgresql":
            other.execute(text("LOCK TABLE campaign IN ACCESS EXCLUSIVE MODE"))
        else:
            other.execute(text("UPDATE campaign SET title = title"))
        began = time.monotonic()
        refused = writer.post(address, data=idea)
        assert time.monotonic() - began < 3 * 3
        other.rollback()
    assert refused.status_code == 503
    assert "reload this page and agree to send the form again" in refused.text
    assert writer.post(address, data=idea).status_code == 303
    assert all_of(shared, select(Idea.body)) == [("A long evening's work",)]


@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)
def test_slow_work_in_a_request_holds_no_write_lock(shared, community, enter, monkeypatch):
    campaign, people = community
    with shared.app_context():
        engine = db.engine

    def meanwhile(work):
        def do(*given):
            with engine.begin() as other:  # would wait in vain for a write that the request has open
                other.execute(text("UPDATE campaign SET title = title || '.'"))
            return work(*given)

        return do

    monkeypatch.setattr(identity, "_matches", meanwhile(identity._matches))  # noqa: SLF001 -- where the time goes
    monkeypatch.setattr(idea_file, "preview", meanwhile(idea_file.preview))
    monkeypatch.setattr(portrait, "square", meanwhile(portrait.square))
    owner, gif = enter(people[0]), BytesIO(b"GIF89a")
    visitor = shared.test_client()
    assert visitor.post("/sign-in", data={"email": "0@example.org", "password": "guess"}).status_code == 422
    sent = owner.post(f"/campaigns/{campaign}/import", data={"file": (BytesIO(b"text\nOne\n"), "a.csv")})
    assert sent.status_code == 303
    assert owner.post(sent.location, data={"text": "0"}).status_code == 303
    assert owner.post("/campaigns/new", data={"title": "Evenings", "portrait": (gif, "a.gif")}).status_code == 422
    [(title,)] = all_of(shared, select(Campaign.title))
    assert title == "Mornings..."


@pytest.mark.model
@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)
def test_a_run_lets_others_write_until_it_is_applied(shared, community, monkeypatch):
    campaign_id, _people = community
    with shared.app_context():
        keep_vectors(database(), "a model of before", {b"0" * 32: b"unused"})
        database().commit()
        engine = db.engine

    def meanwhile(*given):
        forget_unused(*given)
        with engine.begin() as other:
            other.execute(text("UPDATE campaign SET title = 'Evenings'"))

    forget_unused = themes_job.forget_unused
    monkeypatch.setattr(themes_job, "forget_unused", meanwhile)
    with shared.app_context():
        themes_job.group_ideas(database(), campaign_id)
        database().commit()
    assert all_of(shared, select(Campaign.title)) == [("Evenings",)]
    assert all_of(shared, select(TextVector.model)) == []


@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)
def test_error_pages_of_a_broken_database_make_no_query(shared, community, enter, tmp_path):
    campaign, people = community
    reader = enter(people[1])
    assert reader.get("/me").status_code == 200
    with shared.app_context():
        db.session.execute(text("DROP TABLE sign_in"))
        db.session.commit()
    away = reader.get(f"/campaigns/{campaign}")
    assert away.status_code == 503
    assert "The service is busy" in away.text
    with shared.app_context():
        db.session.remove()
        db.engine.dispose()
    for file in tmp_path.glob("race.sqlite*"):
        file.write_bytes(b"this is no database")
    broken = reader.get(f"/campaigns/{campaign}")
    assert broken.status_code == 500
    assert "Sorry, there is a problem with the service" in broken.text


def test_of_many_who_want_the_last_two_seats_two_have_them_and_the_others_wait(shared, community, enter):
    _, people = community
    with shared.app_context():
        owner = database().get_one(Person, people[0])
        space = create_space(database(), text=SpaceText("Nurses", seats=2), by=owner, now=clock())
        database().commit()
        space_id = space.id
    browsers = [enter(person_id) for person_id in people[1:]]
    answers = at_once([lambda browser=browser: browser.post(f"/spaces/{space_id}/enter") for browser in browsers])
    assert {answer.status_code for answer in answers} <= {303, 503}
    for browser, answer in zip(browsers, answers, strict=True):
        if answer.status_code == 503:  # SQLite let the others go first, and said so
            assert browser.post(f"/spaces/{space_id}/enter").status_code == 303
    states = [state for (state,) in all_of(shared, select(Membership.state).where(Membership.role == SpaceRole.MEMBER))]
    assert sorted(states) == [MembershipState.MEMBER] * 2 + [MembershipState.WAITING] * (len(people) - 3)
