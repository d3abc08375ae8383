"""The command line, as people and scripts use it."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from html import escape as html_text
from operator import itemgetter

import numpy as np
import openpyxl
import pytest

from clustering.__main__ import main, write_whole
from clustering.inputs import load_ideas
from clustering.saved_run import read_earlier_run
from tests.clustering.conftest import CAMPAIGN
from tests.petitions import LIBRARY, copies

COMMAND = [sys.executable, "-W", "error", "-m", "clustering"]


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.json"


@pytest.fixture
def vectors(tmp_path, encoder):
    path = tmp_path / "vectors.npy"
    np.save(path, encoder.encode(CAMPAIGN))
    return path


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")


def run(*arguments):
    return main([str(argument) for argument in arguments])


def refused(capsys, *arguments):
    """Runs what must be refused; returns its one line."""
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("\n")
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err
    return printed.err


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_whole_run_in_its_own_process(ideas_csv, out, tmp_path):
    html = tmp_path / "report.html"
    done = subprocess.run(  # noqa: S603 - own command
        [*COMMAND, ideas_csv, "--json", out, "--html", html], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["version"] == 2
    assert found["model"] == "use-multilingual"
    assert set(found["seconds"]) == {"read", "embed", "group", "name", "layout", "total"}
    assert [idea["id"] for idea in found["ideas"]] == [f"idea-{number}" for number in range(1, 37)]
    ids = {theme["id"] for theme in found["themes"]}
    for theme in found["themes"]:
        assert {
            "id",
            "name",
            "other_names",
            "definition",
            "phrases",
            "size",
            "counted",
            "copies",
            "cohesion",
            "exemplars",
            "parts",
            "apart",
            "warnings",
        } <= set(theme)
        assert theme["languages"]["fr"] > 0.5
        assert set(theme["exemplars"]) <= {idea["id"] for idea in found["ideas"]}
    for idea in found["ideas"]:
        named = {"id", "theme", "leftover", "nearest", "strength", "same_as", "passages", "shared", "neighbours"}
        assert set(idea) == named | {"x", "y"}
        assert idea["theme"] in ids or idea["leftover"] in {"alone", "between", "nothing", "agrees"}
        assert {near["theme"] for near in idea["nearest"]} <= ids
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ideas.csv", "out.json", "report.html"]


def rows_of(tmp_path, texts):
    with (tmp_path / "ideas.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *enumerate(texts)])
    return tmp_path / "ideas.csv"


@pytest.mark.slow
def test_a_copy_names_the_idea_that_it_is_the_same_as(out, tmp_path):
    html = tmp_path / "report.html"
    texts = [*CAMPAIGN, *copies(LIBRARY, 40)]
    run(rows_of(tmp_path, texts), "--json", out, "--html", html)
    found = json.loads(out.read_text(encoding="utf-8"))
    named = Counter(idea["same_as"] for idea in found["ideas"])
    original, count = max(((key, count) for key, count in named.items() if key), key=itemgetter(1))
    assert count >= 36
    by_id = {idea["id"]: idea for idea in found["ideas"]}
    assert by_id[original]["same_as"] is None
    theme = next(theme for theme in found["themes"] if theme["id"] == by_id[original]["theme"])
    assert theme["copies"] == count
    assert theme["counted"] >= theme["size"] > count
    report = html.read_text(encoding="utf-8")
    assert f"dont {count} textes presque identiques" in report
    assert f"<summary>et {count} textes presque identiques</summary>" in report
    assert all(f'id="i{row}"' in report for row in range(len(texts)))


@pytest.mark.slow
@pytest.mark.parametrize("header", ["", "abréviation,signification\n"])
def test_a_glossary_serves_names_and_is_never_shown(header, out, tmp_path):
    glossary = write(tmp_path / "glossary.csv", f'{header}VAE,vélo à assistance électrique\nRDV,"rendez-vous"\n')
    places = ("la gare", "la mairie", "l'école", "la piscine", "l'hôpital", "la poste", "le stade", "le marché")
    texts = [*CAMPAIGN, *(f"Des bornes pour les VAE devant {place}" for place in places)]
    html = tmp_path / "report.html"
    run(rows_of(tmp_path, texts), "--json", out, "--html", html, "--glossary", glossary)
    found = json.loads(out.read_text(encoding="utf-8"))
    themes = Counter(idea["theme"] for idea in found["ideas"][-len(places) :])
    theme = next(theme for theme in found["themes"] if theme["id"] == themes.most_common(1)[0][0])
    assert "vélo" in " ".join([theme["name"], *theme["phrases"]]).lower()
    assert "VAE" in theme["definition"]
    report = html.read_text(encoding="utf-8")
    assert all(html_text(text) in report for text in texts[-len(places) :])


def test_a_line_of_a_glossary_without_a_meaning_is_named(capsys, ideas_csv, out, tmp_path):
    glossary = write(tmp_path / "glossary.csv", "VAE,vélo à assistance électrique\nTER,\n")
    line = refused(capsys, ideas_csv, "--json", out, "--glossary", glossary)
    assert line == "Line 2 of glossary.csv needs an abbreviation and its meaning.\n"
    assert not out.exists()


def test_a_missing_glossary_is_named(capsys, ideas_csv, out, tmp_path):
    assert "nowhere.csv can't be read" in refused(
        capsys, ideas_csv, "--json", out, "--glossary", tmp_path / "nowhere.csv"
    )


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal_only(ideas_csv, out, vectors):
    reader, writer = pty.openpty()
    command = [*COMMAND, ideas_csv, "--json", out, "--vectors", vectors]
    process = subprocess.Popen(command, stderr=writer)  # noqa: S603 - own command
    os.close(writer)
    shown = b""
    with suppress(OSError):  # the terminal hangs up when the process ends
        while True:
            shown += os.read(reader, 1000)
    os.close(reader)
    assert process.wait() == 0
    assert b"read" in shown
    assert b"%" in shown


@pytest.fixture
def interruptible():
    """Processes started here receive interrupts, even where the tests run in the background and ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_run_leaves_nothing(tmp_path, out):
    path = write(tmp_path / "many.csv", "text\n" + "".join(f"Une idée pour la rue numéro {n}\n" for n in range(20_000)))
    process = subprocess.Popen([*COMMAND, path, "--json", out], stderr=subprocess.PIPE, text=True)  # noqa: S603 - own
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(timeout=20) != 0
        assert process.stderr.read().count("\n") <= 1
    finally:
        process.kill()
        process.stderr.close()
    assert [found.name for found in tmp_path.iterdir()] == ["many.csv"]


