"""A person's notices, what they want by mail, and the link in a mail that switches it off."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import csrf, database
from app.forms.outreach.notice import ChooseMailForm
from app.mail.push.keys import public_key
from app.mail.unsubscribe import read_unsubscribe_token
from app.text.notices.follow import followed
from app.text.notices.notice import kind_label, sentence, target
from app.web.errors import show_refusals
from app.web.pages.rendering import form_status
from ideas.accounts.undeliverable import why_undeliverable
from ideas.base import MAX_ID
from ideas.outreach.detail import NoticeDetail, details
from ideas.outreach.limits.hours import (
    Frequency,
    HoursOutOfOrder,
    NoDayChosen,
    QuietOutOfOrder,
    QuietTooLong,
    choose_digest,
    choose_hours,
    choose_quiet,
    chosen_hours,
    digest_of,
    mail_choice,
)
from ideas.outreach.notice import mark_read, notice_page
from ideas.outreach.preference import choose_mail, kinds_by_mail, switch_mail
from ideas.outreach.push.device import devices_of
from ideas.people.person import Person

views = Blueprint("notice", __name__)


@views.get("/me/notices")
@requires(Platform.MEMBER)
def index() -> str:
    page = notice_page(database(), member(), number=request.args.get("page", 1, type=int), now=now())
    shown = details(database(), page.notices)
    return render_template(
        "outreach/notice/index.html",
        page=page, notices=shown, sentence=sentence, address=_address, followed=followed,
    )  # fmt: skip


@views.post("/me/notices/read")
@requires(Platform.MEMBER)
def read() -> ResponseReturnValue:
    """Mark one notice as read, or all up to the newest that the page showed."""
    only, until = (request.form.get(name, type=int) for name in ("notice", "until"))
    if any(number is not None and not 0 < number <= MAX_ID for number in (only, until)):
        abort(404)
    mark_read(database(), member(), now=now(), only=only, until=until)
    database().commit()
    return redirect(url_for("notice.index", page=request.form.get("page", 1, type=int)), 303)


@views.route("/me/notices/preferences", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def preferences() -> ResponseReturnValue:
    person = member()
    choice = mail_choice(database(), person)
    form = ChooseMailForm(
        chosen=kinds_by_mail(database(), person),
        hours=chosen_hours(choice),
        digest=digest_of(database(), person),
        choice=choice,
        zone=person.timezone,
    )
    if form.validate_on_submit():
        beside = {HoursOutOfOrder: form.last_hour, NoDayChosen: form.days}
        with show_refusals(form, {**beside, QuietOutOfOrder: form.quiet_until, QuietTooLong: form.quiet_until}):
            first, last = form.first_hour.data, form.last_hour.data
            choose_hours(database(), person, first=first, last=last, days=form.days.data)
            quiet = {"first": form.quiet_from.data, "last": form.quiet_until.data}
            choose_quiet(database(), person, country=form.chosen_country, learns=form.learns.data, **quiet)
            choose_digest(database(), person, form.digest.data)
            choose_mail(database(), person, wanted=form.kinds.data)
            database().commit()
            flash(_("Your choices are saved."), "success")
            return redirect(url_for("notice.preferences"), 303)
    silent = why_undeliverable(database(), person)
    page = render_template(
        "outreach/notice/preferences.html",
        form=form,
        silent=silent,
        choice=choice,
        devices=devices_of(database(), [person.id]),
        push_key=public_key(current_app.extensions["settings"]),
    )
    return page, form_status(form)


@views.route("/unsubscribe/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def unsubscribe(token: str) -> ResponseReturnValue:
    signed = read_unsubscribe_token(token)
    person = database().get(Person, signed[0]) if signed else None
    if signed is None or person is None:
        abort(404)
    stops = request.form.get("stop") if request.method == "POST" else None
    if request.method == "POST":
        if stops == "all":
            choose_mail(database(), person, wanted=())
        elif signed[1] is not None:
            switch_mail(database(), person, signed[1], on=False)
        if stops == "all" or signed[1] is None:
            choose_digest(database(), person, Frequency.NONE)
        database().commit()
    kind = kind_label(signed[1]) if signed[1] is not None else _("Digest of what is new")
    return render_template(
        "outreach/notice/unsubscribe.html",
        kind=_("All emails that tell you of something") if stops == "all" else kind,
        token=token,
        done=request.method == "POST",
        still=[kind_label(one) for one in kinds_by_mail(database(), person) if one is not signed[1]],
        digest=digest_of(database(), person) if signed[1] is not None else Frequency.NONE,
    )


# Mail programs post there by themselves (RFC 8058) and know no form token: the signature in the link stands for it.
csrf.exempt(unsubscribe)


def _address(notice: NoticeDetail) -> str:
    endpoint, values = target(notice)
    return url_for(endpoint, **values)
