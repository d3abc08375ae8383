"""A process that starts again compiles no template that is as it was, and runs nothing that others wrote."""

import pytest
from flask import render_template

from app import create_app
from app.server.compiled import FOLDER, keep_compiled


@pytest.fixture
def started(settings):
    """A new application that keeps what it compiles, with the names of the templates that it compiled."""

    def start():
        app, compiled = create_app(settings), []
        assert keep_compiled(app, settings)
        compile_ = app.jinja_env.compile
        app.jinja_env.compile = lambda source, name=None, *rest: compiled.append(name) or compile_(source, name, *rest)
        return app, compiled

    return start


def test_a_second_start_compiles_nothing_again(started, settings):
    pages = []
    for _ in range(2):
        app, compiled = started()
        with app.test_request_context():
            pages.append(render_template("answers/debrief/document.css"))
        pages.append(list(compiled))
    assert pages[0] == pages[2]
    assert "answers/debrief/document.css" in pages[1]
    assert pages[3] == []
    kept = list((settings.instance / FOLDER).iterdir())
    assert len(kept) == len(pages[1])
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)


def test_what_an_earlier_release_compiled_is_compiled_again(started, monkeypatch):
    for sources in ("earlier", "later"):  # the folder may hold what other tests compiled
        monkeypatch.setattr("app.server.compiled.SOURCES", sources)
        app, compiled = started()
        with app.test_request_context():
            render_template("answers/debrief/document.css")
        assert "answers/debrief/document.css" in compiled


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_may_write_to_is_not_used(settings, mode):
    folder = settings.instance / FOLDER
    folder.mkdir(exist_ok=True)
    folder.chmod(mode)
    app = create_app(settings)
    before = app.jinja_env.bytecode_cache
    assert not keep_compiled(app, settings)
    assert app.jinja_env.bytecode_cache is before
    folder.chmod(0o700)
