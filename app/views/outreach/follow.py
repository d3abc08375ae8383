"""What a person follows: the buttons, and the list."""

import json

from flask import (
    Blueprint,
    abort,
    flash,
    get_template_attribute,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.pages.language import gettext as _
from app.web.pages.links import local_address
from app.web.pages.rendering import is_fragment
from ideas.outreach.follow import FollowKind, follow, followable, followed_by, unfollow

views = Blueprint("follow", __name__, url_prefix="/me/follows")


@views.get("")
@requires(Platform.MEMBER)
def index() -> str:
    return render_template("outreach/follow/index.html", followed=followed_by(database(), member()))


@views.post("/add")
@requires(Platform.MEMBER)
def add() -> ResponseReturnValue:
    kind, number = _asked()
    what = followable(database(), kind, number, person=member())
    if what is None:
        abort(404)
    follow(database(), what, by=member(), now=now())
    database().commit()
    return _done(kind, number, _("You follow this now. You will be notified."), following=True)


@views.post("/remove")
@requires(Platform.MEMBER)
def remove() -> ResponseReturnValue:
    kind, number = _asked()
    unfollow(database(), kind, number, by=member(), now=now())
    database().commit()
    return _done(kind, number, _("You no longer follow this."), following=False)


def _asked() -> tuple[FollowKind, int]:
    kind, number = request.form.get("kind", ""), request.form.get("number", type=int)
    if kind not in set(FollowKind) or number is None:
        abort(422)
    return FollowKind(kind), number


def _done(kind: FollowKind, number: int, sentence: str, *, following: bool) -> ResponseReturnValue:
    """The button as it is now; without htmx, a redirect to its page."""
    back = local_address(request.form.get("next")) or url_for("follow.index")
    if not is_fragment():
        flash(sentence, "success")
        return redirect(back, 303)
    button = get_template_attribute("outreach/follow/button.html", "follow_button")
    answer = make_response(button(kind, number, following, back))
    answer.headers["HX-Trigger"] = json.dumps({"announce": sentence})
    return answer
