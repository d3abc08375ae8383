"""Accounts: sign up, sign in and out, language, profile, and the person's own page."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.wrappers import Response

from app.access.needs import Platform, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database, limiter
from app.forms.people.person import ReviseProfileForm, SignInForm, SignUpForm, locale_choices, zone_choices
from app.mail.letters.account import send_account_mail
from app.signing import signing
from app.signing.caller import caller_address, count_account_mail
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.links import next_page
from app.web.pages.rendering import form_status, refuse, translated
from app.web.pages.site import site
from ideas.accounts.identity import EmailTaken, WrongCredentials
from ideas.accounts.identity import sign_up as create_account
from ideas.accounts.password import PasswordWeak
from ideas.accounts.sign_up import SignUpRefused, check_may_sign_up
from ideas.accounts.verification import ask_to_verify
from ideas.answers.action import deliveries
from ideas.answers.assigned import count_waiting
from ideas.answers.debriefs.debrief import journeys
from ideas.campaigns.draft import count_deleted_drafts
from ideas.campaigns.people.team import managed_campaigns, visible_campaigns
from ideas.contributions.draft import drafts_of
from ideas.contributions.idea import ideas_of
from ideas.contributions.own import given_by
from ideas.contributions.talk.clarification import questions_to
from ideas.errors import DomainError
from ideas.organisation.organisation import Organisation, SignUp, the_organisation
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LimitedAct, LimitReached, spend_from
from ideas.people.person import MAX_EMAIL_LENGTH, EmailInvalid, Motivation, Person, find_person, revise_profile
from ideas.people.platform_role import has_admin
from ideas.people.translator import Translator
from ideas.recognition.badge import badges_of
from ideas.recognition.points import points_of
from ideas.recognition.standing import own_ranks
from ideas.recognition.welcome.first_step import first_step, is_asked
from ideas.text import clean_line

views = Blueprint("person", __name__)


# Many people may share one address. These refuse a flood without asking the database, which counts for all processes.
MAX_TRIES_PER_ADDRESS = "60 per minute"
MAX_TRIES_PER_ACCOUNT = "6 per minute; 30 per hour"


def _address_and_account() -> str:
    """The network address and the account of an attempt to sign in: what the limit counts by."""
    return f"{caller_address()} {clean_line(request.form.get('email', '')).lower()[:MAX_EMAIL_LENGTH]}"


@views.route("/sign-up", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def sign_up() -> ResponseReturnValue:
    if reader() is not None:
        return _redirect_next()
    if not has_admin(database()):
        return redirect(url_for("set_up.show"), 303)
    form, organisation = SignUpForm(), the_organisation(database())
    if organisation.sign_up in {SignUp.CLOSED, SignUp.INVITATION}:
        return _sign_up_refused(organisation)
    if form.validate_on_submit():
        fields = {EmailInvalid: form.email, SignUpRefused: form.email, PasswordWeak: form.password}
        fields |= {DomainError: form.name}
        with show_refusals(form, fields):
            # Every try counts, whatever comes of it: each takes a third of a second to hash its password.
            spend_from(database(), LimitedAct.SIGN_UP, subject=caller_address(), now=now())
            database().commit()
            check_may_sign_up(the_organisation(database()), form.email.data)
            count_account_mail(form.email.data)
            _create_or_tell_owner(form)
            database().commit()
            session["signing_up"] = {"email": form.email.data, "page": next_page() or ""}
            return redirect(url_for("verification.sent"), 303)
    domains = organisation.sign_up_domains.split() if organisation.sign_up is SignUp.DOMAIN else []
    page = render_template("people/person/sign_up.html", form=form, next=next_page(), domains=domains)
    return page, form_status(form)


@views.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(MAX_TRIES_PER_ACCOUNT, methods=["POST"], key_func=_address_and_account)
@limiter.limit(MAX_TRIES_PER_ADDRESS, methods=["POST"], key_func=caller_address)
@requires(Platform.EVERYONE)
def sign_in() -> ResponseReturnValue:
    if reader() is not None:
        return _redirect_next()
    form = SignInForm()
    if form.validate_on_submit():
        try:
            person = signing.check_typed(form.email.data, form.password.data)
        except LimitReached as error:
            database().rollback()
            refuse(form, error)
        except WrongCredentials as error:
            database().rollback()
            current_app.logger.warning("a sign-in failed from %s", request.remote_addr)
            refuse(form, error)
        else:
            return signing.enter(person, page=next_page() or url_for("home.show"))
    return render_template("people/person/sign_in.html", form=form, next=next_page()), form_status(form)


@views.post("/sign-out")
@requires(Platform.EVERYONE)
def sign_out() -> ResponseReturnValue:
    locale = str(get_locale())
    signing.end()
    database().commit()
    session["locale"] = locale
    flash(_("You are signed out."), "success")
    return redirect(url_for("home.show"), 303)


@views.post("/language")
@requires(Platform.EVERYONE)
def language() -> ResponseReturnValue:
    chosen, person = request.form.get("locale"), reader()
    if chosen in site().locales:
        session["locale"] = chosen
        if person is not None:
            person.locale = chosen
            database().commit()
    return _redirect_next()


@views.get("/me")
@requires(Platform.MEMBER)
def me() -> ResponseReturnValue:
    person, campaigns = member(), managed_campaigns(database(), member())
    told = journeys(database(), ideas_of(database(), person))
    motivated, instant = person.motivation is not Motivation.OFF, now()
    accounts = points_of(database(), person) if motivated else []
    seen = visible_campaigns(database(), person, now=instant) if is_asked(person, now=instant) else []
    return render_template(
        "people/person/me.html",
        first=first_step(database(), person, seen, now=instant),
        accounts=accounts,
        ranks=own_ranks(database(), person, [account.campaign for account in accounts]),
        badges=badges_of(database(), [person.id])[person.id] if motivated else [],
        given=given_by(database(), person),
        drafts=drafts_of(database(), person),
        questions=questions_to(database(), person),
        journeys=told,
        deliveries=deliveries(database(), [one.decision.id for one in told if one.decision is not None]),
        campaigns=campaigns,
        themes=count_waiting(database(), person) if campaigns else 0,
        deleted=count_deleted_drafts(database(), person, now=instant),
    )


@views.route("/me/profile", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def profile() -> ResponseReturnValue:
    person = member()
    form = ReviseProfileForm(obj=person)
    form.timezone.choices = zone_choices(also=person.timezone, at=now())
    form.locale.choices = locale_choices(site().locales)
    if form.validate_on_submit():
        form.leave_out()
        with show_refusals(form, {DomainError: form.name}):
            revise_profile(
                database(),
                person,
                name=form.name.data,
                headline=form.headline.data,
                locale=form.locale.data,
                timezone=form.timezone.data,
                translator=Translator(form.translator.data),
                kept=form.agreed(),
            )
            database().commit()
            session["locale"] = person.locale
            flash(_("Profile saved."), "success")
            return redirect(url_for("person.profile"), 303)
    return render_template("people/person/profile.html", form=form), form_status(form)


def _sign_up_refused(organisation: Organisation) -> ResponseReturnValue:
    """Say why no account can be created. The page is no error for whoever only looks at it."""
    try:
        check_may_sign_up(organisation, "")
    except SignUpRefused as refused:
        sentence, mode = translated(refused), organisation.sign_up
    page = render_template("accounts/sign_up/refused.html", sentence=sentence, mode=mode, next=next_page())
    return page, 403 if request.method == "POST" else 200


def _create_or_tell_owner(form: SignUpForm) -> None:
    """Create the account and send its link; where the address has one already, tell its owner by mail.

    The page that follows is the same: it must not tell who has an account.
    """
    try:
        person = _create(form)
    except EmailTaken:
        owner = find_person(database(), form.email.data)
        if owner is not None:
            send_account_mail(AccountMail.ACCOUNT_EXISTS, to=owner)
        return
    link = ask_to_verify(database(), person, now=now(), page=next_page() or "")
    send_account_mail(AccountMail.VERIFY, to=person, link=link)


def _create(form: SignUpForm) -> Person:
    account, organisation = form.account(), site().name
    database().rollback()  # hashing takes a while: hold no write lock meanwhile
    return create_account(database(), now=now(), organisation=organisation, **account)


def _redirect_next() -> Response:
    return redirect(next_page() or url_for("home.show"), 303)
