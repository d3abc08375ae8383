"""Where the reader is signed in, and how that ends in other browsers."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.signing import signing
from app.web.pages.language import gettext as _
from ideas.accounts.sign_in import end_sign_in, end_sign_ins, is_of_token, sign_ins_of
from ideas.base import MAX_ID

views = Blueprint("session", __name__, url_prefix="/me/sessions")


@views.get("")
@requires(Platform.MEMBER)
def index() -> ResponseReturnValue:
    found = sign_ins_of(database(), member(), now=now())
    here = next((sign_in.id for sign_in in found if is_of_token(sign_in, signing.token())), None)
    return render_template("accounts/session/index.html", sign_ins=found, here=here)


@views.post("/<int:sign_in_id>/end")
@requires(Platform.MEMBER)
def end(sign_in_id: int) -> ResponseReturnValue:
    if sign_in_id > MAX_ID or not end_sign_in(database(), member(), sign_in_id, now=now()):
        abort(404)
    database().commit()
    flash(_("This browser is signed out."), "success")
    return redirect(url_for("session.index"), 303)


@views.post("/end-others")
@requires(Platform.MEMBER)
def end_others() -> ResponseReturnValue:
    end_sign_ins(database(), member(), now=now(), kept=signing.token())
    database().commit()
    flash(_("All other browsers are signed out."), "success")
    return redirect(url_for("session.index"), 303)
