"""The debrief: the page that everyone reads, and the page where it is written."""

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import may, member, reader, role
from app.clock import now
from app.database.sqlite import rendering
from app.exports.document import makes_pdf
from app.extensions import database
from app.forms.answers.debrief import PublishDebriefForm, SchedulePublicationForm, WriteDebriefForm
from app.forms.answers.debrief_comment import CloseTalkForm
from app.forms.answers.decision import PromiseAnswersForm
from app.forms.answers.fairness import SayFairForm
from app.forms.contributions.comment import AddCommentForm
from app.views.answers.debriefs.block_contents import named_in
from app.views.answers.debriefs.contents import debrief_contents, text_contents
from app.views.answers.debriefs.debrief_text import quoting_nothing_hidden, written_text
from app.views.answers.talk.section import talk_on_debrief
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.dates import local_input
from app.web.pages.language import gettext as _
from app.web.pages.language import ngettext
from app.web.pages.rendering import form_status, page_or_block, refuse
from ideas.activity.version import ReasonNeeded
from ideas.answers.debriefs.debrief import (
    MAX_BODY_LENGTH,
    NotClosedYet,
    NothingWritten,
    check_figures,
    debrief_of,
    write_debrief,
)
from ideas.answers.debriefs.fairness import count_fairness, said_by
from ideas.answers.debriefs.figures import figures
from ideas.answers.debriefs.quotes import withheld_texts
from ideas.answers.decision import promise_answers, unanswered
from ideas.answers.earlier import published_texts
from ideas.answers.scheduled import ConfirmedOtherwise, confirmed_stamp, publish_as_read, schedule_of
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.people.team import Act, Role
from ideas.errors import DomainError
from ideas.outreach.outbox import outbox_of
from ideas.text import optional
from ideas.themes.placement import count_unplaced
from ideas.themes.runs.proposal import open_proposal

views = Blueprint("debrief", __name__)

_MARKDOWN_CHARACTERS = re.compile(r"[\\`*_{}\[\]<>#|~!&]")
_BLANK_LINES = re.compile(r"\n{3,}")


@views.get("/campaigns/<int:campaign_id>/debrief")
@requires(Act.READ)
def show(campaign: Campaign) -> ResponseReturnValue:
    return debrief_page(campaign)


def debrief_page(
    campaign: Campaign,
    *,
    fair_form: SayFairForm | None = None,
    comment_form: AddCommentForm | None = None,
    closing_form: CloseTalkForm | None = None,
) -> ResponseReturnValue:
    """The page that everyone reads, with the form that is refused: whether it is fair, a comment, or closing them."""
    debrief = debrief_of(database(), campaign)
    if debrief is None or debrief.published_at is None:
        return render_template(
            "answers/debrief/promise.html", campaign=campaign, overdue=campaign.debrief_is_overdue(now())
        )
    person = reader()
    is_asked = person is not None and role() is Role.PARTICIPANT
    asked = fair_form or SayFairForm(formdata=None)
    asked.version.data, asked.version.raw_data = debrief.version, None  # what they read on this page
    page = render_template(
        "answers/debrief/show.html",
        campaign=campaign,
        debrief=debrief,
        changed=debrief.updated_at > debrief.published_at,
        makes_pdf=makes_pdf(),
        fair_form=asked if is_asked else None,
        said=said_by(database(), campaign, person) if is_asked and person is not None else None,
        fairness=count_fairness(database(), campaign) if may(Act.PUBLISH) else None,
        talk=talk_on_debrief(campaign, comment_form, closing_form),
        **debrief_contents(campaign, debrief.body, withheld=withheld_texts(database(), campaign)),
    )
    refused = fair_form or comment_form or closing_form
    return page, form_status(refused) if refused is not None else 200


