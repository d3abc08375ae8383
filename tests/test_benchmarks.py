"""What `make bench` prints must be true of what it measures."""

import csv
import json
import threading
from contextlib import nullcontext
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import database, db
from app.settings import from_env
from benchmarks import __main__ as benchmarks
from benchmarks import data
from benchmarks.figures import Target, show_table, show_targets
from benchmarks.product import app, digests, journey, lists, pages, search, standings, weight
from benchmarks.scale import load
from benchmarks.themes import asks, dirt, few_ideas, growth, memory, names, small_sets, speed
from benchmarks.themes.agreement import Score, agreement, fill, score
from benchmarks.themes.new_ideas import digest_of, previous
from benchmarks.themes.quality import OURS, Measure, margins
from clustering.arrays import normalize_rows
from clustering.pipeline import find_themes
from clustering.vectors.encoders import load_encoder
from clustering.vectors.neighbors import nearest_neighbours
from ideas.contributions.idea import Idea
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF


def test_the_same_grouping_under_other_numbers_agrees_but_keeps_no_id():
    before = np.array([0, 0, 0, 1, 1, -1, -1])
    found = agreement(before, np.array([7, 7, 7, 8, 8, -1, -1]))
    assert (found.pairs, found.adjusted, found.together, found.kept) == (1.0, 1.0, 1.0, 0.0)


def test_leftovers_are_in_no_company():
    """Two that were left over and are together now count as a pair that changed."""
    before, after = np.array([0, 0, -1, -1]), np.array([0, 0, 1, 1])
    found = agreement(before, after)
    assert found.pairs == pytest.approx(5 / 6)
    assert found.together == found.kept == 1.0


def test_a_theme_in_two_halves_loses_the_pairs_between_them():
    found = agreement(np.zeros(4, dtype=np.intp), np.array([0, 0, 1, 1]))
    assert found.pairs == found.together == pytest.approx(2 / 6)
    assert found.kept == 0.5


def test_leftovers_are_filled_with_the_nearest_group():
    vectors = normalize_rows(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [0.2, 1]], dtype=np.float32))
    labels = np.array([0, 0, 1, 1, -1])
    assert fill(labels, vectors).tolist() == [0, 0, 1, 1, 1]
    assert fill(np.full(5, -1), vectors).tolist() == [0] * 5
    found = score(np.array(list("aabbb")), labels, vectors)
    assert found.filled == found.homogeneity == 1.0
    assert found.as_is < 1.0
    assert (found.themes, found.leftover) == (2, 0.2)


def _measure(name: str, method: str, filled: float) -> Measure:
    return Measure(name, method, 10, 1.0, Score(filled, filled, filled, 3, 0.0))


def test_the_margin_is_taken_from_the_peer_that_is_better_in_the_mean_and_on_each_set_from_the_better_one():
    figures = {"a": {OURS: 0.6, "One": 0.5, "Other": 0.61}, "b": {OURS: 0.9, "One": 0.8, "Other": 0.5}}
    measures = [_measure(name, method, value) for name, by in figures.items() for method, value in by.items()]
    mean, worst = margins(measures)
    assert mean.value == pytest.approx(0.75 - 0.65)
    assert worst.value == pytest.approx(-0.01)
    assert "(a)" in worst.what
    assert mean.met
    assert worst.met


def test_without_peers_there_is_no_margin():
    assert margins([_measure("a", OURS, 0.6)]) == []


def test_a_target_says_by_how_much_it_is_missed(capsys):
    kept = show_targets([Target("seconds", 2.5, 2.0, at_most=True), Target("share", 0.65, 0.65)])
    lines = capsys.readouterr().out.splitlines()
    assert "missed by 0.5" in lines[1]
    assert lines[2].endswith("met")
    assert [target["met"] for target in kept] == [False, True]


def test_recall_is_one_for_exact_neighbours_and_less_for_others():
    vectors = normalize_rows(np.random.default_rng(0).standard_normal((300, 8)).astype(np.float32))
    search = growth.RecordedSearch(nearest_neighbours)
    search(vectors, 10)
    assert search.recall(10) == search.recall(3) == 1.0
    search = growth.RecordedSearch(lambda given, k, *, seed: (nearest_neighbours(given, k, seed=seed) + 1) % len(given))
    search(vectors, 10)
    assert search.recall(10) < 0.2