def test_vectors_skip_the_embedding(ideas_csv, out, vectors):
    assert run(ideas_csv, "--json", out, "--vectors", vectors) == 0
    assert json.loads(out.read_text())["model"] == "vectors"


@pytest.mark.slow
def test_cached_vectors_change_nothing(ideas_csv, out, tmp_path):
    results, files = [], []
    for _ in range(2):
        assert run(ideas_csv, "--json", out, "--kept", tmp_path / "kept") == 0
        found = json.loads(out.read_text(encoding="utf-8"))
        results.append({**found, "seconds": {}})
        files.append(sorted((tmp_path / "kept").iterdir()))
    assert files[0] == files[1] != []
    assert run(ideas_csv, "--json", out) == 0
    assert results[0] == results[1] == {**json.loads(out.read_text(encoding="utf-8")), "seconds": {}}


def test_an_unusable_cache_folder_is_one_plain_line(ideas_csv, out, capsys):
    assert "can't be kept" in refused(capsys, ideas_csv, "--json", out, "--kept", ideas_csv)


def test_an_earlier_run_is_continued(ideas_csv, out, vectors, tmp_path):
    again = tmp_path / "again.json"
    assert run(ideas_csv, "--json", out, "--vectors", vectors) == 0
    assert run(ideas_csv, "--json", again, "--vectors", vectors, "--previous", out) == 0
    one, other = json.loads(out.read_text()), json.loads(again.read_text())
    assert [idea["theme"] for idea in one["ideas"]] == [idea["theme"] for idea in other["ideas"]]


