"""Who may create an account, for administrators."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.accounts.sign_up import SettleSignUpForm
from app.views.organisation.organisation import conflict_of
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.accounts.sign_up import NoDomain, NotADomain, TooManyDomains, settle_sign_up
from ideas.organisation.organisation import Organisation, SignUp, the_organisation

views = Blueprint("sign_up", __name__, url_prefix="/organisation/sign-up")


@views.route("", methods=["GET", "POST"])
@requires(Platform.ADMIN, power=Power.SIGN_IN)
def edit() -> ResponseReturnValue:
    organisation = the_organisation(database())
    form = SettleSignUpForm(data=_as_shown(organisation) | {"version": organisation.version})
    if form.validate_on_submit():
        with show_refusals(form, dict.fromkeys((NoDomain, NotADomain, TooManyDomains), form.sign_up_domains)):
            mode, domains = SignUp(form.sign_up.data), form.sign_up_domains.data
            settle_sign_up(
                database(), mode=mode, domains=domains, by=member(), now=now(), seen=form.seen,
                admins_need_totp=form.admins_need_totp.data,
            )  # fmt: skip
            database().commit()
            flash(_("Settings saved."), "success")
            return redirect(url_for("sign_up.edit"), 303)
    conflict = conflict_of(form, _as_shown(the_organisation(database())))
    page = render_template("accounts/sign_up/edit.html", form=form, conflict=conflict)
    return page, form.http_status


def _as_shown(organisation: Organisation) -> dict[str, Any]:
    return {
        "sign_up": organisation.sign_up.value,
        "sign_up_domains": organisation.sign_up_domains.replace(" ", "\n"),
        "admins_need_totp": organisation.admins_need_totp,
    }
