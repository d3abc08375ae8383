"""The register of personal data, for administrators: what, why, how long; and the requests for erasure."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.extensions import database
from ideas.privacy.erasure import erasures
from ideas.privacy.register import REGISTER

views = Blueprint("register", __name__)


@views.get("/personal-data")
@requires(Platform.ADMIN)
def show() -> ResponseReturnValue:
    return render_template("privacy/register/show.html", register=REGISTER, erasures=erasures(database()))
