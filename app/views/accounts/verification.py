"""The proof of an address: the page after signing up, another mail, and the page of the link."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import Platform, requires
from app.access.roles import reader
from app.clock import now
from app.extensions import database
from app.forms.accounts.account import ConfirmForm, VerifyForm
from app.mail.letters.account import send_account_mail
from app.signing import signing
from app.signing.caller import count_account_mail
from app.signing.links import open_link
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.links import local_address, next_page
from app.web.pages.rendering import form_status
from ideas.accounts.link import Link, LinkPurpose
from ideas.accounts.verification import ask_to_verify
from ideas.accounts.verification import verify as mark_proven
from ideas.outreach.messages.message import AccountMail
from ideas.people.person import Person, find_person

views = Blueprint("verification", __name__, url_prefix="/verify")


@views.get("")
@requires(Platform.EVERYONE)
def sent() -> ResponseReturnValue:
    """Where the link was sent, and what to do if it does not come."""
    return _sent_page(ConfirmForm(formdata=None))


@views.post("/again")
@requires(Platform.EVERYONE)
def again() -> ResponseReturnValue:
    """Send another link. The answer is the same whether the address has an account or not."""
    form, asked = ConfirmForm(), _asked()
    if asked is None or not form.validate_on_submit():
        return _sent_page(form)
    with show_refusals(form):
        email, page = asked
        count_account_mail(email)
        _send_again(reader() or find_person(database(), email), page)
        database().commit()
        flash(_("A new link is on its way. It replaces the earlier one."), "success")
        return redirect(url_for("verification.sent", next=page or None), 303)
    return _sent_page(form)


@views.route("/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def show(token: str) -> ResponseReturnValue:
    """The page of the link: its button uses it up. Whoever is not signed in gives the password of the account too.

    Somebody else may have signed up with this address, and must not get it proven by its owner.
    """
    link = open_link(LinkPurpose.VERIFY, token)
    is_theirs = reader() is not None and reader() == link.person
    form = ConfirmForm() if is_theirs else VerifyForm()
    if form.validate_on_submit():
        with show_refusals(form):
            if isinstance(form, VerifyForm):
                signing.check_typed(link.person.email, form.password.data)
            return _verified(open_link(LinkPurpose.VERIFY, token), signs_in=not is_theirs)
    page = render_template("accounts/verification/show.html", form=form, link=link, is_theirs=is_theirs)
    return page, form_status(form)


def _asked() -> tuple[str, str] | None:
    """The address to prove and the page to go to afterwards, of whoever signed up in this browser or is signed in."""
    person, asked = reader(), session.get("signing_up")
    if person is not None:
        return (person.email, next_page() or "") if person.verified_at is None else None
    return (asked["email"], next_page() or asked["page"]) if asked else None


def _sent_page(form: ConfirmForm) -> ResponseReturnValue:
    asked = _asked()
    if asked is None:
        return redirect(next_page() or url_for("person.me" if reader() is not None else "person.sign_up"), 303)
    email, page = asked
    return render_template("accounts/verification/sent.html", email=email, next=page, form=form), form_status(form)


def _verified(link: Link, *, signs_in: bool) -> Response:
    page = local_address(link.page) or url_for("person.me")
    person = mark_proven(database(), link, now=now())
    database().commit()
    answer = signing.enter(person, page=page) if signs_in else redirect(page, 303)
    session.pop("signing_up", None)
    flash(_("Your email address is confirmed. You can publish and support ideas."), "success")
    return answer


def _send_again(person: Person | None, page: str) -> None:
    if person is None:
        return
    if person.verified_at is not None:
        send_account_mail(AccountMail.ACCOUNT_EXISTS, to=person)
        return
    link = ask_to_verify(database(), person, now=now(), page=page)
    send_account_mail(AccountMail.VERIFY, to=person, link=link)
