"""The journey of newcomers, for administrators: its texts, what one person gets, and whether people come back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.outreach.journey import PreviewJourneyForm, WriteJourneyForm
from app.mail.letters.letter import Written, read_draft, write_letter
from app.settings import LOCALES
from app.text.newcomer import default_text, step_label
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.activity.activity import Activity, Verb
from ideas.organisation.organisation import the_organisation
from ideas.outreach.journey.sending import returns, step_for, steps_of, took_part
from ideas.outreach.journey.step import DAYS, JourneyStep, Step, is_control
from ideas.outreach.journey.text import (
    JourneyText,
    journey_text,
    restore_journey_text,
    switch_journey,
    write_journey_text,
    written_texts,
)
from ideas.outreach.notice import NoticeKind
from ideas.people.person import Person, find_person

views = Blueprint("journey", __name__, url_prefix="/organisation/newcomers")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person gets at a step: the letter in their language. `came`: where they have come to it."""

    days: int
    at: datetime
    step: Step
    came: JourneyStep | None
    letter: Written


@views.get("")
@requires(Platform.ADMIN)
def index() -> str:
    form = PreviewJourneyForm(request.args)
    person = find_person(database(), form.person.data) if form.person.data and form.validate() else None
    return render_template(
        "outreach/journey/index.html",
        since=the_organisation(database()).journey_since,
        steps=list(Step),
        locales=LOCALES,
        written=written_texts(database()),
        step_label=step_label,
        returns=returns(database(), now=now()),
        form=form,
        person=person,
        is_control=person is not None and is_control(person.id),
        previews=_previews(person) if person is not None else [],
    )


@views.post("/switch")
@requires(Platform.ADMIN)
def switch() -> ResponseReturnValue:
    is_on = request.form.get("on") == "yes"
    switch_journey(database(), on=is_on, by=member(), now=now())
    database().commit()
    flash(_("Newcomers get these messages from now on.") if is_on else _("Newcomers get no more messages."), "success")
    return redirect(url_for("journey.index"), 303)


@views.route("/<step>/<locale>", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit(step: str, locale: str) -> ResponseReturnValue:
    if step not in set(Step) or locale not in LOCALES:
        abort(404)
    of, stored = Step(step), journey_text(database(), Step(step), locale)
    shown = _shown(stored, of, locale)
    form = WriteJourneyForm(data=shown | {"version": stored.version if stored is not None else 0})
    if form.validate_on_submit():
        with show_refusals(form):
            texts = {"subject": form.subject.data or "", "body": form.body.data or ""}
            write_journey_text(database(), of, locale, **texts, by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Text saved."), "success")
            return redirect(url_for("journey.index"), 303)
    stored = journey_text(database(), of, locale)
    page = render_template(
        "outreach/journey/edit.html",
        form=form,
        step=of,
        locale=locale,
        label=step_label(of),
        stored=stored,
        conflict=compare(form, _shown(stored, of, locale), version=stored.version if stored is not None else 0),
    )
    return page, form.http_status


@views.post("/<step>/<locale>/restore")
@requires(Platform.ADMIN)
def restore(step: str, locale: str) -> ResponseReturnValue:
    if step not in set(Step) or locale not in LOCALES:
        abort(404)
    stored = journey_text(database(), Step(step), locale)
    if stored is not None:
        restore_journey_text(database(), stored, by=member(), now=now())
        database().commit()
        flash(_("The product’s own text is used again."), "success")
    return redirect(url_for("journey.index"), 303)


def _shown(stored: JourneyText | None, step: Step, locale: str) -> dict[str, str]:
    """What the form holds: what the organisation wrote, or the product's own text in that language."""
    if stored is not None:
        return {"subject": stored.subject, "body": stored.body}
    with force_locale(locale):
        subject, body = default_text(step)
    return {"subject": subject, "body": body}


def _previews(person: Person) -> list[Preview]:
    """What this person gets at each step, if they go on as until now; what they got, where they have come to it."""
    came = steps_of(database(), person)
    found = []
    for days, (_active, _inactive, lately) in DAYS.items():
        row = came.get(days)
        active = took_part(database(), [person.id], since=now() - lately)
        step = row.step if row is not None else step_for(days, is_active=bool(active))
        act = Activity(
            at=now(),
            verb=Verb.INVITED,
            object_kind="journey_step",
            object_id=person.id,
            reason="",
            after={"step": step.value},
        )
        letter = write_letter(read_draft(database(), act, NoticeKind.NEWCOMER, person))
        found.append(Preview(days, person.created_at + timedelta(days=days), step, row, letter))
    return found
