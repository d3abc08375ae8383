"""The moderators' queue of a campaign, one object of it, and what they decide."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.moderation.review import AssignForm, DecideForm, DecideTogetherForm
from app.text.moderation import done, suspected
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import filled_of
from ideas.contributions.files.idea_file import files_of
from ideas.contributions.idea import Idea
from ideas.contributions.withheld import ObjectKind, Review, Withheld
from ideas.moderation.acts.reword import rewordings
from ideas.moderation.decide import ReviewAct, decide, decide_together
from ideas.moderation.queue import Filter, QueuePage, count_waiting, look_alikes, next_in_queue, queue_page
from ideas.moderation.report import reports_on
from ideas.moderation.review import (
    SpanNotFound,
    assign,
    history_of,
    is_own,
    moderators,
    object_of,
    review_for,
)
from ideas.moderation.sanctions import may_be_banned, open_appeals
from ideas.people.person import Person, names_of
from ideas.people.sanction import Reason

# The keys of hide, ask, dismiss, restore, next and assign to me: letters of the words on the buttons.
KEYS = {"en": ("h", "a", "d", "r", "n", "m"), "fr": ("m", "d", "c", "r", "s", "a")}
_ACTS = ("hide", "ask", "dismiss", "restore", "next", "mine")

views = Blueprint("review", __name__)


@views.get("/campaigns/<int:campaign_id>/moderation")
@requires(Act.MODERATE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _queue(campaign, DecideTogetherForm(formdata=None))


@views.get("/moderation")
@requires(Platform.ADMIN)
def everywhere() -> ResponseReturnValue:
    """What waits in all campaigns, for administrators."""
    return _queue(None, DecideTogetherForm(formdata=None))


@views.post("/moderation")
@requires(Platform.ADMIN)
def together_everywhere() -> ResponseReturnValue:
    """One act for several objects of any campaign, for one reason."""
    return _decide_together(None)


@views.post("/campaigns/<int:campaign_id>/moderation")
@requires(Act.MODERATE)
def together(campaign: Campaign) -> ResponseReturnValue:
    """One act for several objects, for one reason."""
    return _decide_together(campaign)


def _decide_together(campaign: Campaign | None) -> ResponseReturnValue:
    form = DecideTogetherForm()
    if form.validate_on_submit():
        with show_refusals(form):
            done_for = decide_together(
                database(), campaign, form.reviews.data,
                hides=form.act.data == ReviewAct.HIDE, reason=Reason(form.reason.data or Reason.OTHER),
                by=member(), now=now(),
            )  # fmt: skip
            database().commit()
            flash(ngettext("%(num)s line dealt with.", "%(num)s lines dealt with.", done_for), "success")
            return redirect(_queue_url(campaign), 303)
    return _queue(campaign, form)


@views.get("/campaigns/<int:campaign_id>/moderation/<int:review_id>")
@requires(Act.MODERATE)
def show(campaign: Campaign, review: Review) -> ResponseReturnValue:
    return _page(campaign, review, DecideForm(formdata=None, reason=review.reason))


@views.post("/campaigns/<int:campaign_id>/moderation/<int:review_id>")
@requires(Act.MODERATE)
def act(campaign: Campaign, review: Review) -> ResponseReturnValue:
    form = DecideForm()
    if form.validate_on_submit():
        with show_refusals(form, {SpanNotFound: form.span}):
            reason = Reason(form.reason.data) if form.reason.data else None
            decide(
                database(), review, ReviewAct(form.act.data),
                reason=reason, note=form.note.data, span=form.span.data, also=form.also.data,
                by=member(), now=now(), seen=form.seen.data,
            )  # fmt: skip
            database().commit()
            flash(done(form.act.data, review.object_kind), "success")
            following = next_in_queue(database(), campaign, after=review)
            stays = following is None or form.act.data == ReviewAct.REOPEN
            return redirect(_url(review if stays or following is None else following), 303)
    return _page(campaign, review, form)


@views.post("/campaigns/<int:campaign_id>/moderation/<int:review_id>/assign")
@requires(Act.MODERATE)
def give(campaign: Campaign, review: Review) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    form = AssignForm()
    form.validate_on_submit()
    to = database().get(Person, form.to.data) if form.to.data else None
    assign(database(), review, to=to, by=member(), now=now())
    database().commit()
    flash(_("Assigned to %(name)s.", name=to.name) if to else _("Assigned to nobody."), "success")
    return redirect(_url(review), 303)


@views.post("/campaigns/<int:campaign_id>/ideas/<int:idea_id>/moderate")
@requires(Act.MODERATE)
def of_idea(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """Put an idea into the queue that nobody reported, and open its page."""
    return _found(campaign, idea)


@views.post("/campaigns/<int:campaign_id>/ideas/<int:idea_id>/comments/<int:comment_id>/moderate")
@requires(Act.MODERATE)
def of_comment(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:  # noqa: ARG001 -- named in the address
    return _found(campaign, comment)


@views.post("/campaigns/<int:campaign_id>/debrief/comments/<int:debrief_comment_id>/moderate")
@requires(Act.MODERATE)
def of_debrief_comment(campaign: Campaign, debrief_comment: Comment) -> ResponseReturnValue:
    return _found(campaign, debrief_comment)


@views.app_template_global()
def waiting_for_moderators(campaign: Campaign) -> int:
    """How many objects wait in the queue: beside the tab, for those who see it."""
    return count_waiting(database(), campaign)


def _found(campaign: Campaign, row: Idea | Comment) -> ResponseReturnValue:
    review = review_for(database(), campaign, row, by=member(), now=now())
    database().commit()
    return redirect(_url(review), 303)


def _queue_url(campaign: Campaign | None) -> str:
    return url_for("review.index", campaign_id=campaign.id) if campaign else url_for("review.everywhere")


def _url(review: Review) -> str:
    return url_for("review.show", campaign_id=review.campaign_id, review_id=review.id)


def _asked(campaign: Campaign | None) -> Filter:
    """What the address asks for. A value that is none of the choices asks for nothing."""
    state, kind, reason = (request.args.get(name, "") for name in ("state", "kind", "reason"))
    return Filter(
        campaign=campaign,
        is_open={"done": False, "all": None}.get(state, True),
        kind=ObjectKind(kind) if kind in set(ObjectKind) else None,
        reason=Reason(reason) if reason in set(Reason) else None,
        assignee=member() if request.args.get("mine") else None,
        containing=request.args.get("containing", "")[:200],
    )


def _queue(campaign: Campaign | None, form: DecideTogetherForm) -> ResponseReturnValue:
    asked = _asked(campaign)
    page: QueuePage = queue_page(database(), asked, number=request.args.get("page", 1, type=int))
    body = render_template(
        "moderation/review/index.html",
        campaign=campaign,
        page=page,
        asked=asked,
        filtered=bool(asked.kind or asked.reason or asked.assignee or asked.containing or asked.is_open is not True),
        chosen={name: request.args.get(name, "") for name in ("state", "kind", "reason", "mine", "containing")},
        appeals=open_appeals(database(), campaign),
        form=form,
    )
    return body, form_status(form)


def _page(campaign: Campaign, review: Review, form: DecideForm) -> ResponseReturnValue:
    """One object. A refused form keeps what was written; its `seen` is that of the page that is shown now."""
    row = object_of(database(), review)
    history = history_of(database(), review)
    words: dict[str, Any] = dict(zip(_ACTS, KEYS[get_locale().language], strict=True))
    filled = filled_of(database(), campaign, row.id) if isinstance(row, Idea) else []
    text = row.text if isinstance(row, Idea) else row.body if isinstance(row, Comment) else ""
    files = files_of(database(), [row.id]).get(row.id, []) if isinstance(row, Idea) else []
    text = "\n".join([text, *(one.text for one in filled if one.text), *(one.alternative for one in files)])
    if not form.is_submitted():
        form.span.data = review.span or suspected(text, health=campaign.is_health)
    page = render_template(
        "moderation/review/show.html",
        campaign=campaign,
        review=review,
        row=row,
        filled=filled,
        files=files,
        withheld=getattr(row, "withheld", None),
        withdrawn=row is None or getattr(row, "withdrawn_at", None) is not None,
        reports=reports_on(database(), review),
        history=history,
        names=names_of(database(), {act.actor_id for act in history if act.actor_id}),
        alike=look_alikes(database(), review) if getattr(row, "withheld", None) is None else (),
        team=moderators(database(), campaign),
        may_be_banned=review.author is not None and may_be_banned(database(), campaign, review.author, now=now()),
        own=is_own(database(), review, member()),
        reworded=isinstance(row, Idea | Comment) and bool(rewordings(database(), [row])),
        following=next_in_queue(database(), campaign, after=review),
        form=form,
        keys=words,
        Withheld=Withheld,
    )
    return page, form_status(form)