@pytest.mark.slow
def test_a_child_measures_what_it_is_given(tmp_path):
    texts = [
        f"{what} number {at}" for at in range(20) for what in ("more buses", "safe bicycle paths", "cheaper trains")
    ]
    vectors = np.random.default_rng(0).standard_normal((len(texts), 512)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    found = growth.run_child(tmp_path)
    assert found.n == 60
    assert 0 < found.group <= found.whole
    assert found.memory > 40
    assert found.recall == 1.0


@pytest.mark.slow
def test_what_a_run_leaves_is_known_to_the_next():
    texts = [
        f"{what}, the {at}th time" for at in range(15) for what in ("Free buses for all", "Plant trees in streets")
    ]
    keys = [f"idea {row}" for row in range(len(texts))]
    found = find_themes(texts, keys=keys, seed=0)
    known = previous(keys, found)
    assert known.next_id > max(theme.id for theme in found.themes)
    assert known.theme_of == {
        key: idea.theme for key, idea in zip(keys, found.ideas, strict=True) if idea.theme is not None
    }
    again = find_themes(texts, keys=keys, previous=known, seed=0)
    assert {theme.id for theme in again.themes} == {theme.id for theme in found.themes}
    assert digest_of(found) == digest_of(find_themes(texts, keys=keys, seed=0))
    assert digest_of(found) != digest_of(find_themes(texts[1:], keys=keys[1:], seed=0))


def test_the_latest_figures_of_each_part_arekeep_names(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmarks, "RESULTS", tmp_path)
    monkeypatch.setattr(benchmarks, "PARTS", {"similar": lambda: {"ms": 3}, "scale": lambda: {"absent": True}})
    monkeypatch.setattr(benchmarks, "EXTRA", {})
    assert benchmarks.main(["similar"]) == 0
    assert benchmarks.main(["scale"]) == 0
    latest = json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))
    assert latest["similar"]["ms"] == 3
    assert latest["scale"]["absent"] is True


def test_a_part_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        benchmarks.main(["nothing"])
    assert "there is no part nothing" in capsys.readouterr().err


@pytest.fixture
def without_data(tmp_path, monkeypatch):
    for module in (data, app, speed):
        monkeypatch.setattr(module, "DATA", tmp_path)


@pytest.fixture
def with_data(without_data, tmp_path):
    """Forty ideas on two needs, under the name of the set that is measured."""
    with (tmp_path / app.FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label", "lang"])
        for row in range(40):
            need = ("Des bus gratuits pour tous les élèves", "Planter des arbres dans la cour")[row % 2]
            writer.writerow([row, f"{need}, proposition {row}", need, "fr"])


@pytest.mark.slow
@pytest.mark.usefixtures("with_data")
def test_a_file_goes_through_the_application_to_themes_on_the_page():
    wait = app.measure_app(40)
    assert (wait.ideas, wait.themes) == (40, 2)
    assert min(wait.importing, wait.grouping, wait.page, wait.page_kb) > 0


@pytest.mark.slow
@pytest.mark.usefixtures("with_data")
def test_a_file_goes_through_the_command_line_in_a_process_of_its_own():
    run = speed.measure_speed("gdn_mobilite_fr", 30)
    assert (run.n, run.themes) == (30, 2)
    assert run.memory > 0
    assert speed.measure_speed("not there", 30) is None


@pytest.mark.slow
@pytest.mark.usefixtures("with_data")
def test_what_is_kept_in_memory_is_read_after_each_grouping():
    name = app.FILE.removesuffix(".csv")
    found = memory.kept_after_each((name, "not there"), ideas=30)
    assert [(kept, n) for kept, n, _ in found] == [(name, 30)] * memory.ROUNDS
    assert all(mb > 50 for _, _, mb in found)


@pytest.mark.usefixtures("without_data")
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(part, marks=[pytest.mark.slow] if part == "names" else [])  # its judges take seconds to load
        for part in sorted(
            set(benchmarks.PARTS)
            - {"pages", "placing", "mail", "digests", "personal", "standings", "rush", "weight", "lists", "desk"}
        )  # they have what they need
    ],
)
def test_absent_sets_are_reported_and_recorded_as_absent(part, capsys, monkeypatch):
    monkeypatch.setattr(small_sets, "show", dict)  # these sets are part of the project
    found = benchmarks.PARTS[part]()
    assert not found.get("targets")
    assert "absent" in json.dumps(found)
    assert "absent" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.usefixtures("with_data")
def test_the_site_whose_pages_are_measured_has_a_large_campaign_with_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "MIN_LARGE", 30)
    monkeypatch.setattr(pages, "DATA", tmp_path)
    measured = create_app(from_env({"CONVERGENCE_INSTANCE": str(tmp_path / "instance"), "DATABASE_URL": ""}))
    site = pages.write_site(measured)
    page = measured.test_client().get(f"/campaigns/{site.campaigns['large']}/debrief")
    assert page.status_code == 200
    assert "Nous le ferons dès la rentrée" in page.text
    with measured.app_context():
        assert set(database().scalars(select(Idea.title).where(Idea.campaign_id == site.campaigns["large"]))) == {""}
        database().close()
        db.engine.dispose()


