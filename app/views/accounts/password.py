"""Passwords: a lost one is replaced with a link of a mail, a known one is changed."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.forms.accounts.account import ChangePasswordForm, ForgotPasswordForm, ResetPasswordForm
from app.mail.letters.account import send_account_mail
from app.signing import signing
from app.signing.caller import count_account_mail
from app.signing.links import open_link
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.links import local_address, next_page
from app.web.pages.rendering import form_status
from app.web.pages.site import site
from ideas.accounts.identity import WrongPassword, accepted_password, change_password, reset_password
from ideas.accounts.link import LinkPurpose, new_link
from ideas.accounts.password import PasswordWeak
from ideas.outreach.messages.message import AccountMail
from ideas.people.person import Person, find_person

views = Blueprint("password", __name__)


@views.route("/forgot", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def forgot() -> ResponseReturnValue:
    """Send a link for a new password. The answer is the same whether the address has an account or not."""
    form = ForgotPasswordForm()
    if form.validate_on_submit():
        with show_refusals(form):
            count_account_mail(form.email.data)
            person = find_person(database(), form.email.data)
            if person is not None:
                link = new_link(database(), LinkPurpose.RESET, person=person, now=now(), page=next_page() or "")
                send_account_mail(AccountMail.RESET, to=person, link=link)
            database().commit()
            session["forgot"] = form.email.data
            return redirect(url_for("password.sent", next=next_page()), 303)
    return render_template("accounts/password/forgot.html", form=form, next=next_page()), form_status(form)


@views.get("/forgot/sent")
@requires(Platform.EVERYONE)
def sent() -> ResponseReturnValue:
    if "forgot" not in session:
        return redirect(url_for("password.forgot"), 303)
    return render_template("accounts/password/sent.html", email=session["forgot"], next=next_page())


@views.route("/reset/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def reset(token: str) -> ResponseReturnValue:
    """The page of the link. Every browser is signed out by the new password, and this one is signed in."""
    link = open_link(LinkPurpose.RESET, token)
    form = ResetPasswordForm()
    if form.validate_on_submit():
        with show_refusals(form, {PasswordWeak: form.password}):
            page = local_address(link.page) or url_for("person.me")
            secret = _accepted(link.person, form.password.data)
            person = reset_password(database(), open_link(LinkPurpose.RESET, token), secret=secret, now=now())
            send_account_mail(AccountMail.PASSWORD_CHANGED, to=person)
            answer = signing.enter(person, page=page)
            session.pop("forgot", None)
            flash(_("Your new password is saved. All other browsers are signed out."), "success")
            return answer
    page = render_template("accounts/password/reset.html", form=form, email=open_link(LinkPurpose.RESET, token).email)
    return page, form_status(form)


@views.route("/me/password", methods=["GET", "POST"])
@requires(Platform.MEMBER, power=Power.OWN_ACCOUNT)
def change() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with show_refusals(form, {WrongPassword: form.present_password, PasswordWeak: form.password}):
            signing.check_present(form.present_password.data)
            secret = _accepted(member(), form.password.data)
            others = {"kept": signing.token(), "end_others": form.end_others.data}
            change_password(database(), member(), secret=secret, now=now(), **others)
            send_account_mail(AccountMail.PASSWORD_CHANGED, to=member())
            database().commit()
            flash(_("Password changed."), "success")
            return redirect(url_for("person.profile"), 303)
    return render_template("accounts/password/change.html", form=form), form_status(form)


def _accepted(person: Person, password: str) -> str:
    """The hash of the new password, made while no write lock is held. Raises PasswordWeak."""
    with reading(database()):
        known = {"email": person.email, "name": person.name, "organisation": site().name}
        return accepted_password(password, **known)
