"""A database of the first version is upgraded, and nothing of it is lost.

Two such databases: the rows of tests.first_version, and the file first-version.sqlite.gz in the folder that
CONVERGENCE_CASES names.
"""

import gzip
import html
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine

from app.extensions import db
from app.mail.notices import notify_due
from ideas.accounts.identity import hash_password
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from ideas.work.job import JobKind, enqueue
from tests.databases import Rows, own_database, read_rows, write_rows
from tests.first_version import first_version
from tests.first_version_themes import CANTEEN, CANTEEN_RUN, OWNER, canteen_as_found, school_as_found

pytestmark = pytest.mark.slow

FIRST_VERSION = "0003"
FILE = "first-version.sqlite.gz"
# The columns and values that have other names since: nothing else of a row changes.
COLUMNS = {
    "theme": {"doubts": "warnings"},
    "placement": {"leaf": "node"},
    "proposed_placement": {"leaf": "node"},
}
VALUES = {
    "leftover": {"alone": "outlier", "between": "ambiguous"},
    "placed_how": {"alone": "set_aside"},
}
# What is computed since, or stored in another table.
GONE = {
    ("campaign", "followed_through_at"), ("campaign", "portrait"),
    ("person", "password_hash"), ("person", "rules_accepted_at"),
}  # fmt: skip
WHY = {"reason": "Once the debrief is public, an edit needs one."}
PASSWORD = "le mot de passe d’avant"
GIVEN_PASSWORD = "convergence"
ROLES = ["visitor", "participant", "owner", "admin"]


@dataclass
class Upgraded:
    """`before` and `after`: every row, at the first version and after the upgrade. `given`: not written here."""

    app: Flask
    given: bool
    before: Rows
    after: Rows


@pytest.fixture(scope="module", params=["written here", "given"])
def upgraded(request, settings, tmp_path_factory) -> Iterator[Upgraded]:
    folder = tmp_path_factory.mktemp("upgraded")
    given = _given_file(folder) if request.param == "given" else None
    with own_database(settings, folder) as app:
        with app.app_context():
            _make_first_version(given)
            before = _all_rows()
            upgrade()
            after = _all_rows()
        yield Upgraded(app, given is not None, before, after)


def _all_rows() -> Rows:
    with db.engine.connect() as connection:
        return read_rows(connection)


def _given_file(folder: Path) -> Path:
    cases = os.environ.get("CONVERGENCE_CASES")
    if not cases:
        pytest.skip("CONVERGENCE_CASES does not name a folder with a database of the first version")
    path = folder / "given.sqlite"
    with gzip.open(Path(cases) / FILE) as packed, path.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    return path


def _make_first_version(given: Path | None) -> None:
    """A database at the last migration of the first version, with the rows of the given file or with our own."""
    if given is not None and db.engine.dialect.name == "sqlite":
        given.rename(db.engine.url.database)
        return
    upgrade(revision=FIRST_VERSION)
    rows = first_version(hash_password(PASSWORD)) if given is None else _rows_of(given)
    with db.engine.begin() as connection:
        write_rows(connection, rows)


def _rows_of(path: Path) -> list[tuple[str, dict]]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        rows = read_rows(connection)
    engine.dispose()
    return [(table, with_zones(row)) for table, found in rows.items() for row in found]


