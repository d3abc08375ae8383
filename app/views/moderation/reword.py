"""A moderator changes the words of an idea or a comment, or gives the earlier ones back; takes a file off an idea."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.fields import PREFIX, controls
from app.forms.moderation.places import sent_places, with_places
from app.forms.moderation.reword import RewordCommentForm, RewordIdeaForm, TakeFileOffForm
from app.text.moderation import suspected
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.uploads import uploads
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import fields_of
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import filled_of, places_of
from ideas.contributions.files.idea_file import IdeaFile
from ideas.contributions.idea import Idea
from ideas.contributions.withheld import Review
from ideas.errors import EmptyText
from ideas.files import discard
from ideas.moderation.acts.reword import SameText, restore_words, reword
from ideas.moderation.acts.take_off import take_file_off
from ideas.moderation.report import OwnText
from ideas.moderation.review import Gone, NothingToHide, is_own, object_of
from ideas.people.person import Person
from ideas.people.sanction import Reason

views = Blueprint("reword", __name__, url_prefix="/campaigns/<int:campaign_id>/moderation/<int:review_id>/reword")


@views.route("", methods=["GET", "POST"])
@requires(Act.MODERATE)
def write(campaign: Campaign, review: Review) -> ResponseReturnValue:
    row = _text_of(review)
    form = _form(campaign, row)
    if not form.is_submitted():
        form.review_version.data, form.reason.data = review.version, review.reason or ""
    if form.validate_on_submit():
        with show_refusals(form, {SameText: form.body, EmptyText: form.body}):
            reword(
                database(), review,
                title=form.title.data if isinstance(form, RewordIdeaForm) else "", body=form.body.data,
                places=sent_places(form), reason=Reason(form.reason.data), note=form.note.data,
                by=member(), now=now(), seen=form.review_version.data, seen_text=form.seen,
            )  # fmt: skip
            database().commit()
            flash(_("Text reworded and published. Its author is told, and can compare both texts."), "success")
            return _to(review)
    return _page(campaign, review, row, form)


@views.post("/undo")
@requires(Act.MODERATE)
def undo(campaign: Campaign, review: Review) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    restore_words(database(), review, by=member(), now=now())
    database().commit()
    flash(_("The author’s words are back. The author is told."), "success")
    return _to(review)


@views.route("/files/<int:idea_file_id>", methods=["GET", "POST"])
@requires(Act.MODERATE)
def take_off(campaign: Campaign, review: Review, idea_file: IdeaFile) -> ResponseReturnValue:
    form = TakeFileOffForm(obj=_text_of(review))
    if not form.is_submitted():
        form.review_version.data, form.reason.data = review.version, review.reason or ""
    if form.validate_on_submit():
        with show_refusals(form):
            places = take_file_off(
                database(), review, idea_file.file_id,
                reason=Reason(form.reason.data), note=form.note.data,
                by=member(), now=now(), seen=form.review_version.data, seen_text=form.seen,
            )  # fmt: skip
            database().commit()
            for stored_as in places:
                discard(uploads(), stored_as)
            flash(_("File taken off. The author is told."), "success")
            return _to(review)
    page = render_template(
        "moderation/reword/take_off.html", campaign=campaign, review=review, one=idea_file, form=form
    )
    return page, form.http_status


def _text_of(review: Review) -> Idea | Comment:
    """The idea or the comment, which somebody else wrote. Raises NothingToHide, Gone, OwnText."""
    row = object_of(database(), review)
    if isinstance(row, Person):
        raise NothingToHide
    if row is None or row.withdrawn_at is not None:
        raise Gone
    if is_own(database(), review, member()):
        raise OwnText
    return row


def _form(campaign: Campaign, row: Idea | Comment) -> RewordIdeaForm | RewordCommentForm:
    if isinstance(row, Comment):
        return RewordCommentForm(obj=row)
    return with_places(RewordIdeaForm, row, fields_of(database(), campaign), places_of(database(), row.id))


def _page(
    campaign: Campaign, review: Review, row: Idea | Comment, form: RewordIdeaForm | RewordCommentForm
) -> ResponseReturnValue:
    """A refused form keeps what was written."""
    saved = {"title": row.title, "body": row.body} if isinstance(row, Idea) else {"body": row.body}
    places = places_of(database(), row.id) if isinstance(row, Idea) else {}
    saved |= {f"{PREFIX}{key}": place for key, place in places.items()}
    page = render_template(
        "moderation/reword/write.html",
        campaign=campaign,
        review=review,
        row=row,
        marked=review.span or suspected("\n".join([row.body, *places.values()]), health=campaign.is_health),
        filled=filled_of(database(), campaign, row.id) if isinstance(row, Idea) else (),
        controls=controls(form),
        form=form,
        conflict=compare(form, saved, version=row.version),
    )
    return page, form.http_status


def _to(review: Review) -> ResponseReturnValue:
    return redirect(url_for("review.show", campaign_id=review.campaign_id, review_id=review.id), 303)