@views.get("/campaigns/<int:campaign_id>/debrief/versions")
@requires(Act.READ)
def versions(campaign: Campaign) -> ResponseReturnValue:
    """The published text with all that it was before, for everyone."""
    debrief = debrief_of(database(), campaign)
    if debrief is None or debrief.published_at is None:
        return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)
    counted = figures(database(), campaign)
    texts = published_texts(database(), debrief)
    withheld = withheld_texts(database(), campaign)
    shown = {text.number: quoting_nothing_hidden(text.body, withheld) for text in texts}
    bodies = {text.number: written_text(shown[text.number], counted) for text in texts}
    for text in texts:
        bodies[text.number]["moderated"] = shown[text.number] != text.body
    return render_template(
        "answers/debrief/versions.html",
        campaign=campaign,
        texts=texts,
        bodies=bodies,
        **named_in(campaign, [part.block for body in bodies.values() for part in body["parts"]]),
    )


@views.route("/campaigns/<int:campaign_id>/debrief/write", methods=["GET", "POST"])
@requires(Act.PUBLISH)
def write(campaign: Campaign) -> ResponseReturnValue:
    debrief = debrief_of(database(), campaign)
    form = WriteDebriefForm(obj=debrief)
    if form.validate_on_submit():
        with show_refusals(form, {ReasonNeeded: form.change_reason, DomainError: form.body}):
            reason = form.change_reason.data or ""
            write_debrief(
                database(), campaign,
                body=form.body.data, hides_agreement=form.hides_agreement.data,
                by=member(), now=now(), seen=form.seen, change_reason=reason,
            )  # fmt: skip
            database().commit()
            if request.form.get("then") == "publish":
                return redirect(_publish_url(campaign), 303)
            flash(_("Text saved."), "success")
            return redirect(url_for("debrief.write", campaign_id=campaign.id), 303)
    with rendering(database()):
        if not form.is_submitted() and request.args.get("step") == "publish" and _is_draft(campaign):
            return publish_page(campaign)
        return _write_page(campaign, form)


@views.post("/campaigns/<int:campaign_id>/debrief/preview")
@requires(Act.PUBLISH)
def preview(campaign: Campaign) -> ResponseReturnValue:
    form = WriteDebriefForm()
    with rendering(database()):
        try:
            check_figures(optional(form.body.data or "", max_length=MAX_BODY_LENGTH))
        except DomainError as error:
            refuse(form, error, form.body)
        return _write_page(campaign, form, previewed=True)


@views.post("/campaigns/<int:campaign_id>/debrief/promised")
@requires(Act.DECIDE)
def promise(campaign: Campaign) -> ResponseReturnValue:
    """Promise the answers that are missing, each for its day or all for one day."""
    form = PromiseAnswersForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.expected_on}):
            promised = promise_answers(database(), campaign, dates=form.days(), by=member(), now=now())
            database().commit()
            if promised:
                flash(
                    ngettext("Day saved for %(num)s theme.", "Day saved for %(num)s themes.", len(promised)), "success"
                )
            return redirect(_publish_url(campaign), 303)
    with rendering(database()):
        return publish_page(campaign, form)


@views.post("/campaigns/<int:campaign_id>/debrief/publish")
@requires(Act.PUBLISH)
def publish(campaign: Campaign) -> ResponseReturnValue:
    """Publish what was read on the page before; where it changed meanwhile, show that page as it is now."""
    debrief = debrief_of(database(), campaign)
    if debrief is None:
        raise NothingWritten if _may_publish(campaign) else NotClosedYet
    form = PublishDebriefForm()
    try:
        publish_as_read(database(), debrief, seen=form.stamp.data or "", by=member(), now=now())
    except ConfirmedOtherwise as error:
        database().rollback()
        refuse(form, error)
        with rendering(database()):
            return publish_page(campaign, publish_form=form)
    database().commit()
    flash(_("The debrief is published. We are emailing the members who took part."), "success")
    return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)