def test_each_page_is_measured_beside_the_bare_view(capsys, monkeypatch):
    times = {pages.BARE: 2.0} | {f"{page}, {reader}": 8.0 for page in pages.PAGES for reader in pages.READERS}
    monkeypatch.setattr(pages, "write_site", lambda _app: pages.Site({"demo": 1}, "session=1"))
    monkeypatch.setattr(pages, "measure", lambda _environment, _campaign_id, _site: times)
    found = pages.show()
    assert {target["value"] for target in found["targets"]} == {0.25}
    assert len(found["targets"]) == len(pages.PAGES) * len(pages.READERS)
    printed = capsys.readouterr().out
    assert "demo      campaign   visitor    8.00  0.25" in printed
    assert "large     absent" in printed


@pytest.mark.slow
@pytest.mark.usefixtures("without_data")
def test_each_absent_set_of_names_is_reported(capsys):
    found = names.show()
    assert found["labelled"] == {"absent": True}
    assert set(map(str, found["to read"].values())) == {"{'absent': True}"}
    assert capsys.readouterr().out.count("absent") == 1 + len(names.FRENCH)


def test_names_of_other_ways_are_kept_between_two_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(names, "RESULTS", tmp_path)
    asked = []

    def make(groups):
        asked.append(groups.texts)
        return groups.texts[:1]

    groups = names.Groups("set", "fr", ["Un pont"], [np.arange(1)], ["pont"], np.zeros((1, 2), dtype=np.float32))
    assert [names.keep_names("way", make, groups) for _ in range(2)] == [["Un pont"]] * 2
    assert len(asked) == 1


def test_names_are_ahead_of_the_best_of_the_others_on_the_mean_of_all_sets(capsys):
    def figures(cosine, coverage):
        return {"other model": cosine, "coverage": coverage, "or nearest": coverage}

    scored = {
        "one": {"ours": figures(0.7, 0.8), "a": figures(0.6, 0.9), "b": figures(0.5, 0.6)},
        "two": {"ours": figures(0.5, 0.9), "a": figures(0.5, 0.7), "b": figures(0.4, 0.7)},
    }
    nearer, wider, covered = names.show_scored(scored)
    assert nearer["value"] == pytest.approx(0.05)
    assert wider["value"] == covered["value"] == pytest.approx(0.05)
    assert "YAKE" not in capsys.readouterr().out


def test_rows_may_be_longer_or_shorter_than_the_header(capsys):
    show_table(["set"], [["a", "absent"], []])
    assert capsys.readouterr().out.splitlines() == ["set", "a    absent", ""]


@pytest.mark.slow
def test_the_search_is_measured_on_a_small_set_from_end_to_end(capsys, monkeypatch):
    """On SQLite, from writing the ideas to the targets."""
    texts = ["Un vélo gratuit.", "Des transports en commun.", "L’achat d’un bus de ville."]
    monkeypatch.setattr(search, "load", lambda name: data.Texts(name, texts, np.array(["a"] * 3), np.array(["fr"] * 3)))
    monkeypatch.setattr(search, "postgresql", lambda: nullcontext(None))
    monkeypatch.setattr(search, "IDEAS", 30)
    monkeypatch.setattr(search, "ROUNDS", 2)
    found = search.show()
    assert found["ms"].keys() == found["seconds"].keys() == {"SQLite"}
    assert found["ms"]["SQLite"].keys() == set(search.SEARCHES)
    assert [target["met"] for target in found["targets"]] == [True, True]
    printed = capsys.readouterr().out
    assert "Search among 30 ideas" in printed
    for words in search.SEARCHES:
        assert words in printed


