"""The register of personal data, for administrators: what, why, how long; and the requests for erasure."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.extensions import database
from app.web.csv_file import csv_response
from app.web.pages.language import gettext as _
from ideas.privacy.erasure import erasures
from ideas.privacy.register import REGISTER

views = Blueprint("register", __name__)

COLUMNS = ("table", "column", "what", "why", "how_long", "erasure")


@views.get("/personal-data")
@requires(Platform.ADMIN)
def show() -> ResponseReturnValue:
    return render_template("privacy/register/show.html", register=REGISTER, erasures=erasures(database()))


@views.get("/personal-data/register.csv")
@requires(Platform.ADMIN)
def export() -> ResponseReturnValue:
    """The register in the reader's language, for the record of processing. It holds no personal data."""
    rows = (
        (line.table, line.column, *map(_, (line.what, line.why, line.kept_for)), line.fate.value) for line in REGISTER
    )
    return csv_response("personal-data.csv", COLUMNS, rows)
