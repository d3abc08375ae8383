"""The second proof at the sign-in: typed after the password, set up and switched off on a page of the account."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.access.needs import Platform, Power, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database
from app.forms.accounts.second_factor import CodeForm, PasswordForm
from app.mail.letters.account import send_account_mail
from app.pictures.code import inline_code
from app.signing import signing
from app.signing.keys import reading_keys, secret_key
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.links import next_page
from app.web.pages.rendering import form_status
from app.web.pages.site import site
from ideas.accounts.identity import WrongPassword
from ideas.accounts.second_factor import (
    WrongSecondFactor,
    app_address,
    app_key,
    check_second_factor,
    confirm_second_factor,
    count_recovery_codes,
    has_second_factor,
    new_salt,
    remove_second_factor,
    renew_recovery_codes,
)
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person

views = Blueprint("second_factor", __name__)

_SALT = "second_factor"  # the name of a field of the cookie


@views.route("/sign-in/code", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def check() -> ResponseReturnValue:
    """After the password: the code. Whoever comes without a password, or too late, begins again."""
    person = signing.half_signed_in()
    if reader() is not None or person is None:
        return redirect(url_for("person.sign_up" if reader() is None else "home.show"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        with show_refusals(form, {WrongSecondFactor: form.code}):
            _count(person)
            check_second_factor(database(), person, form.code.data, keys=reading_keys(), now=now())
            return signing.enter_with_code(person, page=next_page() or url_for("home.show"))
    return render_template("accounts/second_factor/check.html", form=form, next=next_page()), form_status(form)


@views.route("/me/second-factor", methods=["GET", "POST"])
@requires(Platform.MEMBER, power=Power.CODE)
def edit() -> ResponseReturnValue:
    """Set the app up, or show that it is, with the forms that change it."""
    if has_second_factor(database(), member()):
        return _page_of_one(PasswordForm(formdata=None))
    form = CodeForm()
    if form.validate_on_submit():
        with show_refusals(form, {WrongSecondFactor: form.code}):
            _count(member())
            code, salt = form.code.data, session.get(_SALT, "")
            codes = confirm_second_factor(database(), member(), code, salt=salt, keys=reading_keys(), now=now())
            send_account_mail(AccountMail.TOTP_ON, to=member())
            database().commit()
            return render_template("accounts/second_factor/codes.html", codes=codes)
    return _set_up_page(form)


@views.post("/me/second-factor/codes")
@requires(Platform.MEMBER, power=Power.OWN_ACCOUNT)
def renew() -> ResponseReturnValue:
    form = PasswordForm()
    if has_second_factor(database(), member()) and form.validate_on_submit():
        with show_refusals(form, {WrongPassword: form.present_password}):
            signing.check_present(form.present_password.data)
            codes = renew_recovery_codes(database(), member())
            database().commit()
            return render_template("accounts/second_factor/codes.html", codes=codes)
    return _page_of_one(form)


@views.post("/me/second-factor/off")
@requires(Platform.MEMBER, power=Power.OWN_ACCOUNT)
def switch_off() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        with show_refusals(form, {WrongPassword: form.present_password}):
            signing.check_present(form.present_password.data)
            if remove_second_factor(database(), member(), by=member(), now=now()):
                send_account_mail(AccountMail.TOTP_OFF, to=member())
            database().commit()
            flash(_("Signing in no longer asks for a code."), "success")
            return redirect(url_for("person.profile"), 303)
    return _page_of_one(form)


def _set_up_page(form: CodeForm) -> ResponseReturnValue:
    """The key and its picture stay the same while the page is looked at: its salt is in the cookie of the session."""
    salt = session.setdefault(_SALT, new_salt())
    values = {
        "form": form,
        "key": _in_fours(app_key(member(), salt, key=secret_key())),
        "picture": _picture(member(), salt),
    }
    return render_template("accounts/second_factor/set_up.html", **values), form_status(form)


def _page_of_one(form: PasswordForm) -> ResponseReturnValue:
    if not has_second_factor(database(), member()):
        return redirect(url_for("second_factor.edit"), 303)
    left = count_recovery_codes(database(), member())
    return render_template("accounts/second_factor/show.html", form=form, left=left), form_status(form)


def _count(person: Person) -> None:
    """Count a try of a code, whatever comes of it. Raises LimitReached."""
    spend(database(), LimitedAct.CHECK_CODE, by=person, now=now())
    database().commit()


def _picture(person: Person, salt: str) -> Markup:
    """The QR code as SVG, on white in the dark appearance too: cameras need it."""
    return inline_code(app_address(person, salt, key=secret_key(), site=site().name))


def _in_fours(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