@pytest.mark.slow
def test_standings_are_measured_on_a_few_people_from_end_to_end(capsys, monkeypatch):
    """On SQLite, from writing the people to the target."""
    monkeypatch.setattr(search, "postgresql", lambda: nullcontext(None))
    for name, number in {"PEOPLE": 60, "IDEAS": 20, "COMMENTS": 40, "GROUPS": 4, "ROUNDS": 1}.items():
        monkeypatch.setattr(standings, name, number)
    read, asked = [], standings.measure
    monkeypatch.setattr(standings, "measure", lambda one: (read.append(one()), asked(one))[1])
    found = standings.show()
    boards = list(map(str, standings.Board))
    kinds = [*boards, "activity, next page", *(f"space, {board}" for board in boards)]
    assert sorted(found["ms"]["SQLite"]) == sorted(kinds)
    by_kind = dict(zip(found["ms"]["SQLite"], read, strict=True))
    assert all(
        isinstance(one, standings.Group) and one.people >= 5 for one in by_kind["groups"] + by_kind["space, groups"]
    )
    assert len(by_kind["groups"]) == len(by_kind["space, groups"]) > 0
    assert {one.people for kind, one in by_kind.items() if "newcomers" in kind} == {5}, "one is of the team"
    assert all(one.people > 0 for kind, one in by_kind.items() if "groups" not in kind)
    assert [target["what"] for target in found["targets"]] == ["SQLite: ms of the slowest standing"]
    assert "Standings of 60 people" in capsys.readouterr().out


def test_a_load_asks_in_turns_and_at_once_and_counts_what_goes_wrong():
    """Pages, a form with the token of its page, and one page that fails."""
    received = []

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, page=b""):
            self.send_response(status)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def do_GET(self):
            page = b'<input name="csrf_token" type="hidden" value="a token">'
            self.answer(500 if self.path == "/broken" else 200, page)

        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer(303)

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = [load.Asked("page", "/page"), load.Asked("broken", "/broken")]
        plan = load.Plan(server.server_port, ["cookie"] * 3, asked, rounds=2)
        found = load.in_turns(plan)
        assert {what: len(seconds) for what, seconds in found.seconds.items()} == {"page": 2}
        assert found.errors == {"/broken: 500": 3}
        crowd = replace(plan, asked=asked[:1], rounds=0, seconds=0.3, least=0.01, most=0.02, form="/new", write=True)
        found = load.at_once(crowd)
        assert not found.errors
        assert {what for what in found.seconds if len(found.seconds[what]) >= 3} == {"page", "an idea is sent"}
        assert all("csrf_token=a+token" in body for body in received)
        server.shutdown()
    with pytest.raises(ValueError, match="too much load"):
        replace(plan, seconds=1_000).bounded()


@pytest.mark.slow
def test_lists_are_measured_on_a_few_ideas_from_end_to_end(capsys, monkeypatch):
    """On SQLite, from writing the ideas to the targets: each order with each filter."""
    monkeypatch.setattr(search, "postgresql", lambda: nullcontext(None))
    for name, number in {"PEOPLE": 20, "IDEAS": 60, "VOTES": 60, "COMMENTS": 20, "REACTIONS": 20, "ROUNDS": 1}.items():
        monkeypatch.setattr(lists, name, number)
    found = lists.show()
    asked = found["ms"]["SQLite"]
    assert {f"a place, {order}, in the middle" for order in lists.Order} < asked.keys()
    assert {"all, newest", "not in the debrief, few", "mine, the filters"} < asked.keys()
    assert len(found["targets"]) == 2
    assert "The list of 60 ideas" in capsys.readouterr().out


@pytest.mark.slow
def test_digests_are_measured_on_a_few_people_from_end_to_end(capsys, monkeypatch):
    for name, number in {"PEOPLE": 40, "CAMPAIGNS": 4, "LETTERS": 3}.items():
        monkeypatch.setattr(digests, name, number)
    found = digests.show()
    assert [target["what"] for target in found["targets"]] == ["digests made", "seconds", "peak MB"]
    assert found["made"] == 40
    assert "Digests of 40 people" in capsys.readouterr().out


def test_an_absent_set_of_the_search_is_reported(capsys, monkeypatch):
    monkeypatch.setattr(search, "load", lambda _name: None)
    assert search.show() == {"absent": True}
    assert "absent" in capsys.readouterr().out


def test_a_need_is_found_where_a_theme_holds_most_of_it_and_is_mostly_made_of_it():
    """An idea with two asks counts for no need and against none; one of no need counts against its theme."""
    bus, tree, none = frozenset({"bus"}), frozenset({"tree"}), frozenset()
    needs = [bus, bus, bus, tree, tree, tree, bus | tree, bus | tree, none, none]
    assert small_sets.found_needs(needs, np.array([0, 0, -1, 1, 1, 1, 0, 0, 1, 1])) == {"bus": True, "tree": True}
    assert small_sets.found_needs(needs, np.array([0, -1, -1, 1, 1, 0, 0, 0, 1, 1])) == {"bus": False, "tree": False}


