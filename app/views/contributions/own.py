"""All that one gave to ideas of others: support, comments and reactions, for oneself alone."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.extensions import database
from ideas.contributions.own import GivenKind, given_page

views = Blueprint("own", __name__)


@views.get("/me/given")
@requires(Platform.MEMBER)
def index() -> ResponseReturnValue:
    kind = request.args.get("kind")
    chosen = GivenKind(kind) if kind in set(GivenKind) else GivenKind.SUPPORT
    page = given_page(database(), member(), chosen, number=request.args.get("page", 1, type=int))
    return render_template("contributions/own/index.html", page=page, kind=chosen)
