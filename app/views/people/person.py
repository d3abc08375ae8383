"""Accounts: sign up, sign in and out, language, profile, and the person's own page."""

import hashlib

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.first_admin import WrongCode, check_first_admin_code
from app.access.needs import Platform, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database, limiter
from app.forms.people.person import ReviseProfileForm, SignInForm, SignUpForm, known_zone, locale_choices, zone_choices
from app.sqlite import reading
from app.web import signing
from app.web.caller import caller_address
from app.web.errors import show_refusals
from app.web.links import local_address
from app.web.rendering import form_status, refuse
from app.web.site import site
from ideas.answers.debrief import journeys
from ideas.campaigns.draft import count_deleted_drafts
from ideas.campaigns.team import managed_campaigns
from ideas.contributions.draft import drafts_of
from ideas.contributions.idea import ideas_of
from ideas.errors import DomainError
from ideas.people.identity import EmailTaken, PasswordWeak, WrongCredentials, check_credentials
from ideas.people.identity import sign_up as create_account
from ideas.people.limit import LimitedAct, LimitReached, spend_from
from ideas.people.person import MAX_EMAIL_LENGTH, EmailInvalid, Person, revise_profile
from ideas.people.platform_role import PlatformRole, grant, has_admin
from ideas.people.sign_in import open_sign_in
from ideas.text import clean_line

views = Blueprint("person", __name__)


# Many people may share one address. These refuse a flood without asking the database, which counts hours and days.
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
    form = SignUpForm()
    if has_admin(database()):
        del form.code
    if form.validate_on_submit():
        fields = {EmailInvalid: form.email, EmailTaken: form.email, PasswordWeak: form.password}
        fields |= {WrongCode: form.code, DomainError: form.name}
        claims_admin = form.code is not None and form.code.data
        with show_refusals(form, fields):
            # Every try counts, whatever comes of it: each takes a third of a second to hash its password.
            spend_from(database(), LimitedAct.SIGN_UP, subject=caller_address(), now=now())
            database().commit()
            if claims_admin:
                check_first_admin_code(form.code.data)
            person = _create(form)
            if claims_admin:
                grant(database(), person, PlatformRole.ADMIN, by=person, now=now())
            token = open_sign_in(database(), person, now=now())
            database().commit()
            signing.begin(person, token)
            flash(_("Welcome, %(name)s. Your account is ready.", name=person.name), "success")
            return _redirect_next()
    return render_template("people/person/sign_up.html", form=form, next=_next()), form_status(form)


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
            _count_try(form.email.data)
            with reading(database()):  # hashing takes a while: hold no write lock meanwhile
                person_id = check_credentials(database(), email=form.email.data, password=form.password.data).id
        except LimitReached as error:
            database().rollback()
            refuse(form, error)
        except WrongCredentials as error:
            database().rollback()
            current_app.logger.warning("a sign-in failed from %s", request.remote_addr)
            refuse(form, error)
        else:
            person = database().get_one(Person, person_id)
            token = open_sign_in(database(), person, now=now())
            database().commit()
            signing.begin(person, token)
            return _redirect_next()
    return render_template("people/person/sign_in.html", form=form, next=_next()), form_status(form)


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
    person = member()
    return render_template(
        "people/person/me.html",
        drafts=drafts_of(database(), person),
        journeys=journeys(database(), ideas_of(database(), person)),
        campaigns=managed_campaigns(database(), person),
        deleted=count_deleted_drafts(database(), person, now=now()),
    )


@views.route("/me/profile", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def profile() -> ResponseReturnValue:
    person = member()
    form = ReviseProfileForm(obj=person)
    form.timezone.choices = zone_choices(also=person.timezone, at=now())
    form.locale.choices = locale_choices(site().locales)
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.name}):
            revise_profile(
                database(),
                person,
                name=form.name.data,
                headline=form.headline.data,
                locale=form.locale.data,
                timezone=form.timezone.data,
            )
            database().commit()
            session["locale"] = person.locale
            flash(_("Profile saved."), "success")
            return redirect(url_for("person.profile"), 303)
    return render_template("people/person/profile.html", form=form), form_status(form)


def _count_try(email: str) -> None:
    """Count a try to sign in, whatever comes of it, for all processes and beyond a restart. Raises LimitReached.

    A browser in which this person was signed in is not kept out by tries from other addresses.
    """
    typed = hashlib.sha256(clean_line(email).lower().encode()).hexdigest()[:32]
    spend_from(database(), LimitedAct.SIGN_IN, subject=f"{typed} {caller_address()}"[:80], now=now())
    if not signing.was_here(email):
        spend_from(database(), LimitedAct.SIGN_IN_ANYWHERE, subject=typed, now=now())
        spend_from(database(), LimitedAct.SIGN_IN_FROM, subject=caller_address(), now=now())
    database().commit()


def _create(form: SignUpForm) -> Person:
    return create_account(
        database(),
        email=form.email.data,
        name=form.name.data,
        password=form.password.data,
        rules_accepted=form.rules.data,
        now=now(),
        locale=str(get_locale())[:2],
        timezone=known_zone(form.timezone.data) or site().timezone,
    )


def _next() -> str | None:
    """The page of this site to go to afterwards, if the form or the address names one."""
    return local_address(request.values.get("next"))


def _redirect_next() -> Response:
    return redirect(_next() or url_for("home.show"), 303)