def _write_page(campaign: Campaign, form: WriteDebriefForm, *, previewed: bool = False) -> ResponseReturnValue:
    """The page where the text is written. For htmx, only its preview."""
    debrief = debrief_of(database(), campaign)
    typed = form.body.data or ""
    # Nothing is rendered of a text that is refused for its length.
    contents = debrief_contents(campaign, typed if len(typed) <= MAX_BODY_LENGTH else "")
    if request.args.get("outline") and not form.body.data:
        form.body.data = _outline(contents)
        contents |= text_contents(campaign, form.body.data, contents["answers"], contents["figures"])
    conflict = None
    if form.changed_meanwhile and debrief is not None:
        by = debrief.written_by.name if debrief.written_by else ""
        conflict = compare(form, {"body": debrief.body}, version=debrief.version, by=by, at=debrief.updated_at)
    return page_or_block(
        "answers/debrief/write.html",
        "preview",
        status=form.http_status,
        campaign=campaign,
        debrief=debrief,
        form=form,
        conflict=conflict,
        previewed=previewed,
        may_publish=_may_publish(campaign),
        schedule=schedule_of(database(), campaign),
        **contents,
    )


def publish_page(
    campaign: Campaign,
    form: PromiseAnswersForm | None = None,
    *,
    schedule_form: SchedulePublicationForm | None = None,
    publish_form: PublishDebriefForm | None = None,
) -> ResponseReturnValue:
    """The page before publishing: what will be public, what is missing, and who will be told what. With the form that
    is refused.
    """
    # First of all: what changes while the page is read is not what it shows, so it can't be confirmed by it.
    stamp = confirmed_stamp(database(), campaign)
    debrief = debrief_of(database(), campaign)
    contents = debrief_contents(campaign, debrief.body if debrief else "")
    missing = {theme.id for theme in unanswered(database(), campaign, by=member(), now=now())}
    unanswered_cards = [answer.card for answer in contents["answers"] if answer.card.theme.id in missing]
    rows = [{"theme": card.theme.id} for card in unanswered_cards]
    # Not while it is open: see app.views.answers.debriefs.outbox.
    outbox = outbox_of(database(), campaign, by=member(), now=now()) if _may_publish(campaign) else None
    schedule = schedule_of(database(), campaign)
    asked = schedule_form or SchedulePublicationForm(
        formdata=None, publish_at=local_input(schedule.publish_at) if schedule else None
    )
    asked.stamp.data, asked.told.data = stamp, outbox.total if outbox else 0  # what this page shows
    asked.told.raw_data, asked.confirmed.data = None, False
    page = render_template(
        "answers/debrief/publish.html",
        schedule=schedule,
        schedule_form=asked,
        stamp=stamp,
        publish_form=publish_form,
        is_confirmed=schedule is not None and schedule.stamp == stamp,
        campaign=campaign,
        debrief=debrief,
        form=form,
        promise_form=form or PromiseAnswersForm(formdata=None, themes=rows),
        missing=unanswered_cards,
        promised=[answer for answer in contents["answers"] if answer.decision and not answer.decision.is_answer],
        proposal=open_proposal(database(), campaign),
        unplaced=count_unplaced(database(), campaign),
        outbox=outbox,
        may_publish=_may_publish(campaign),
        **contents,
    )
    refused = form or schedule_form or publish_form
    return page, form_status(refused) if refused is not None else 200


def _is_draft(campaign: Campaign) -> bool:
    """True where there is a text that is not published yet."""
    debrief = debrief_of(database(), campaign)
    return debrief is not None and debrief.published_at is None


def _may_publish(campaign: Campaign) -> bool:
    return campaign.state(now()) in {State.CLOSED, State.UNDER_REVIEW}


def _publish_url(campaign: Campaign) -> str:
    return url_for("debrief.write", campaign_id=campaign.id, step="publish")


def _outline(contents: dict[str, Any]) -> str:
    """A text to start from, made of the real themes and answers."""
    shown = {name: contents[name] for name in ("answers", "groups", "figures")}
    text = render_template("answers/debrief/outline.md", plain=_plain, **shown)
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


def _plain(text: str) -> str:
    """The text on one line, with Markdown's signs made harmless: it reads as it was written, and is no figure."""
    return _MARKDOWN_CHARACTERS.sub(r"\\\g<0>", " ".join(text.split()))