def as_version_1(found):
    """The same run as the first version of the program wrote it."""
    for theme in found["themes"]:
        theme["doubts"] = theme.pop("warnings")
    return {**found, "version": 1}


def test_a_run_saved_by_the_first_version_is_continued(ideas_csv, out, vectors, tmp_path):
    assert run(ideas_csv, "--json", out, "--vectors", vectors) == 0
    old = write(tmp_path / "old.json", json.dumps(as_version_1(json.loads(out.read_text(encoding="utf-8")))))
    assert read_earlier_run(old) == read_earlier_run(out)
    assert run(ideas_csv, "--json", tmp_path / "again.json", "--vectors", vectors, "--previous", old) == 0
    one, other = (json.loads(path.read_text(encoding="utf-8")) for path in (out, tmp_path / "again.json"))
    assert [idea["theme"] for idea in one["ideas"]] == [idea["theme"] for idea in other["ideas"]]


def test_the_report_lists_changes_since_an_earlier_run(ideas_csv, out, vectors, tmp_path):
    page = tmp_path / "r.html"
    assert run(ideas_csv, "--json", out, "--vectors", vectors, "--html", page) == 0
    assert "Depuis le regroupement précédent" not in page.read_text(encoding="utf-8")
    earlier = json.loads(out.read_text(encoding="utf-8"))
    kept, gone = earlier["themes"][0], {**earlier["themes"][1], "id": 77, "name": "Piscine & lac"}
    lost = [
        {"id": f"lost-{number}", "theme": theme} for theme in (kept["id"], 77) for number in range(theme, theme + 9)
    ]
    old = {**earlier, "themes": [*earlier["themes"], gone], "ideas": [*earlier["ideas"], *lost]}
    before = write(tmp_path / "old.json", json.dumps(old))
    assert run(ideas_csv, "--json", out, "--vectors", vectors, "--html", page, "--previous", before) == 0
    report = page.read_text(encoding="utf-8")
    assert "Piscine &amp; lac\u202f»</bdi> n’existe plus." in report
    assert f"passe de {kept['size'] + 9} à {kept['size']} idées." in report


def test_fewer_and_more_themes_can_be_asked_for(ideas_csv, out, vectors, capsys):
    counts = []
    for granularity in (-3, 0, 3):
        assert run(ideas_csv, "--json", out, "--vectors", vectors, "--granularity", granularity) == 0
        counts.append(len(json.loads(out.read_text())["themes"]))
    assert counts == sorted(counts)
    assert counts[0] == 2
    with pytest.raises(SystemExit):
        run(ideas_csv, "--json", out, "--granularity", 4)
    assert "granularity" in capsys.readouterr().err


def test_title_and_body_are_read_as_one(tmp_path, out):
    path = write(tmp_path / "ideas.csv", "title;body\nVélo;Des pistes\nBus ?;Le soir\n;Un train\n")
    assert run(path, "--json", out, "--html", tmp_path / "r.html") == 0
    found = json.loads(out.read_text())
    assert [idea["id"] for idea in found["ideas"]] == ["1", "2", "3"]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Vélo. Des pistes" in page
    assert "Bus ? Le soir" in page


def test_passages_count_the_characters_of_the_text_as_it_is_given(tmp_path, out):
    asks = ["Des pistes cyclables continues le long du canal.", "Des repas végétariens à la cantine."]
    given, joined = tmp_path / "given.csv", tmp_path / "joined.csv"
    with given.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in CAMPAIGN), [f" \u00a0\n {asks[0]} {asks[1]}  "]])
    with joined.open("w", encoding="utf-8", newline="") as file:
        rows = [["title", "body"], *(["", text] for text in CAMPAIGN), [f"  {asks[0][:-1]} ", f" {asks[1]}\n"]]
        csv.writer(file).writerows(rows)
    for path, text in ((given, f" \u00a0\n {asks[0]} {asks[1]}  "), (joined, " ".join(asks))):
        assert load_ideas(path).texts[-1] == text
        assert run(path, "--json", out) == 0
        idea = json.loads(out.read_text(encoding="utf-8"))["ideas"][-1]
        assert [text[one["start"] : one["end"]] for one in idea["passages"]] == asks, path.name


