"""Mails about an account: queued with their cause, written when they are sent. Their text holds a secret, so it is kept
nowhere but in the mail.
"""

from collections.abc import Iterator
from typing import Any

from flask import current_app, render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database
from app.mail.address import address_of
from app.mail.letters.blocks import Block
from app.mail.letters.letter import Written
from app.mail.style import styles_with
from app.settings import Settings
from app.signing.keys import secret_key
from app.web.pages.dates import zoned
from app.web.pages.language import gettext as _
from app.web.pages.language import read_by
from app.web.pages.rendering import translated
from app.web.pages.site import Site, site_of
from ideas.accounts.link import Link, LinkPurpose, token_of
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import AccountMail, Message
from ideas.outreach.messages.queue import queue_account_mail
from ideas.people.person import Person
from ideas.privacy.erasure import certificate_token, check_may_erase, open_erasure

PAGES = {
    LinkPurpose.VERIFY: "verification.show",
    LinkPurpose.RESET: "password.reset",
    LinkPurpose.CHANGE_ADDRESS: "address.confirm",
    LinkPurpose.KEEP_ADDRESS: "address.keep",
}


def send_account_mail(mail: AccountMail, *, to: Person, link: Link | None = None, address: str = "") -> None:
    """Queue the mail in the transaction of the request."""
    domain = _settings().mail_domain
    queue_account_mail(database(), mail, to=to, link=link, address=address, domain=domain, now=now())


def write_account_letter(session: Session, message: Message) -> Written:
    """The text of an account mail, in its person's language and zone."""
    person = message.person
    assert person is not None  # noqa: S101 -- account mails are for people with an account
    site = site_of(the_organisation(session))
    with read_by(person.locale, person.timezone):
        values: dict[str, Any] = {
            "subject": _subject(message),
            "site": site.name,
            "language": person.locale[:2],
            "greeting": _("Hello %(name)s,", name=person.name),
            "blocks": list(_blocks(message)),
            "footer": _footer(site),
            "style": styles_with(site.accent),
        }
        return Written(
            values["subject"],
            render_template("outreach/mail/letter.txt", **values),
            render_template("outreach/mail/letter.html", **values),
        )


def address_of_link(link: Link) -> str:
    """The page of the link. Its button uses the link up, the page does not."""
    token = token_of(link, key=secret_key())
    return address_of(PAGES[link.purpose], token=token)


_SUBJECTS: dict[AccountMail, LazyString] = {
    AccountMail.VERIFY: _l("Confirm your email address"),
    AccountMail.ACCOUNT_EXISTS: _l("You already have an account"),
    AccountMail.RESET: _l("Choose a new password"),
    AccountMail.PASSWORD_CHANGED: _l("Your password was changed"),
    AccountMail.CHANGE_ADDRESS: _l("Confirm your new email address"),
    AccountMail.ADDRESS_CHANGING: _l("Your email address is about to change"),
    AccountMail.ADDRESS_CHANGED: _l("Your email address was changed"),
    AccountMail.ADDRESS_KEPT: _l("You keep your email address"),
    AccountMail.TOTP_ON: _l("Signing in now asks for a code"),
    AccountMail.TOTP_OFF: _l("Signing in no longer asks for a code"),
    AccountMail.ERASURE_ASKED: _l("Your account is going to be erased"),
    AccountMail.ERASURE_TAKEN_BACK: _l("Your account stays"),
    AccountMail.ERASURE_REFUSED: _l("Your account could not be erased yet"),
}


def _subject(message: Message) -> str:
    return str(_SUBJECTS[_kind(message)])


def _blocks(message: Message) -> Iterator[Block]:
    made = {
        AccountMail.VERIFY: _verify,
        AccountMail.ACCOUNT_EXISTS: _account_exists,
        AccountMail.RESET: _reset,
        AccountMail.PASSWORD_CHANGED: _password_changed,
        AccountMail.CHANGE_ADDRESS: _change_address,
        AccountMail.ADDRESS_CHANGING: _address_changing,
        AccountMail.ADDRESS_CHANGED: _address_changed,
        AccountMail.ADDRESS_KEPT: _address_kept,
        AccountMail.TOTP_ON: _totp_on,
        AccountMail.TOTP_OFF: _totp_off,
        AccountMail.ERASURE_ASKED: _erasure_asked,
        AccountMail.ERASURE_TAKEN_BACK: _erasure_taken_back,
        AccountMail.ERASURE_REFUSED: _erasure_refused,
    }
    return made[_kind(message)](message)


def _verify(message: Message) -> Iterator[Block]:
    yield Block(
        "text", _("One step is left: confirm that this address is yours. Then you can publish and support ideas.")
    )
    yield from _link(message, _("Confirm my address"))
    yield Block("text", _("If you did not create an account, do nothing. Nothing is published with your address."))


def _account_exists(_message: Message) -> Iterator[Block]:
    yield Block("text", _("Someone, probably you, asked for an account with this address. It already has one."))
    yield Block("text", _("Nothing was changed. Sign in with the password that you chose before."))
    yield Block("link", _("Sign in"), address_of("person.sign_in"))
    yield Block("text", _("You forgot it? Choose a new password:"), address_of("password.forgot"))
    yield Block("text", _("If it was not you, you have nothing to do."))


