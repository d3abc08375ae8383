"""The page that asks for the password before a download that is an act of power. Others ask where they are sent."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.confirming import confirm_page, confirmed, power_to_read
from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.forms.accounts.confirmation import ConfirmPowerForm
from app.web.pages.links import next_page
from ideas.accounts.sign_in import is_confirmed

views = Blueprint("confirmation", __name__)


@views.route("/confirm", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def show() -> ResponseReturnValue:
    form, page = ConfirmPowerForm(), next_page() or url_for("person.me")
    power = power_to_read(page)
    if power is None or is_confirmed(member(), now=now()) or (request.method == "POST" and confirmed(form, power)):
        return redirect(page, 303)
    return confirm_page(form, fields=[("next", page)])
