"""docs/access.md says who may use each route."""

from pathlib import Path

from app.access.document import access_document

DOCUMENT = Path(__file__).parents[3] / "docs" / "access.md"


def test_the_document_equals_what_the_routes_declare(app):
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == access_document(app), "regenerate it: .venv/bin/flask --app app access > docs/access.md"


def test_the_command_prints_the_document(app):
    assert app.test_cli_runner().invoke(args=["access"]).output == access_document(app)