def _reset(message: Message) -> Iterator[Block]:
    yield Block("text", _("Someone, probably you, asked for a new password for this account."))
    yield from _link(message, _("Choose a new password"))
    yield Block("text", _("If it was not you, do nothing. Your password stays as it is."))


def _password_changed(message: Message) -> Iterator[Block]:
    yield Block("text", _("The password of your account was changed on %(moment)s.", moment=zoned(message.created_at)))
    yield Block("text", _("If it was not you, choose a new one now. All browsers are then signed out."))
    yield Block("link", _("Choose a new password"), address_of("password.forgot"))


def _change_address(message: Message) -> Iterator[Block]:
    yield Block("text", _("You want to use this address for your account. Confirm that it is yours."))
    yield from _link(message, _("Confirm my new address"))
    yield Block("text", _("Until then, your account keeps its present address."))
    yield Block("text", _("If it was not you, do nothing."))


def _address_changing(message: Message) -> Iterator[Block]:
    yield Block("text", _("Someone, probably you, asked to use another email address for your account."))
    yield Block("text", _("The change takes effect once the new address is confirmed."))
    yield from _object(message)


def _address_changed(message: Message) -> Iterator[Block]:
    yield Block("text", _("Your account now has another email address. Emails no longer come to this one."))
    yield from _object(message)


def _object(message: Message) -> Iterator[Block]:
    yield Block("text", _("If it was not you, keep this address. All browsers are then signed out."))
    yield from _link(message, _("Keep this address"))


def _address_kept(_message: Message) -> Iterator[Block]:
    yield Block("text", _("Your account keeps this address, and all browsers are signed out."))
    yield Block("text", _("Choose a new password now, in case someone else knows yours."))
    yield Block("link", _("Choose a new password"), address_of("password.forgot"))


def _totp_on(_message: Message) -> Iterator[Block]:
    yield Block("text", _("From now on, signing in asks for your password and for a code of your app."))
    yield Block("text", _("If it was not you, choose a new password and ask your site administrator for help."))
    yield Block("link", _("Choose a new password"), address_of("password.forgot"))


def _totp_off(_message: Message) -> Iterator[Block]:
    yield Block("text", _("From now on, signing in asks for your password only."))
    yield Block("text", _("If it was not you, choose a new password and ask your site administrator for help."))
    yield Block("link", _("Choose a new password"), address_of("password.forgot"))


def _erasure_asked(message: Message) -> Iterator[Block]:
    """When, why, how to take it back, and where the certificate will be: the account can receive no mail afterwards."""
    assert message.person is not None  # noqa: S101 -- account mails are for people with an account
    erasure = open_erasure(database(), message.person)
    if erasure is None:  # taken back before this mail went out
        yield from _erasure_taken_back(message)
        return
    yield Block("text", _("Your account will be erased on %(moment)s.", moment=zoned(erasure.due_at)))
    if erasure.asked_by_id != erasure.person_id:
        yield Block("text", _("A site administrator asked for it. Their reason: %(reason)s", reason=erasure.reason))
    yield Block("text", _("Until then you can keep your account: sign in and take the request back."))
    yield Block("link", _("Take the request back"), address_of("erasure.ask"))
    yield Block("text", _("Afterwards, a certificate says what was erased. Keep this link, which is sent only once:"))
    token = certificate_token(erasure, key=secret_key())
    yield Block("link", _("Certificate of the erasure"), address_of("erasure.certificate", proof=token))


def _erasure_taken_back(_message: Message) -> Iterator[Block]:
    yield Block("text", _("The request to erase your account was taken back. Your account stays as it was."))
    yield Block("text", _("If it was not you, choose a new password and ask your site administrator for help."))
    yield Block("link", _("Choose a new password"), address_of("password.forgot"))


def _erasure_refused(message: Message) -> Iterator[Block]:
    """Why, as it stands when the mail goes out, and that nothing else has to be done."""
    assert message.person is not None  # noqa: S101 -- account mails are for people with an account
    if open_erasure(database(), message.person) is None:  # taken back before this mail went out
        yield from _erasure_taken_back(message)
        return
    yield Block("text", _("Your account could not be erased yet, because something depends on it:"))
    try:
        check_may_erase(database(), message.person)
    except DomainError as error:
        yield Block("quote", translated(error))
    else:
        yield Block("quote", _("Nothing is in the way any more."))
    yield Block("text", _("Your request stays. The erasure is tried again every day, so you do not have to ask again."))
    yield Block("link", _("See what stands in the way"), address_of("erasure.ask"))
    yield Block("text", _("On the same page you can take the request back and keep your account."))


def _link(message: Message, label: str) -> Iterator[Block]:
    assert message.link is not None  # noqa: S101 -- mails of these kinds are queued with their link
    yield Block("link", label, address_of_link(message.link))
    until = zoned(message.link.expires_at)
    yield Block("text", _("This link works once, until %(moment)s.", moment=until))


def _footer(site: Site) -> list[str]:
    why = _("You get this email because it is about your account on %(site)s.", site=site.name)
    if site.contact_email:
        return [str(why), str(_("Do you have a question? Write to us: %(address)s", address=site.contact_email))]
    return [str(why), str(_("Do you have a question? Ask your site administrator."))]


def _kind(message: Message) -> AccountMail:
    assert message.account_mail is not None  # noqa: S101 -- only account mails come here
    return message.account_mail


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
