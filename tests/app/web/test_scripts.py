"""What pages load: the scripts of desks only where a page has something for them, and few bytes on a first visit."""

import re

import pytest

from app.settings import PROJECT
from app.web.static_files import STATIC, asset, needs_desk

pytestmark = pytest.mark.one_database

JS = PROJECT / "app/assets/js"
# Of 100 kB that a first visit may have: what every page loads. See benchmarks/product/weight.py.
MAX_SHARED_KB = 80


def file_of(name):
    return STATIC / asset(name).removeprefix("/static/")


def test_only_a_page_with_something_of_a_desk_loads_its_scripts(client, signed_in, grouped, closed_campaign, alice):
    grouped()
    home, themes = client.get("/campaigns").text, signed_in(alice).get(f"/campaigns/{closed_campaign.id}/themes").text
    assert "data-map" in themes
    for page, desk in ((home, False), (themes, True)):
        assert f'<script type="module" src="{asset("app.js")}">' in page
        assert f'<link rel="modulepreload" href="{asset("chunk.js")}">' in page
        assert (asset("desk.js") in page) is desk


def test_the_server_and_the_scripts_look_for_the_same_attributes():
    listed = re.findall(r"\[(data-\w+)\]", re.search(r'NEEDED = "([^"]+)"', (JS / "desk-later.js").read_text())[1])
    assert len(listed) == len(re.findall("import", (JS / "desk.js").read_text())) - 1  # the lasso works on a map
    for name in listed:
        assert needs_desk(f"<div {name}>")
        assert needs_desk(f'<div class="panel"\n  {name}="more">')
        assert not needs_desk(f"<div {name}s>")
    for script in re.findall(r'"\./([\w-]+\.js)"', (JS / "desk.js").read_text()):
        assert any(name in (JS / script).read_text() for name in listed), script


def test_what_every_page_loads_is_light():
    texts = ("app.js", "chunk.js", "app.css", "theme.js", "sprite.svg", "favicon.svg")
    packed = sum(file_of(name).with_name(f"{file_of(name).name}.br").stat().st_size for name in texts)
    assert (packed + file_of("fraunces.woff2").stat().st_size) / 1000 < MAX_SHARED_KB


def test_the_icon_that_each_page_names_is_light(client):
    assert len(client.get("/apple-touch-icon.png").data) < 4_000
