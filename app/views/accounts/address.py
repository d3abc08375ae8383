"""Changing the email address of an account, and objecting to a change."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database
from app.forms.accounts.account import ChangeAddressForm, ConfirmForm, VerifyForm
from app.mail.letters.account import address_of_link, send_account_mail
from app.signing import signing
from app.signing.caller import count_account_mail
from app.signing.links import open_link
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.accounts.address import ask_to_change_address, change_address, keep_address
from ideas.accounts.identity import WrongPassword
from ideas.accounts.link import Link, LinkPurpose
from ideas.errors import DomainError
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LimitReached
from ideas.people.person import Person, find_person

views = Blueprint("address", __name__)


@views.route("/me/address", methods=["GET", "POST"])
@requires(Platform.MEMBER, power=Power.OWN_ACCOUNT)
def change() -> ResponseReturnValue:
    """Ask for another address. The answer is the same whether it is somebody else's or not."""
    form, person = ChangeAddressForm(), member()
    if form.validate_on_submit():
        fields = {WrongPassword: form.present_password, LimitReached: form.present_password, DomainError: form.email}
        with show_refusals(form, fields):
            signing.check_present(form.present_password.data)
            count_account_mail(form.email.data)
            _send_links(member(), form.email.data)
            database().commit()
            flash(_("Look in the inbox of %(email)s: open the link to confirm it.", email=form.email.data), "success")
            return redirect(url_for("person.profile"), 303)
    return render_template("accounts/address/change.html", form=form, email=person.email), form_status(form)


@views.route("/address/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def confirm(token: str) -> ResponseReturnValue:
    """The page of the link at the new address. Whoever is not signed in gives the password: it may be mistyped."""
    link = open_link(LinkPurpose.CHANGE_ADDRESS, token)
    is_theirs = reader() is not None and reader() == link.person
    form = ConfirmForm() if is_theirs else VerifyForm()
    if form.validate_on_submit():
        with show_refusals(form):
            if isinstance(form, VerifyForm):
                signing.check_typed(link.person.email, form.password.data)
            return _changed(open_link(LinkPurpose.CHANGE_ADDRESS, token))
    page = render_template("accounts/address/confirm.html", form=form, link=link, is_theirs=is_theirs)
    return page, form_status(form)


@views.route("/keep-address/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def keep(token: str) -> ResponseReturnValue:
    """The page of the link at the former address: its button undoes the change."""
    link = open_link(LinkPurpose.KEEP_ADDRESS, token)
    form = ConfirmForm()
    if form.validate_on_submit():
        with show_refusals(form):
            new_password = keep_address(database(), link, now=now())
            send_account_mail(AccountMail.ADDRESS_KEPT, to=link.person)
            page = address_of_link(new_password)
            database().commit()
            flash(_("Your account keeps this address. All browsers are signed out."), "success")
            return redirect(page, 303)
    return render_template("accounts/address/keep.html", form=form, link=link), form_status(form)


def _send_links(person: Person, email: str) -> None:
    link, objection = ask_to_change_address(database(), person, email=email, now=now())
    if link is not None:
        send_account_mail(AccountMail.CHANGE_ADDRESS, to=person, link=link, address=link.email)
    elif (owner := find_person(database(), email)) is not None:
        send_account_mail(AccountMail.ACCOUNT_EXISTS, to=owner)
    send_account_mail(AccountMail.ADDRESS_CHANGING, to=person, link=objection)


def _changed(link: Link) -> ResponseReturnValue:
    objection = change_address(database(), link, now=now())
    send_account_mail(AccountMail.ADDRESS_CHANGED, to=link.person, link=objection, address=objection.email)
    database().commit()
    flash(_("Your email address is changed. Sign in with it from now on."), "success")
    return redirect(url_for("person.profile"), 303)