def test_the_language_of_the_campaign_names_its_themes(tmp_path, out, capsys):
    trees = [
        "Plant more trees in our streets", "More trees in the streets", "Trees along the streets for shade",
        "Planter des arbres dans nos rues", "Plus d'arbres dans les rues", "Des arbres dans les rues pour l'ombre",
    ]  # fmt: skip
    buses = ["Des bus de nuit", "Des bus plus tard la nuit", "Un bus de nuit le samedi", "A night bus on Saturdays"]
    food = ["Une cantine gratuite", "La cantine moins chère", "Des repas bio à la cantine", "Le prix de la cantine"]
    path = rows_of(tmp_path, [*trees, *buses, *food])
    for lang, other, ours, theirs in (("fr", "en", "arbres", "tree"), ("en_GB", "fr", "tree", "arbres")):
        assert run(path, "--json", out, "--lang", lang) == 0
        found = json.loads(out.read_text(encoding="utf-8"))
        theme = next(theme for theme in found["themes"] if theme["id"] == found["ideas"][0]["theme"])
        assert ours in theme["name"].casefold()
        assert theirs in theme["other_names"][other].casefold()
    with pytest.raises(SystemExit):
        run(path, "--json", out, "--lang", "french")
    assert "use two letters" in capsys.readouterr().err


def test_another_column_can_be_named(tmp_path, out):
    path = write(tmp_path / "ideas.csv", "text,Réponse\nnot this,Oui\n")
    assert run(path, "--json", out, "--html", tmp_path / "r.html", "--text", "réponse") == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Oui" in page
    assert "not this" not in page


def test_a_workbook_is_read(tmp_path, out):
    book = openpyxl.Workbook()
    for row in [["id", "text"], *enumerate(CAMPAIGN[:5])]:
        book.active.append(row)
    book.save(tmp_path / "ideas.xlsx")
    assert run(tmp_path / "ideas.xlsx", "--json", out) == 0
    assert [idea["id"] for idea in json.loads(out.read_text())["ideas"]] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("n", [1, 3])
def test_a_few_rows_are_no_error(n, tmp_path, out):
    path = write(tmp_path / "ideas.csv", "\n".join(["text", *CAMPAIGN[:n]]))
    assert run(path, "--json", out) == 0
    found = json.loads(out.read_text())
    assert found["themes"] == []
    assert [idea["leftover"] for idea in found["ideas"]] == ["alone"] * n


@pytest.mark.slow
@pytest.mark.parametrize("text", ["😀", "Oui", "https://example.org", "نعم", "a\x00b", ""])
def test_rows_all_equal_are_no_error(text, tmp_path, out):
    path = write(tmp_path / "ideas.csv", "id,text\n" + "".join(f'{n},"{text}"\n' for n in range(20)))
    assert run(path, "--json", out, "--html", tmp_path / "r.html") == 0
    assert len(json.loads(out.read_text())["ideas"]) == 20