@pytest.mark.slow
def test_answers_and_copies_that_are_added_are_told_apart(monkeypatch):
    campaign = few_ideas.Campaign(CAMPAIGN, TOPIC_OF)
    monkeypatch.setattr(dirt, "draw", lambda *_asked: campaign)
    monkeypatch.setattr(dirt, "kept_encoder", load_encoder)
    monkeypatch.setattr(dirt, "DRAWS", 1)
    for what, (add, is_told) in dirt.ADDED.items():
        kept, found, without, told = dirt.measure("a campaign", "fr", 0.6, add, is_told)
        assert kept > 0.9, what
        assert told > 0.7, what
        assert (what == "copies") or (kept, found) == (1, without)


def test_files_from_the_field_have_needs_where_their_folder_is(tmp_path):
    assert small_sets.read_field(tmp_path) == []
    (tmp_path / "field").mkdir()
    rows = "id,texte,besoin\n1,Une caisse de plus,attente\n2,Moins de queue,attente\n3,Un toboggan,solo\n"
    (tmp_path / "field" / "small_cafe_16.csv").write_text(rows, encoding="utf-8")
    [small] = small_sets.read_field(tmp_path)
    assert (small.name, len(small.texts)) == ("small_cafe_16", 3)
    assert small_sets.found_needs(small.needs, np.array([0, 0, -1])) == {"attente": True}


def test_an_ask_is_found_in_a_theme_of_its_label_and_an_idea_with_one_is_wrong_in_any_other():
    bus, tree = frozenset({"bus"}), frozenset({"tree"})
    composed = asks.Composed([""] * 6, [bus, bus, tree, tree, bus | tree, bus | tree])
    themes = [frozenset({1}), frozenset({1, 2}), frozenset({2}), frozenset({2}), frozenset({1}), frozenset({1, 2})]
    assert asks.asks_found(composed, themes) == (0.75, 1.0, 0.25)
    texts = data.Texts("set", [f"ask {at}" for at in range(300)], np.array(list("abcdef") * 50), np.array(["en"] * 300))
    made = asks.compose(texts, 30)
    assert sum(len(one) > 1 for one in made.asks) == 5
    assert all(text.count("Ask") == len(one) for text, one in zip(made.texts, made.asks, strict=True))
    assert asks.compose(texts, 30) == made


def test_a_grown_text_its_passages_and_its_names_have_their_vectors():
    vectors = normalize_rows(np.random.default_rng(0).standard_normal((2, 512)).astype(np.float32))
    encoder = growth.GrownEncoder(["Free buses for all. Plant more trees.", "A bench"], vectors)
    asked = ["A bench", "Plant more trees.", "Free buses for all. Plant more trees.", "more trees"]
    found = encoder.encode(asked)
    assert np.array_equal(found[:3], vectors[[1, 0, 0]])
    assert np.abs(vectors @ found[3]).max() < 0.5


@pytest.mark.parametrize("name", [*small_sets.OPEN, *small_sets.HELD_OUT])
def test_a_small_set_has_texts_with_needs_and_some_without(name):
    small = small_sets.read(name)
    assert 20 <= len(small.texts) <= 150
    assert len(set(small.texts)) == len(small.texts)
    assert {len(needs) for needs in small.needs} == {0, 1, 2}


def test_a_person_reads_each_line_once_and_types_what_they_write():
    seen: set[str] = set()
    assert journey.new_words("Themes\n\n Carpooling to work \nThemes", seen) == 4
    assert journey.new_words("Themes\nCarpooling to work\nTwo more words", seen) == 3
    steps = [journey.Step(clicks=2, waited=30, read=400, typed=20), journey.Step(keys=1, waited=30, read=200)]
    both = journey.total(steps)
    assert (both.clicks, both.keys, both.waited) == (2, 1, 60)
    assert both.minutes_of_person == pytest.approx(600 / 200 + 20 / 40)
    assert both.minutes == pytest.approx(4.5)


def test_a_lazy_picture_far_down_a_page_weighs_once_somebody_scrolls_to_it():
    site, text = Flask(__name__), "x" * weight.FIRST_SCREENS
    page = f'<img loading="lazy" src="/near">{text}<img src="/at-once"><img src="/far"\n alt="" loading="lazy">'
    sizes = {"near": 1_000, "at-once": 2_000, "far": 4_000}
    site.add_url_rule("/", "home", lambda: "")
    site.add_url_rule("/page", "page", lambda: page)
    site.add_url_rule("/<name>", "file", lambda name: "x" * sizes[name])
    visitor, own = site.test_client(), len(page) / 1000
    asked = {"page": (visitor, "/page")}
    assert weight.weigh(asked, visitor) == ({"page": own + 3}, {"page": own + 3})
    assert weight.weigh(asked, visitor, scrolled=True) == ({"page": own + 7}, {"page": own + 7})
