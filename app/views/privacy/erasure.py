"""Erasing an account: what would be erased, the request, taking it back, and the certificate."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.accounts.account import ConfirmForm
from app.forms.privacy.erasure import AskErasureForForm, AskErasureForm
from app.mail.letters.account import send_account_mail
from app.signing import signing
from app.signing.keys import reading_keys
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, translated
from ideas.accounts.identity import WrongPassword
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import AccountMail
from ideas.people.person import Person
from ideas.privacy.erase import rehearse
from ideas.privacy.erasure import (
    Contents,
    Erasure,
    ReasonMissing,
    ask_to_erase,
    check_may_erase,
    find_erasure,
    open_erasure,
    take_back,
)
from ideas.privacy.register import REGISTER
from ideas.privacy.wanted import wanted_of

views = Blueprint("erasure", __name__)


@views.route("/me/erasure", methods=["GET", "POST"])
@requires(Platform.MEMBER, power=Power.ERASURE)
def ask() -> ResponseReturnValue:
    form = AskErasureForm()
    if form.validate_on_submit() and _asked(form, member(), reason=""):
        flash(_("Your account will be erased. Until then, you can take the request back here."), "success")
        return redirect(url_for("erasure.ask"), 303)
    return _page(form, member())


@views.post("/me/erasure/take-back")
@requires(Platform.MEMBER)
def take_back_mine() -> ResponseReturnValue:
    return _taken_back(member(), url_for("erasure.ask"))


@views.route("/people/<int:person_id>/erasure", methods=["GET", "POST"])
@requires(Platform.ADMIN, power=Power.ERASURE)
def ask_for(person: Person) -> ResponseReturnValue:
    if person.erased_at is not None:
        abort(404)
    form = AskErasureForForm()
    if form.validate_on_submit() and _asked(form, person, reason=form.reason.data):
        flash(_("The account will be erased. Its member is told by email."), "success")
        return redirect(url_for("erasure.ask_for", person_id=person.id), 303)
    return _page(form, person)


@views.post("/people/<int:person_id>/erasure/take-back")
@requires(Platform.ADMIN)
def take_back_for(person: Person) -> ResponseReturnValue:
    return _taken_back(person, url_for("erasure.ask_for", person_id=person.id))


@views.get("/erasure/<proof>")
@requires(Platform.EVERYONE)
def certificate(proof: str) -> ResponseReturnValue:
    """What became of a request, for whoever has its link: its owner has no account any more."""
    erasure = _of_token(proof)
    return render_template("privacy/erasure/certificate.html", erasure=erasure, lines=_lines(erasure), proof=proof)


@views.get("/erasure/<proof>/certificate.txt")
@requires(Platform.EVERYONE)
def certificate_file(proof: str) -> ResponseReturnValue:
    return _text_of(_of_token(proof))


@views.get("/personal-data/erasures/<int:erasure_id>.txt")
@requires(Platform.ADMIN)
def certificate_of(erasure_id: int) -> ResponseReturnValue:
    return _text_of(database().get(Erasure, erasure_id) or abort(404))


def _asked(form: AskErasureForm, person: Person, *, reason: str) -> bool:
    """Ask for the erasure, after the password of whoever asks. False where it was refused: the form says why."""
    fields: dict[type[DomainError], Field] = {WrongPassword: form.present_password}
    if isinstance(form, AskErasureForForm):
        fields[ReasonMissing] = form.reason
    with show_refusals(form, fields):
        signing.check_present(form.present_password.data)
        chosen = Contents(form.contents.data)
        ask_to_erase(database(), person, contents=chosen, by=member(), reason=reason, now=now())
        send_account_mail(AccountMail.ERASURE_ASKED, to=person)
        database().commit()
        return True
    return False


def _taken_back(person: Person, page: str) -> ResponseReturnValue:
    form, erasure = ConfirmForm(), open_erasure(database(), person)
    if form.validate_on_submit() and erasure is not None:
        take_back(database(), erasure, by=member(), now=now())
        send_account_mail(AccountMail.ERASURE_TAKEN_BACK, to=person)
        database().commit()
        flash(_("The request is taken back. The account stays."), "success")
    return redirect(page, 303)


def _page(form: AskErasureForm, person: Person) -> ResponseReturnValue:
    """The rehearsal and the form; or the request that waits, with the way to take it back."""
    erasure, for_other = open_erasure(database(), person), isinstance(form, AskErasureForForm)
    refused = ""
    try:
        check_may_erase(database(), person)
    except DomainError as error:  # also of a request that waits: they may have taken something on since
        refused = translated(error)
    page = render_template(
        "privacy/erasure/ask.html",
        form=form,
        person=person,
        erasure=erasure,
        refused=refused,
        found=rehearse(database(), person, with_mentions=for_other) if erasure is None else {},
        names_sought=bool(wanted_of(database(), person).names.words),
        register=REGISTER,
        days=the_organisation(database()).erasure_days,
    )
    return page, form_status(form)


def _of_token(token: str) -> Erasure:
    return find_erasure(database(), token, keys=reading_keys()) or abort(404)


def _text_of(erasure: Erasure) -> Response:
    """The certificate as a file. It names nobody."""
    if erasure.done_at is None:
        abort(404)
    text = render_template("privacy/erasure/certificate.txt", erasure=erasure, lines=_lines(erasure))
    answer = current_app.response_class(text, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="erasure-{erasure.id}.txt"'
    return answer


def _lines(erasure: Erasure) -> list[tuple[str, int]]:
    """What was erased and how much, by the names of the register, in its order."""
    counts = erasure.counts or {}
    names = {line.name: line.what for line in REGISTER}
    return [(names.get(name, name), counts[name]) for name in (*names, *(set(counts) - set(names))) if name in counts]
