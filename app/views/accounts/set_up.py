"""The page that sets a new site up. It is there as long as the site has no administrator."""

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.first_admin import WrongCode, check_first_admin_code
from app.access.needs import Platform, requires
from app.clock import now
from app.extensions import database
from app.forms.accounts.set_up import SetUpForm
from app.signing import signing
from app.signing.caller import caller_address
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.accounts.password import PasswordWeak
from ideas.accounts.set_up import MemberExists, set_up
from ideas.accounts.sign_up import NoDomain, NotADomain, TooManyDomains
from ideas.organisation.organisation import SignUp, the_organisation
from ideas.people.limit import LimitedAct, spend_from
from ideas.people.person import EmailInvalid, NameReserved, Person
from ideas.people.platform_role import has_admin

views = Blueprint("set_up", __name__)


@views.route("/set-up", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def show() -> ResponseReturnValue:
    """Not found once there is an administrator."""
    if has_admin(database()):
        abort(404)
    organisation = the_organisation(database())
    form = SetUpForm(data={"site_name": organisation.name, "sign_up": organisation.sign_up.value})
    if form.validate_on_submit():
        fields = {
            WrongCode: form.code,
            EmailInvalid: form.email,
            MemberExists: form.email,
            PasswordWeak: form.password,
            **dict.fromkeys((NoDomain, NotADomain, TooManyDomains), form.sign_up_domains),
            NameReserved: form.name,
        }
        with show_refusals(form, fields):
            # Every try counts, whatever comes of it: nobody guesses the code, nor makes the site hash for ever.
            spend_from(database(), LimitedAct.CHECK_CODE, subject=caller_address(), now=now())
            database().commit()
            check_first_admin_code(form.code.data)
            person = _set_up(form)
            answer = signing.enter(person, page=url_for("organisation.edit"))
            flash(_("The site is set up. You are its administrator. Go on with its other settings."), "success")
            return answer
    return render_template("accounts/set_up/show.html", form=form), form_status(form)


def _set_up(form: SetUpForm) -> Person:
    account = form.account()
    database().rollback()  # hashing takes a while: hold no write lock meanwhile
    return set_up(
        database(),
        site_name=form.site_name.data,
        mode=SignUp(form.sign_up.data),
        domains=form.sign_up_domains.data,
        now=now(),
        **account,
    )