def with_zones(row: dict) -> dict:
    """SQLite keeps no zone: its instants are UTC."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


@pytest.fixture(scope="module")
def app(upgraded) -> Flask:
    """In place of the application on an empty database: the fixtures of a session or a browser take this one."""
    return upgraded.app


@pytest.fixture
def browser_of(session, client, signed_in):
    """The browser of the person with this id, or of a visitor."""
    return lambda person_id: client if person_id is None else signed_in(session.get_one(Person, person_id))


def in_new_words(table, row):
    return {new_name(table, name): new_value(name, value) for name, value in row.items() if (table, name) not in GONE}


def new_name(table, name):
    return COLUMNS.get(table, {}).get(name, name)


def new_value(name, value):
    return VALUES.get(name, {}).get(value, value) if isinstance(value, str) else value


# Rows -----------------------------------------------------------------------------------------------------------------


def test_every_row_is_there_as_it_was_but_for_the_new_words(upgraded):
    assert upgraded.before["idea"], "the database of the first version is empty"
    for table, rows in upgraded.before.items():
        expected = [in_new_words(table, row) for row in rows]
        if table == "job":  # what the other kind was for is in the activity log
            expected = [job for job in expected if job["kind"] != "tell_contributors"]
            for job in expected:
                job["key"] = f"{job['kind']}:{job['campaign_id']}"
                job["error"] = job["error"] or None
        for row, stored in zip(expected, upgraded.after[table], strict=True):
            assert {name: stored[name] for name in row} == row, table


def test_every_password_is_kept_with_the_address_that_signs_in_with_it(upgraded):
    kept = {row["person_id"]: (row["kind"], row["subject"], row["secret"]) for row in upgraded.after["identity"]}
    assert kept == {row["id"]: ("password", row["email"], row["password_hash"]) for row in upgraded.before["person"]}


def test_themes_keep_their_numbers_and_names(upgraded, browser_of):
    for campaign in upgraded.before["campaign"]:
        owner = browser_of(campaign["owner_id"])
        for theme in active_themes(upgraded.before, campaign["id"]):
            page = owner.get(f"/campaigns/{campaign['id']}/themes/{theme['id']}").text
            assert (theme["given_name"] or theme["found_name"]) in html.unescape(page)


# Pages ----------------------------------------------------------------------------------------------------------------


# Roles tell pages apart, not the database: on PostgreSQL the owner reads them, who finds the most.
@pytest.mark.parametrize(
    "role", [role if role == "owner" else pytest.param(role, marks=pytest.mark.one_database) for role in ROLES]
)
def test_every_page_answers(upgraded, browser_of, role):
    """An error within a page is raised here: the applications of tests propagate it."""
    seen = set()  # a page that is of no campaign is read once by each person
    for campaign in upgraded.before["campaign"]:
        person_id = person_in(upgraded, campaign, role)
        browser = browser_of(person_id)
        new = {(person_id, address) for address in addresses(upgraded, campaign, person_id)} - seen
        seen |= new
        answers = {address: browser.get(address).status_code for _, address in sorted(new, key=str)}
        # 410: the page of a link in a mail that leads nowhere any more.
        gone = {address for address, status in answers.items() if status == 410}
        assert all(address.endswith("/-") or "/-/" in address for address in gone), gone
        assert set(answers.values()) - {410} <= {200, 204, 303, 403, 404, 422}, answers  # 204: no new comment
        if role == "owner":
            refused = {address for address, status in answers.items() if status not in {200, 204, 303}}
            assert not {address for address in refused if not re.search(OWNER_MAY_MISS, address)}


# What an owner may not find: a theme that is no more, where an idea belongs that has no placement, an idea that is not
# theirs to change, one of nobody who agreed to be told, an import that is done, what is for administrators, a link that
# nobody has signed, a person who has no part in the campaign, an export that was not asked for, the page that sets a
# new site up, figures that are off, an address that nobody set, and a portrait whose file did not come with the
# database.
OWNER_MAY_MISS = (
    r"/themes/\d+|/people/\d+|/why/\d+$|/(ideas|judging|imported)/\d+|/import/\d+$|^/files/\d+$|^/(unsubscribe|receipt|calendar|feeds)/"
    r"|^/(design|messages|activity|jobs|people|attributes|pioneers|health|moderation|organisation)"
    r"|^/(address|erasure|keep-address|reset|invitations|password|verify|arrive|newsletter-links|newsletter-pictures)/-|^/brand/"
    r"|^/(me/data/export\.zip|personal-data(/register\.csv)?|set-up|metrics|\.well-known/security\.txt)$"
)


def person_in(upgraded, campaign, role):
    """The id of a person in this role; None for a visitor, and where nobody is in it."""
    rows = upgraded.before
    team = {member["person_id"] for member in rows["team_member"]} | {row["owner_id"] for row in rows["campaign"]}
    authors = [idea["author_id"] for idea in rows["idea"] if idea["campaign_id"] == campaign["id"]]
    found = {
        "visitor": [],
        "participant": [author for author in authors if author and author not in team],
        "owner": [campaign["owner_id"]],
        "admin": [person["id"] for person in rows["person"] if person["is_admin"]],
    }[role]
    return found[0] if found else None


def addresses(upgraded, campaign, person_id):
    """Every GET address with the campaign's own objects, a few of each kind."""
    found = set()
    with upgraded.app.test_request_context():
        for rule in upgraded.app.url_map.iter_rules():
            if "GET" in rule.methods and rule.endpoint != "static":
                for values in arguments(upgraded, campaign, person_id, rule.arguments):
                    found.add(rule.build(values)[1])
    return sorted(found)


