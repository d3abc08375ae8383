"""Save what the form of a campaign says: its texts, its dates, its portrait."""

from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import Field

from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.campaign import WriteCampaignForm, instant_of
from app.pictures.uploads.portrait import portrait_upload
from app.web.pages.dates import local_input
from app.web.pages.language import gettext as _
from app.web.pages.rendering import refuse
from app.web.pages.site import site
from app.web.uploads import uploads
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.health import (
    NotANumberOfSupports,
    set_allows_anonymous,
    set_health,
    set_language,
    set_strict,
    set_supports_each,
)
from ideas.campaigns.kind import CONTESTS, CampaignKind, settle_as
from ideas.campaigns.people.portrait import PortraitGone, keep_waiting, set_portrait, use_waiting, waiting_portrait
from ideas.campaigns.promise import (
    DATES,
    AlreadyClosed,
    CampaignText,
    ClosesBeforeOpening,
    ClosingInThePast,
    DebriefBeforeClosing,
    DebriefInThePast,
    DebriefIsPublished,
    LastsTooLong,
    NotAVideoLink,
    OpeningIsPast,
    start_campaign,
    validation_errors,
    write_campaign,
)
from ideas.contest.contest import start_contest
from ideas.errors import DomainError, EmptyText
from ideas.files import Upload, discard, kept
from ideas.media_type import FileRefused

# The field that a rule is about: its sentence is shown there.
FIELD_OF: dict[type[DomainError], str] = {
    ClosesBeforeOpening: "closes_at",
    LastsTooLong: "closes_at",
    ClosingInThePast: "closes_at",
    AlreadyClosed: "closes_at",
    OpeningIsPast: "opens_at",
    DebriefBeforeClosing: "debrief_due_at",
    DebriefInThePast: "debrief_due_at",
    DebriefIsPublished: "debrief_due_at",
    NotAVideoLink: "owner_video_url",
    NotANumberOfSupports: "supports_each",
    EmptyText: "title",
    ReasonNeeded: "change_reason",
    PortraitGone: "portrait",
    FileRefused: "portrait",
}
WORDS = ("title", "challenge", "brief", "benefit", "motivation", "owner_word", "owner_video_url")

# A portrait that came with the form; the id of one that waits; none.
Portrait = Upload | int | None


def write(form: WriteCampaignForm, campaign: Campaign | None, *, kind: CampaignKind | None = None) -> Campaign | None:
    """Save the form. Returns the campaign, or None where nothing is saved: then the form has all the reasons.

    In a draft, wrong dates do not keep the rest from being saved: the form has their reasons, and the campaign keeps
    the dates that it had. A portrait waits for the form to be sent again.
    `kind`: of a new campaign that starts from a template.
    """
    form.validate()
    instant, text = now(), _text(form)
    if campaign is None or form.seen == campaign.version:  # else the page shows both versions
        for objection in validation_errors(campaign, text=text, now=instant):
            refuse(form, objection, _field_of(form, objection))
    portrait = _portrait(form)
    if form.errors and _all_but_dates_can_be_saved(form, campaign):
        stored: dict[str, Any] = {name: getattr(campaign, name, None) for name in DATES}
        text = replace(text, **stored)
    elif form.errors:
        _keep_waiting(form, portrait, instant)
        return None
    try:
        campaign = _save(form, campaign, text, portrait, instant, kind)
    except DomainError as error:
        database().rollback()
        refuse(form, error, _field_of(form, error))
        _keep_waiting(form, portrait, instant)
        return None
    if form.errors:
        _show_as_saved(form, campaign)
    return campaign


def as_written(campaign: Campaign) -> dict[str, object]:
    """The campaign as its form shows it."""
    words = {name: getattr(campaign, name) for name in WORDS}
    return words | {name: local_input(getattr(campaign, name)) for name in DATES}


def _all_but_dates_can_be_saved(form: WriteCampaignForm, campaign: Campaign | None) -> bool:
    is_draft = campaign is None or campaign.announced_at is None
    return is_draft and set(form.errors) <= set(DATES)


