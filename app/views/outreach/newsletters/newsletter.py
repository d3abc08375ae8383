"""Newsletters of a space: written, tried on oneself, proposed, approved by the referent, paused and stopped."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.outreach.newsletter import (
    NameReferentForm,
    RefuseNewsletterForm,
    WriteNewsletterForm,
    stored_text,
)
from app.mail.letters.newsletter import addresses_of, figure_words, told_parts
from app.pictures.uploads.redraw import NotAPicture, PictureTooLarge, accept
from app.views.outreach.newsletters.newsletter_acts import ACTS
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, page_or_block, translated
from app.web.uploads import uploads
from ideas.campaigns.audience import campaigns_of_space
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.errors import DomainError
from ideas.files import kept
from ideas.media_type import FileRefused
from ideas.outreach.newsletters.blocks import OF_CAMPAIGN, check_parts, picture_token, token_of
from ideas.outreach.newsletters.figures import aftermath
from ideas.outreach.newsletters.newsletter import (
    MAX_BODY_LENGTH,
    Newsletter,
    ReferentNotInSpace,
    RefusalReasonNeeded,
    SubjectOfGroupMissing,
    change_newsletter,
    is_referent,
    may_propose,
    name_referent,
    newsletters_of,
    referent_of,
    refuse_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.overlap import others_about
from ideas.outreach.newsletters.pictures import add_picture
from ideas.outreach.newsletters.readers import are_named, forecast, got_it, may_read, outcome
from ideas.people.person import find_person
from ideas.spaces.membership import membership_of
from ideas.spaces.segment import attributes
from ideas.spaces.space import Space, SpaceKind
from ideas.text import optional
from ideas.themes.theme import Theme

MAX_CAMPAIGNS = 30
MAX_THEMES = 200

views = Blueprint("newsletter", __name__, url_prefix="/spaces/<int:space_id>/newsletters")


@views.get("")
@requires(Platform.MEMBER)
def index(space: Space) -> ResponseReturnValue:
    return _index(space, NameReferentForm(formdata=None))


@views.post("/referent")
@requires(Platform.ADMIN)
def referent(space: Space) -> ResponseReturnValue:
    """Name who approves the newsletters of the space; nobody, where the address is left empty."""
    form = NameReferentForm()
    if form.validate_on_submit():
        with show_refusals(form, {ReferentNotInSpace: form.email}):
            person = find_person(database(), form.email.data) if form.email.data else None
            if form.email.data and person is None:
                raise ReferentNotInSpace
            name_referent(database(), space, person, by=member(), now=now())
            database().commit()
            flash(_("The referent is saved."), "success")
            return redirect(url_for("newsletter.index", space_id=space.id), 303)
    return _index(space, form)


@views.route("/new", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def new(space: Space) -> ResponseReturnValue:
    if not may_propose(database(), space, member()):
        return _to_space(space)
    form = _form(space, None)
    if form.validate_on_submit() and (saved := _save(space, None, form)) is not None:
        return _to(saved)
    return _write_page(space, None, form)


@views.post("/preview")
@requires(Platform.MEMBER)
def preview(space: Space) -> ResponseReturnValue:
    """What is being written, as its author would read it. Nothing is kept."""
    if not may_propose(database(), space, member()):
        return _to_space(space)
    form = _form(space, None)
    with show_refusals(form, {DomainError: form.body}):
        check_parts(optional(form.body.data or "", max_length=MAX_BODY_LENGTH))
    return _write_page(space, None, form)


@views.route("/<int:newsletter_id>/edit", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def edit(space: Space, newsletter: Newsletter) -> ResponseReturnValue:
    if not may_propose(database(), space, member()):
        return _to_space(space)
    if request.method != "POST" and not newsletter.is_draft:
        return _to(newsletter)
    form = _form(space, newsletter)
    if form.validate_on_submit() and (saved := _save(space, newsletter, form)) is not None:
        return _to(saved)
    return _write_page(space, newsletter, form)


@views.get("/<int:newsletter_id>")
@requires(Platform.MEMBER)
def show(space: Space, newsletter: Newsletter) -> ResponseReturnValue:
    return _page(space, newsletter, RefuseNewsletterForm(formdata=None))


@views.post("/<int:newsletter_id>/refuse")
@requires(Platform.MEMBER)
def refuse(space: Space, newsletter: Newsletter) -> ResponseReturnValue:
    if not is_referent(database(), space, member()):
        return _to_space(space)
    form = RefuseNewsletterForm()
    if form.validate_on_submit():
        with show_refusals(form, {RefusalReasonNeeded: form.reason}):
            refuse_newsletter(database(), newsletter, reason=form.reason.data or "", by=member(), now=now())
            database().commit()
            flash(_("The author reads what is to be changed."), "success")
            return _to(newsletter)
    return _page(space, newsletter, form)


@views.post("/<int:newsletter_id>/act")
@requires(Platform.MEMBER)
def act(space: Space, newsletter: Newsletter) -> ResponseReturnValue:
    """Try it, propose it, approve it, pause it, go on with it, or stop it: what the button says."""
    name = request.form.get("act", "")
    if name not in ACTS or not may_propose(database(), space, member()):
        return _to_space(space)
    try:
        done = ACTS[name](database(), newsletter, member(), now())
        database().commit()
        flash(done, "success")
    except DomainError as error:
        database().rollback()
        flash(translated(error), "warning")
    return redirect(url_for("newsletter.show", space_id=space.id, newsletter_id=newsletter.id), 303)


def _index(space: Space, form: NameReferentForm) -> ResponseReturnValue:
    person = member()
    proposes = may_propose(database(), space, person)
    mine = membership_of(database(), space, person)
    if not proposes and (mine is None or not mine.is_in):
        return _to_space(space)
    page = render_template(
        "outreach/newsletter/index.html",
        space=space,
        newsletters=newsletters_of(database(), space, drafts=proposes),
        proposes=proposes,
        referent=referent_of(database(), space),
        form=form,
    )
    return page, form_status(form)


def _page(space: Space, newsletter: Newsletter, form: RefuseNewsletterForm) -> ResponseReturnValue:
    """For who may propose one, with what becomes of it; for whoever got it, its text."""
    person, instant = member(), now()
    proposes = may_propose(database(), space, person)
    notice = got_it(database(), newsletter, person)
    if not proposes and not may_read(database(), newsletter, person, got=notice is not None):
        return _to_space(space)
    known: dict[str, Any] = {"others": others_about(database(), newsletter, now=instant) if proposes else []}
    if proposes:
        try:
            known["expected"] = forecast(database(), newsletter, now=instant) if newsletter.begun_at is None else None
        except DomainError as error:
            known["too_few"] = error
        if newsletter.begun_at is not None:
            known["outcome"] = outcome(database(), newsletter)
            known["aftermath"] = aftermath(database(), newsletter)
            known["addresses"] = addresses_of(newsletter.body)
    page = render_template(
        "outreach/newsletter/show.html",
        space=space,
        newsletter=newsletter,
        parts=told_parts(database(), newsletter.body, person, space_id=space.id, now=instant),
        figure_words=figure_words,
        proposes=proposes,
        named=proposes and are_named(newsletter),
        approves=proposes and is_referent(database(), space, person),
        referent=referent_of(database(), space) if proposes else None,
        form=form,
        unread=notice.id if notice is not None and notice.read_at is None else None,
        **known,
    )
    return page, form_status(form)


def _write_page(space: Space, newsletter: Newsletter | None, form: WriteNewsletterForm) -> ResponseReturnValue:
    conflict = None
    if newsletter is not None:
        conflict = compare(form, stored_text(newsletter), version=newsletter.version)
    typed = form.body.data or ""
    # Nothing is rendered of a text that is refused for its length.
    shown = typed if len(typed) <= MAX_BODY_LENGTH else ""
    return page_or_block(
        "outreach/newsletter/write.html",
        "preview",
        status=form.http_status,
        space=space,
        newsletter=newsletter,
        form=form,
        conflict=conflict,
        campaigns=_campaigns(space),
        kinds=OF_CAMPAIGN,
        token_of=token_of,
        parts=told_parts(database(), shown, member(), space_id=space.id, now=now()),
        figure_words=figure_words,
    )


def _save(space: Space, newsletter: Newsletter | None, form: WriteNewsletterForm) -> Newsletter | None:
    """Write the draft, with the picture that came with it at its end. None where it is refused: the form says why."""
    sent, words = form.file.data, form.picture_words.data or ""
    text, by = form.text(), member()
    database().rollback()  # drawing a picture takes a while: hold no write lock meanwhile
    about = {SubjectOfGroupMissing: form.theme_id, FileRefused: form.file, NotAPicture: form.file}
    with show_refusals(form, {**about, PictureTooLarge: form.file}):
        upload = accept(sent.stream.read(), sent.filename or "") if sent else None
        with kept(uploads(), upload.content) if upload else nullcontext("") as stored_as:
            if upload is not None:
                file = add_picture(database(), space, upload, stored_as=stored_as, by=by, now=now())
                text = replace(text, body=f"{text.body}\n\n{picture_token(file.id, words)}")
            if newsletter is None:
                newsletter = write_newsletter(database(), space, text=text, by=by, now=now())
            else:
                change_newsletter(database(), newsletter, text=text, by=by, now=now(), seen=form.seen)
            database().commit()
        flash(_("Newsletter saved. Nobody has been told yet."), "success")
        return newsletter
    return None


def _form(space: Space, newsletter: Newsletter | None) -> WriteNewsletterForm:
    campaigns = _campaigns(space)
    by_id = {campaign.id: campaign for campaign in campaigns}
    shown = Theme.campaign_id.in_(list(by_id)) & Theme.retired_at.is_(None)
    themes = database().scalars(select(Theme).where(shown).order_by(Theme.campaign_id.desc(), Theme.id))
    return WriteNewsletterForm(
        space,
        newsletter,
        attributes=attributes(database()),
        campaigns=campaigns,
        themes=[(by_id[theme.campaign_id], theme) for theme in themes],
    )


def _campaigns(space: Space) -> Sequence[Campaign]:
    """The campaigns that a newsletter can tell of: those of the space; in a public one, all that the author sees."""
    if space.kind is not SpaceKind.PUBLIC:
        return campaigns_of_space(database(), space, member())
    seen = select(Campaign).where(campaign_visible_to(member()), Campaign.announced_at.is_not(None))
    return (
        database().scalars(seen.order_by(Campaign.announced_at.desc(), Campaign.id.desc()).limit(MAX_CAMPAIGNS)).all()
    )


def _to(newsletter: Newsletter) -> ResponseReturnValue:
    return redirect(url_for("newsletter.show", space_id=newsletter.space_id, newsletter_id=newsletter.id), 303)


def _to_space(space: Space) -> ResponseReturnValue:
    return redirect(url_for("space.show", space_id=space.id), 303)