BAD_FILES = {
    "empty": (b"", "is empty"),
    "no row": (b"id,text\n", "no row"),
    "no column": (b"id,body\n1,a\n", "id, body"),
    "an id twice": (b"id,text\n1,a\n2,b\n1,c\n", "Line 4"),
    "too many cells": (b"id,text\n1,a,b\n", "Line 2"),
    "not text": (bytes(range(256)) * 9, "encoding"),
    "open quote": (b'id,text\n1,"a\n', "quotation mark"),
    "hostile header": (b"\x1b[31mred,b\n1,2\n", "--text"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_plain_line(name, tmp_path, out, capsys):
    content, words = BAD_FILES[name]
    (tmp_path / "ideas.csv").write_bytes(content)
    line = refused(capsys, tmp_path / "ideas.csv", "--json", out)
    assert words in line
    assert "\x1b" not in line
    assert not out.exists()


def test_a_bad_path_is_one_plain_line(tmp_path, ideas_csv, out, capsys):
    assert "no such file" in refused(capsys, tmp_path / "absent.csv", "--json", out)
    assert "folder" in refused(capsys, ideas_csv, "--json", tmp_path / "no" / "out.json")
    assert "folder" in refused(capsys, ideas_csv, "--json", tmp_path)
    assert "directory" in refused(capsys, tmp_path, "--json", out)
    for written in (["--json", ideas_csv], ["--json", out, "--html", ideas_csv]):
        assert "would be lost" in refused(capsys, ideas_csv, *written)
    assert ideas_csv.stat().st_size
    assert "not an Excel" in refused(capsys, write(tmp_path / "a.xlsx", "text\n"), "--json", out)


BAD_VECTORS = {
    "not npy": b"hello",
    "empty": b"",
    "cut": None,
    "objects": np.array([{}] * 36, dtype=object),
    "text": np.full((36, 3), "a"),
    "flat": np.zeros(36),
    "short": np.zeros((35, 3)),
    "NaN": np.full((36, 3), np.nan),
}


@pytest.mark.parametrize("name", BAD_VECTORS)
def test_bad_vectors_are_one_plain_line(name, tmp_path, ideas_csv, out, vectors, capsys):
    content = BAD_VECTORS[name]
    path = tmp_path / "bad.npy"
    if isinstance(content, np.ndarray):
        np.save(path, content, allow_pickle=True)
    else:
        path.write_bytes(vectors.read_bytes()[:5000] if content is None else content)
    refused(capsys, ideas_csv, "--json", out, "--vectors", path)
    assert not out.exists()


def test_several_arrays_or_none_are_one_plain_line(tmp_path, ideas_csv, out, capsys):
    np.savez(tmp_path / "many.npz", a=np.zeros((36, 2)))
    assert "several" in refused(capsys, ideas_csv, "--json", out, "--vectors", tmp_path / "many.npz")
    refused(capsys, ideas_csv, "--json", out, "--vectors", tmp_path / "absent.npy")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 3, "themes": [], "ideas": []}',
        '{"version": 1, "themes": [{}], "ideas": []}',
        "[" * 100_000,
    ],
)
def test_a_bad_earlier_run_is_one_plain_line(text, tmp_path, ideas_csv, out, capsys):
    old = write(tmp_path / "old.json", text)
    assert "old.json" in refused(capsys, ideas_csv, "--json", out, "--previous", old)


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_is_one_plain_line(tmp_path, ideas_csv, out, capsys):
    assert "use-multilingual" in refused(capsys, ideas_csv, "--json", out, "--model", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["/nowhere/at/all", "./nowhere", "no-such-owner-of-models/no-such-model"])
def test_only_our_line_is_printed_about_a_model(ideas_csv, out, model):
    done = subprocess.run(  # noqa: S603 - own command
        [*COMMAND, ideas_csv, "--json", out, "--model", model], capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert model in line


def test_errors_are_in_french_in_a_french_terminal(tmp_path, ideas_csv, out, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert refused(capsys, write(tmp_path / "a.csv", ""), "--json", out) == "a.csv est vide.\n"
    twice = write(tmp_path / "b.csv", "id,text\n1,a\n1,c\n")
    line = refused(capsys, twice, "--json", out)
    assert line == "L’identifiant 1 est à la ligne 3 de b.csv, et déjà à la ligne 2.\n"
    assert "ne peut pas être lu" in refused(capsys, ideas_csv, "--json", out, "--previous", tmp_path / "absent.json")
    assert "n’existe pas" in refused(capsys, ideas_csv, "--json", tmp_path / "no" / "out.json")


def test_missing_arguments_end_with_status_2(ideas_csv):
    with pytest.raises(SystemExit) as ended:
        run(ideas_csv)
    assert ended.value.code == 2


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = write(tmp_path / "out.json", "old")
    with pytest.raises(TypeError):
        write_whole(path, None)
    assert path.read_text() == "old"
    write_whole(path, "new \ud800")
    assert path.read_text() == "new ?"
    assert [found.name for found in tmp_path.iterdir()] == ["out.json"]