def _save(
    form: WriteCampaignForm,
    campaign: Campaign | None,
    text: CampaignText,
    portrait: Portrait,
    instant: datetime,
    kind: CampaignKind | None,
) -> Campaign:
    """Save in one transaction. Raises DomainError."""
    replaced = None
    with kept(uploads(), portrait.content) if isinstance(portrait, Upload) else nullcontext("") as stored_as:
        if campaign is None:
            campaign = start_campaign(database(), owner=member(), text=text, now=instant)
            if kind is not None:
                settle_as(database(), campaign, kind, by=member(), now=instant)
                if kind in CONTESTS:
                    start_contest(database(), campaign, several_winners=kind is CampaignKind.CONTEST_SEVERAL)
        else:
            reason = form.change_reason.data or ""
            write_campaign(
                database(), campaign,
                text=text, by=member(), now=instant, seen=form.seen, change_reason=reason,
                zone=ZoneInfo(site().timezone),
            )  # fmt: skip
        set_health(database(), campaign, is_health=form.is_health.data, by=member(), now=instant)
        set_strict(database(), campaign, is_strict=form.is_strict.data, by=member(), now=instant)
        set_allows_anonymous(
            database(), campaign, allows_anonymous=form.allows_anonymous.data, by=member(), now=instant
        )
        set_supports_each(database(), campaign, supports_each=form.supports_each.data, by=member(), now=instant)
        set_language(database(), campaign, lang=form.lang.data or None, by=member(), now=instant)
        if isinstance(portrait, Upload):
            replaced = set_portrait(database(), campaign, portrait, stored_as=stored_as, by=member(), now=instant)
        elif portrait is not None:
            replaced = use_waiting(database(), campaign, portrait, by=member(), now=instant)
        database().commit()
    if replaced is not None:
        discard(uploads(), replaced)
    return campaign


def _show_as_saved(form: WriteCampaignForm, campaign: Campaign) -> None:
    """The draft is saved without its dates: sent again, the form changes what is saved now."""
    form.form_errors = [_("The draft is saved, but not its dates. Correct what is marked below, then save again.")]
    form.version.data, form.version.raw_data = campaign.version, None
    form.portrait.data = form.kept_portrait.data = None
    form.kept_portrait.raw_data = None


def _portrait(form: WriteCampaignForm) -> Portrait:
    if not form.portrait.data:
        return form.kept_portrait.data or None
    database().rollback()  # resizing takes a while: hold no write lock meanwhile
    try:
        return portrait_upload(form.portrait.data.stream, form.portrait.data.filename or "")
    except DomainError as error:
        refuse(form, error, form.portrait)
        return None


def _keep_waiting(form: WriteCampaignForm, portrait: Portrait, instant: datetime) -> None:
    """Keep an accepted portrait of a form that was refused. Without room for it, it has to be chosen again."""
    database().rollback()
    file_id = portrait if isinstance(portrait, int) else None
    if isinstance(portrait, Upload):
        with suppress(FileRefused), kept(uploads(), portrait.content) as stored_as:
            file, replaced = keep_waiting(database(), portrait, stored_as=stored_as, by=member(), now=instant)
            file_id = file.id
            database().commit()
            for place in replaced:
                discard(uploads(), place)
    elif file_id is not None and waiting_portrait(database(), file_id, by=member()) is None:
        file_id = None
    form.kept_portrait.data, form.kept_portrait.raw_data = file_id, None


def _text(form: WriteCampaignForm) -> CampaignText:
    words: dict[str, Any] = {name: form[name].data or "" for name in WORDS}
    dates: dict[str, Any] = {name: _date(form[name]) for name in DATES}
    return CampaignText(**words, **dates)


def _date(field: Field) -> datetime | None:
    # Converting a date that the form refuses, such as one in the year 1, could overflow.
    return None if field.errors else instant_of(field)


def _field_of(form: WriteCampaignForm, error: DomainError) -> Field | None:
    name = next((name for kind, name in FIELD_OF.items() if isinstance(error, kind)), None)
    return form[name] if name else None
