"""Before an act of power: the person gives their password again, or a code. Then the act goes on by itself.

The page that asks carries what was sent, and posts it to the same address together with the password: nothing of it
is stored meanwhile, and nothing is lost. Which acts these are is declared beside each route: see `Power`.
"""

from urllib.parse import urlsplit

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from app.access.needs import ASKED_IN_FORM, Power
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.accounts.confirmation import ConfirmPowerForm
from app.signing import signing
from app.web.errors import error_page, previous_page, show_refusals
from app.web.pages.language import gettext
from app.web.pages.rendering import form_status, is_fragment
from ideas.accounts.identity import WrongPassword, has_password
from ideas.accounts.second_factor import WrongSecondFactor
from ideas.accounts.sign_in import is_confirmed


def ask_to_confirm() -> Response | None:
    """The page that asks for the password before this request's act of power. None where nothing is asked.

    A request that carries the right password goes on. A download leads to a page of its own, and back.
    """
    power = _power_of(request.url_rule, request.method)
    if power is None or is_confirmed(member(), now=now()):
        return None
    if request.method != "POST":
        page = url_for("confirmation.show", next=request.full_path.removesuffix("?"))
        return redirect(page, 303)
    if is_fragment():
        return current_app.make_response(error_page(403, gettext("Reload this page, then confirm your password.")))
    form = ConfirmPowerForm()
    if form.is_sent() and confirmed(form, power):
        return None
    return confirm_page(form, fields=_written(form))


def confirmed(form: ConfirmPowerForm, act: str) -> bool:
    """Take the password or the code of this form. False where it is wrong: the form says so."""
    if not form.validate_on_submit():
        return False
    with show_refusals(form, {WrongPassword: form.confirm_password, WrongSecondFactor: form.confirm_code}):
        signing.confirm(act, password=form.confirm_password.data or "", code=form.confirm_code.data or "")
        return True
    current_app.logger.warning("person %s did not confirm: %s", member().id, act)
    return False


def confirm_page(form: ConfirmPowerForm, *, fields: list[tuple[str, str]]) -> Response:
    """The page that asks. `fields`: what was sent, to be sent again with the password."""
    page = render_template(
        "accounts/confirmation/show.html",
        form=form,
        fields=fields,
        address=request.full_path.removesuffix("?"),
        back=previous_page() or url_for("person.me"),
        gives_code=member().gives_code,
        has_password=has_password(database(), member()),
    )
    status = form_status(form) if form.is_sent() else 403
    return current_app.make_response((page, status if request.method == "POST" else 200))


def power_to_read(page: str) -> Power | None:
    """The act of power that reading this page of the site is: a download. None for any other page."""
    routes = current_app.create_url_adapter(request)
    if routes is None:
        return None
    rule, _arguments = routes.match(urlsplit(page).path, "GET", return_rule=True)
    return _power_of(rule, "GET")


def _power_of(rule: Rule | None, method: str) -> Power | None:
    """What a page asks to confirm. The GET of a page with a form is nothing: only what the form sends is."""
    powers: dict[str, Power] = current_app.extensions["powers"]
    if rule is None or (method != "POST" and "POST" in (rule.methods or ())):
        return None
    power = powers.get(rule.endpoint)
    return None if power in ASKED_IN_FORM else power


def _written(form: ConfirmPowerForm) -> list[tuple[str, str]]:
    own = {"csrf_token", *(field.name for field in form)}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own]
