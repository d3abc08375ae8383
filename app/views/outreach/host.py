"""Applications of the organisation that tell of answers: their administration, their script, and the way in."""

from dataclasses import asdict

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import Platform, Power, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import csrf, database
from app.forms.accounts.account import ConfirmForm
from app.forms.outreach.host import AddHostForm
from app.signing import signing
from app.signing.entry import Entry, entry_token, read_entry
from app.signing.keys import reading_keys, secret_key
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.language import number, read_by
from app.web.pages.rendering import form_status, translated
from app.web.pages.site import site
from app.web.static_files import STATIC, asset
from ideas.outreach.hosts.entry import EntryRefused, answers_waiting, enterer, may_enter, use_entry
from ideas.outreach.hosts.host import (
    Host,
    OriginInvalid,
    OriginTaken,
    add_host,
    all_hosts,
    remove_host,
    renew_secret,
    secret_of,
)
from ideas.outreach.hosts.identity import TokenRefused, person_named_by
from ideas.people.person import Person

# How long browsers may keep the script, in seconds.
SCRIPT_AGE = 3600

views = Blueprint("host", __name__)


@views.route("/organisation/hosts", methods=["GET", "POST"])
@requires(Platform.ADMIN, power=Power.APPLICATIONS)
def index() -> ResponseReturnValue:
    form = AddHostForm()
    if form.validate_on_submit():
        with show_refusals(form, {OriginInvalid: form.origin, OriginTaken: form.origin}):
            host = add_host(database(), name=form.name.data, origin=form.origin.data, by=member(), now=now())
            database().commit()
            return _page(AddHostForm(formdata=None), made=host)
    return _page(form)


@views.post("/organisation/hosts/<int:host_id>/renew")
@requires(Platform.ADMIN, power=Power.APPLICATIONS)
def renew(host: Host) -> ResponseReturnValue:
    """The page follows at once, without a redirect: it is the only one that shows the secret."""
    renew_secret(database(), host, by=member(), now=now())
    database().commit()
    return _page(AddHostForm(formdata=None), made=host)


@views.post("/organisation/hosts/<int:host_id>/remove")
@requires(Platform.ADMIN, power=Power.APPLICATIONS)
def remove(host: Host) -> ResponseReturnValue:
    remove_host(database(), host, by=member(), now=now())
    database().commit()
    flash(_("Application removed. It is not answered any more."), "success")
    return redirect(url_for("host.index"), 303)


@views.get("/notice.js")
@requires(Platform.EVERYONE)
def script() -> Response:
    """The script for pages of hosts, under an address that stays the same."""
    content = (STATIC / asset("notice.js").rpartition("/")[2]).read_bytes()
    answer = current_app.response_class(content, mimetype="text/javascript")
    answer.headers["Cache-Control"] = f"public, max-age={SCRIPT_AGE}"
    answer.set_etag(asset("notice.js"))
    answer.make_conditional(request)
    return answer


@views.post("/hosts/<int:host_id>/notice")
@requires(Platform.EVERYONE)
def notice(host: Host) -> ResponseReturnValue:
    """What waits for the person whom the host names, for a page of the host alone. 204 where nothing does.

    A POST, so that no address holds the token. It writes nothing, and reads no cookie.
    """
    if request.headers.get("Origin") != host.origin:
        return _for_host(host, jsonify(error=_("This page is not one of the application.")), 422)
    try:
        token = request.form.get("token", "")
        person = person_named_by(database(), host, token, keys=reading_keys(), now=now())
    except TokenRefused as error:
        return _for_host(host, jsonify(error=translated(error)), 422)
    waiting = answers_waiting(database(), person, now=now()) if person is not None else 0
    if person is None or not waiting:
        return _for_host(host, current_app.response_class(), 204)
    with read_by(site().offered(person.locale), person.timezone):
        text = ngettext(
            "%(count)s answer to your ideas", "%(count)s answers to your ideas", waiting, count=number(waiting)
        )
    said = jsonify(text=text, lang=site().offered(person.locale), url=_way_in(host, person))
    return _for_host(host, said, 200)


# Pages of hosts have no token of a form, and send no cookie: the signature of the host stands for both.
csrf.exempt(notice)


@views.route("/arrive/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def arrive(token: str) -> ResponseReturnValue:
    """The page of the link: its button signs in. Programs that only look at links use nothing up."""
    try:
        entry = read_entry(token)
        person = enterer(database(), **asdict(entry), now=now())
    except EntryRefused:
        return _refused()
    if reader() == person:
        return redirect(url_for("notice.index"), 303)
    form = ConfirmForm()
    if form.validate_on_submit():
        return _enter(entry)
    return render_template("outreach/host/arrive.html", form=form, person=person), form_status(form)


def _enter(entry: Entry) -> ResponseReturnValue:
    try:
        person = use_entry(database(), **asdict(entry), now=now())
    except EntryRefused:
        return _refused()
    return signing.enter(person, page=url_for("notice.index"), confirmed=False)


def _refused() -> ResponseReturnValue:
    database().rollback()
    if reader() is not None:
        return redirect(url_for("notice.index"), 303)
    return render_template("outreach/host/refused.html", sentence=translated(EntryRefused())), 410


def _page(form: AddHostForm, made: Host | None = None) -> ResponseReturnValue:
    """The hosts and the form for another one. `made`: the one whose new secret is shown."""
    page = render_template(
        "outreach/host/index.html",
        hosts=all_hosts(database()),
        form=form,
        made=made,
        secret=secret_of(made, key=secret_key()) if made is not None else "",
        script=url_for("host.script", _external=True),
        site_origin=request.host_url.rstrip("/"),
    )
    return page, form_status(form)


def _way_in(host: Host, person: Person) -> str:
    """A link that signs the person in once, or the page behind the sign-in for whoever no host may sign in."""
    if not may_enter(database(), person, now=now()):
        return url_for("notice.index", _external=True)
    return url_for("host.arrive", token=entry_token(host, person, now=now()), _external=True)


def _for_host(host: Host, answer: Response, status: int) -> Response:
    answer.status_code = status
    answer.headers["Access-Control-Allow-Origin"] = host.origin
    answer.headers["Vary"] = "Origin"
    return answer
