"""A person's notices, what they want by mail, and the link in a mail that switches it off."""

from http import HTTPStatus

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import csrf, database
from app.forms.outreach.notice import ChooseMailForm
from app.mail.letters.digest import preview_digest
from app.mail.push.keys import public_key
from app.mail.unsubscribe import WayOut, read_unsubscribe_token
from app.text.notices.follow import followed
from app.text.notices.notice import kind_label, sentence, target
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, inner
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
from ideas.outreach.newsletters.figures import count_unsubscribed
from ideas.outreach.notice import mark_read, notice_page
from ideas.outreach.preference import (
    OF_SPACES,
    choose_mail,
    kinds_by_mail,
    spaces_by_mail,
    switch_mail,
    switch_space,
)
from ideas.outreach.push.device import devices_of
from ideas.people.person import Person
from ideas.spaces.space import Space

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
    """Mark one notice as read, or all up to the newest that the page showed. A page that tells what a notice tells does
    so by itself.
    """
    only, until = (request.form.get(name, type=int) for name in ("notice", "until"))
    if any(number is not None and not 0 < number <= MAX_ID for number in (only, until)):
        abort(404)
    mark_read(database(), member(), now=now(), only=only, until=until)
    database().commit()
    if "HX-Request" in request.headers:
        return "", HTTPStatus.NO_CONTENT
    return redirect(url_for("notice.index", page=request.form.get("page", 1, type=int)), 303)


@views.route("/me/notices/preferences", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def preferences() -> ResponseReturnValue:
    person = member()
    choice = mail_choice(database(), person)
    spaces = spaces_by_mail(database(), person)
    form = ChooseMailForm(
        chosen=kinds_by_mail(database(), person),
        hours=chosen_hours(choice),
        digest=digest_of(database(), person),
        choice=choice,
        zone=person.timezone,
        spaces=spaces,
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
            for space, _on in spaces:
                switch_space(database(), person, space, on=space.id in form.spaces.data)
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


@views.get("/me/notices/digest")
@requires(Platform.MEMBER)
def digest() -> str:
    """One's own digest, as it would be written now."""
    letter = preview_digest(database(), member(), now=now())
    return render_template("outreach/notice/digest.html", letter=letter)


@views.post("/spaces/<int:space_id>/emails")
@requires(Platform.MEMBER)
def of_space(space: Space) -> ResponseReturnValue:
    """Stop the newsletters and workshops of one space, or get them again."""
    on = bool(request.form.get("on"))
    switch_space(database(), member(), space, on=on)
    database().commit()
    flash(_("Emails of this space come again.") if on else _("Emails of this space are stopped."), "success")
    return redirect(url_for("space.show", space_id=space.id), 303)


@views.route("/unsubscribe/<token>", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def unsubscribe(token: str) -> ResponseReturnValue:
    """What a link in a mail stops: the mails of its space or of its kind, or all of them."""
    way_out = read_unsubscribe_token(token)
    person = database().get(Person, way_out.person_id) if way_out else None
    if way_out is None or person is None:
        abort(404)
    space = database().get(Space, way_out.space_id) if way_out.space_id is not None else None
    stops = request.form.get("stop") if request.method == "POST" else None
    if request.method == "POST":
        _stop(person, way_out, space, stops)
        database().commit()
    kind = kind_label(way_out.kind) if way_out.kind is not None else _("Digest of what is new")
    of_space = _("Newsletters and workshops of the space “%(space)s”", space=inner(space.name)) if space else ""
    everything = _("All emails that tell you of something")
    still = kinds_by_mail(database(), person)
    return render_template(
        "outreach/notice/unsubscribe.html",
        subject={"all": everything, "kind": kind}.get(stops or "", of_space or kind),
        kind=kind,
        of_space=of_space,
        token=token,
        done=request.method == "POST",
        still=[kind_label(one) for one in still if one is not way_out.kind or (space is not None and stops is None)],
        spaces=_spaces_still(person, space) if any(one in OF_SPACES for one in still) else ([], []),
        digest=digest_of(database(), person) if way_out.kind is not None else Frequency.NONE,
    )


def _stop(person: Person, way_out: WayOut, space: Space | None, stops: str | None) -> None:
    """Switch off what was asked for, and count who left after a newsletter."""
    if stops == "all":
        choose_mail(database(), person, wanted=())
        choose_digest(database(), person, Frequency.NONE)
        changed = True
    elif space is not None and stops != "kind":
        changed = switch_space(database(), person, space, on=False)
    elif way_out.kind is not None:
        changed = way_out.kind in kinds_by_mail(database(), person)
        switch_mail(database(), person, way_out.kind, on=False)
    else:
        changed = False
        choose_digest(database(), person, Frequency.NONE)
    if changed and way_out.newsletter_id is not None:
        count_unsubscribed(database(), way_out.newsletter_id)


def _spaces_still(person: Person, space: Space | None) -> tuple[list[str], list[str]]:
    """The names of the spaces whose mails come, and of those whose do not; without the one that the link is of."""
    found = [(one.name, on) for one, on in spaces_by_mail(database(), person) if one is not space]
    return [name for name, on in found if on], [name for name, on in found if not on]


# Mail programs post there by themselves (RFC 8058) and know no form token: the signature in the link stands for it.
csrf.exempt(unsubscribe)


def _address(notice: NoticeDetail) -> str:
    endpoint, values = target(notice)
    return url_for(endpoint, **values)