def arguments(upgraded, campaign, person_id, names):
    """All combinations of the values that an address may have for these names."""

    def ids(table):
        return [row for row in upgraded.before[table] if row.get("campaign_id") == campaign["id"]]

    ideas, themes = ids("idea"), ids("theme")
    theme_ids = {theme["id"] for theme in themes}
    decision_ids = {row["id"] for row in upgraded.after["decision"] if row["theme_id"] in theme_ids}
    values = {
        "campaign_id": [campaign["id"]],
        "idea_id": spread([idea["id"] for idea in ideas], 4)
        + [idea["id"] for idea in ideas if idea["withdrawn_at"] or not idea["submitted_at"]][:2]
        + [idea["id"] for idea in ideas if idea["author_id"] == person_id][:2],
        "theme_id": spread([theme["id"] for theme in themes if not theme["retired_at"]], 4)
        + [theme["id"] for theme in themes if theme["retired_at"]][:2],
        "decision_id": [
            row["id"] for row in upgraded.after["decision"] if row["published_at"] and row["theme_id"] in theme_ids
        ],
        "action_id": [row["id"] for row in upgraded.after["action"] if row["decision_id"] in decision_ids][:2],
        "upload_id": [row["id"] for row in ids("idea_import")],
        "undeliverable_id": [],
        "host_id": [],
        "delivery_id": [],
        "message_id": [row["id"] for row in upgraded.before["message"][:2]],
        "file_id": [row["id"] for row in upgraded.after["file"] if row["campaign_id"] == campaign["id"]],
        "person_id": [row["id"] for row in upgraded.before["person"][:2]],
        "kind": ["outlier", "ambiguous"],
        # The first version had none of these, or no page of them.
        "comment_id": [],
        "debrief_comment_id": [],
        "evidence_id": [],
        "milestone_id": [],
        "erasure_id": [],
        "export_id": [],
        "field_id": [],
        "merge_id": [],
        "review_id": [],
        "idea_file_id": [],
        "sanction_id": [],
        "attribute_id": [],
        "space_id": [],
        "workshop_id": [],
        "newsletter_id": [],
        "template_id": [],
        "shared_template_id": [],
        "stamp": [],
        "light": ["0b6066"],
        "dark": ["7fcfce"],
        "name": ["rules"],
        "invite": ["-"],
        "token": ["-"],
        "receipt": ["-"],
        "imported": ["-"],
        "calendar": ["-"],
        "feed": ["-"],
        "link": ["-"],
        "picture": ["-"],
        "step": ["day_0"],
        "locale": ["fr"],
        "objection_id": [],
        "clarification_id": [],
        "place": [0],
        "chart": ["themes"],
        "proof": ["-"],
    }
    return [dict(zip(sorted(names), some, strict=True)) for some in product(*(values[name] for name in sorted(names)))]


def spread(values, count):
    """So many of the values, from the first to the last."""
    return values[:: max(1, len(values) // count)][:count]


# Undo -----------------------------------------------------------------------------------------------------------------


def test_every_act_that_holds_is_undone_latest_first_and_put_back_exactly(upgraded, browser_of, connection):
    """All but those that made a theme which has its answer by now: the first version refused to undo them too."""
    acts = [edit for edit in reversed(upgraded.before["theme_edit"]) if edit["undone_at"] is None]
    answered = {str(decision["theme_id"]) for decision in upgraded.before["decision"]}
    assert acts
    for edit in acts:
        campaign = row_of(upgraded.before, "campaign", edit["campaign_id"])
        browser = browser_of(campaign["owner_id"])
        if made_by(edit) & answered:
            assert browser.post(undo_of(edit), data=WHY).status_code == 409
            continue
        assert browser.post(undo_of(edit), data=WHY).status_code == 303
        rows = read_rows(connection)
        assert row_of(rows, "theme_edit", edit["id"])["undone_at"] is not None, edit["summary"]
        assert stored_states(rows, edit) == expected_states(edit), edit["summary"]


def test_once_all_is_undone_the_themes_are_as_the_run_found_them(upgraded, browser_of, connection):
    if upgraded.given:
        pytest.skip("what the runs found is not known of a given database")
    owner = browser_of(OWNER)
    for edit in reversed(upgraded.before["theme_edit"]):
        if edit["undone_at"] is None:
            assert owner.post(undo_of(edit), data=WHY).status_code == 303
    rows = read_rows(connection)
    for themes, placements in (school_as_found(), canteen_as_found()):
        campaign_id = placements[0]["campaign_id"]
        active = [with_zones(row) for row in active_themes(rows, campaign_id)]
        # Not found then; and not known which of its themes the edits of the school reshaped.
        new = {"other_names": [], "reshaped_by_people": campaign_id != CANTEEN}
        assert active == [in_new_words("theme", row) | new for row in themes]
        found = [row for row in rows["placement"] if row["campaign_id"] == campaign_id]
        assert found == [in_new_words("placement", row) | {"same_as": None} for row in placements]  # not kept then
    assert rows["forbidden"] == []
    canteen = row_of(rows, "campaign", CANTEEN)
    run = row_of(upgraded.before, "theme_run", CANTEEN_RUN)
    assert (canteen["grouped_at"], canteen["granularity"]) == (run["created_at"], run["granularity"])


def undo_of(edit):
    return f"/campaigns/{edit['campaign_id']}/themes/edits/{edit['id']}/undo"


def made_by(edit):
    """The themes that an act made, as its states name them."""
    before, after = edit["before"]["themes"], edit["after"]["themes"]
    return {theme for theme in before if before[theme]["retired"] and not after[theme]["retired"]}


def row_of(rows, table, number):
    return next(row for row in rows[table] if row["id"] == number)


def active_themes(rows, campaign_id):
    """Without what counts their changes, as undoing counts as one, and without what the first version did not keep."""
    found = [row for row in rows["theme"] if row["campaign_id"] == campaign_id and row["retired_at"] is None]
    return [
        {name: value for name, value in row.items() if name not in {"version", "shape", "definition"}} for row in found
    ]


def expected_states(edit):
    """What an act's `before` says of each theme and placement, by table, id and column."""
    names = {"theme": "theme_id", "placed_by": "placed_by_id", "retired": "retired_at"}
    states = {"theme": edit["before"]["themes"], "placement": edit["before"]["placements"]}
    return {
        (table, int(number), new_name(table, names.get(name, name))): new_value(name, value)
        for table, of_table in states.items()
        for number, state in of_table.items()
        for name, value in state.items()
    }


def stored_states(rows, edit):
    """The same of the rows as they are."""
    found = {("theme", row["id"]): row for row in rows["theme"]}
    found |= {("placement", row["idea_id"]): row for row in rows["placement"]}
    stored = {key: found[key[:2]][key[2]] for key in expected_states(edit)}
    return {key: value is not None if key[2] == "retired_at" else value for key, value in stored.items()}


# Proposals ------------------------------------------------------------------------------------------------------------


def test_an_open_proposal_is_shown_accepted_in_part_and_undone(upgraded, browser_of, connection):
    proposals = [row for row in upgraded.before["proposal"] if row["status"] == "open"]
    assert proposals
    for proposal in proposals:
        campaign = row_of(upgraded.before, "campaign", proposal["campaign_id"])
        owner, address = browser_of(campaign["owner_id"]), f"/campaigns/{campaign['id']}/themes/proposal"
        page = owner.get(address)
        keys = re.findall(r'name="key"\s+value="(-?\d+)"', page.text)
        assert page.status_code == 200
        assert len(keys) > 1
        for theme in proposal["themes"]:
            assert theme["id"] > 0 or theme["name"] in html.unescape(page.text)
        answer = owner.post(f"{address}/accept", data={"proposal": proposal["id"], "key": keys[: len(keys) // 2]} | WHY)
        assert answer.status_code == 303
        accepted = read_rows(connection)
        assert accepted["placement"] != upgraded.after["placement"]
        assert row_of(accepted, "proposal", proposal["id"])["status"] == "accepted"
        assert owner.post(undo_of(accepted["theme_edit"][-1]), data=WHY).status_code == 303
    rows = read_rows(connection)
    assert rows["placement"] == upgraded.after["placement"]
    for campaign in upgraded.before["campaign"]:
        assert active_themes(rows, campaign["id"]) == active_themes(upgraded.after, campaign["id"])
        assert row_of(rows, "campaign", campaign["id"]) == row_of(upgraded.after, "campaign", campaign["id"])


def test_an_open_proposal_can_be_declined_and_is_listed(upgraded, browser_of, connection):
    for proposal in upgraded.before["proposal"]:
        if proposal["status"] == "open":
            campaign = row_of(upgraded.before, "campaign", proposal["campaign_id"])
            owner, address = browser_of(campaign["owner_id"]), f"/campaigns/{campaign['id']}/themes"
            data = {"proposal": proposal["id"]}
            assert owner.post(f"{address}/proposal/decline", data=data).status_code == 303
            assert owner.get(f"{address}/history").status_code == 200
            assert row_of(read_rows(connection), "proposal", proposal["id"])["status"] == "declined"


# Granularity and jobs -------------------------------------------------------------------------------------------------


def test_themes_can_be_made_coarser_and_finer_from_the_stored_tree(upgraded, browser_of, connection):
    for campaign in upgraded.before["campaign"]:
        if campaign["grouped_at"] is None:
            continue
        owner, address = browser_of(campaign["owner_id"]), f"/campaigns/{campaign['id']}/themes"
        for level in range(-3, 4):
            assert owner.get(f"{address}/granularity?level={level}").status_code == 200
        found = [theme_of_ideas(upgraded.after, campaign)]
        for level in (-3, 3):
            answer = owner.post(f"{address}/granularity", data={"level": level})
            assert answer.status_code == 303
            if answer.location.endswith("/proposal"):
                accept_all(owner, answer.location)
            assert owner.get(address).status_code == 200
            rows = read_rows(connection)
            assert row_of(rows, "campaign", campaign["id"])["granularity"] == level
            found.append(theme_of_ideas(rows, campaign))
        assert found[1] != found[2]


def accept_all(owner, address):
    """Accept the proposal that is open in the campaign of this address, once it was shown."""
    number = re.search(r'name="proposal" [^>]*value="(\d+)"', owner.get(address).text)[1]
    assert owner.post(f"{address}/accept", data={"proposal": number, "all": "1"} | WHY).status_code == 303


def test_everyone_whom_a_job_had_not_told_before_the_upgrade_is_told_once(upgraded, connection):
    """Whether it waited or ran; whoever a job had told already is not written to again."""
    asked = [job for job in upgraded.before["job"] if job["kind"] == "tell_contributors"]
    unfinished = [job for job in asked if job["status"] != "done"]
    with upgraded.app.app_context():
        while notify_due(datetime.now(UTC)):
            pass
    rows = read_rows(connection)
    assert asked
    for job in asked:
        written = letters(rows, job["campaign_id"])
        if job not in unfinished:
            assert [letter["key"] for letter in written] == [
                letter["key"] for letter in letters(upgraded.before, job["campaign_id"])
            ]
            continue
        publishers = {member["person_id"] for member in rows["team_member"] if member["role"] == "facilitator"}
        publishers |= {campaign["owner_id"] for campaign in rows["campaign"]}
        ideas = [idea for idea in rows["idea"] if idea["campaign_id"] == job["campaign_id"]]
        assert {idea["author_id"] for idea in ideas} - publishers <= {letter["person_id"] for letter in written}
        assert len({letter["person_id"] for letter in written}) == len(written)


def letters(rows, campaign_id):
    return [letter for letter in rows["message"] if letter["key"].startswith(f"debrief:{campaign_id}:")]


def theme_of_ideas(rows, campaign):
    return {row["idea_id"]: row["theme_id"] for row in rows["placement"] if row["campaign_id"] == campaign["id"]}


def test_a_job_queued_before_the_upgrade_is_not_queued_again(upgraded, session):
    for job in upgraded.after["job"]:
        if job["status"] in {"queued", "running"}:
            campaign = session.get_one(Campaign, job["campaign_id"])
            assert (
                enqueue(session, JobKind(job["kind"]), campaign_id=campaign.id, now=datetime.now(UTC)).id == job["id"]
            )


# People ---------------------------------------------------------------------------------------------------------------


def test_people_sign_in_with_the_password_that_they_had(upgraded, client):
    person = upgraded.before["person"][0]
    password = GIVEN_PASSWORD if upgraded.given else PASSWORD
    answer = client.post("/sign-in", data={"email": person["email"], "password": password})
    assert answer.status_code == 303
    assert person["name"] in client.get("/me").text
