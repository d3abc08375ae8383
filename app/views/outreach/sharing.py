"""Making a campaign known: its link, a code for phones, a poster to print, and its dates for calendars."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from itsdangerous import BadData

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.pictures.code import code_file, inline_code
from app.signing.keys import signer
from app.text.calendar import calendar_file
from app.text.peoples_text import language_of
from app.views.outreach.feed import feed_address, is_public
from app.web.pages.language import gettext as _
from app.web.pages.language import language, read_by
from app.web.pages.site import site
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.campaigns.phases.phase import PhaseAct
from ideas.outreach.calendar import campaigns_of, dates_of, renew_calendar
from ideas.people.person import Person
from ideas.spaces.workshops.coming import workshops_with

# A signature for this purpose is worth nothing for another.
_PURPOSE = "calendar"

views = Blueprint("sharing", __name__)


@views.get("/campaigns/<int:campaign_id>/share")
@requires(Act.READ)
def show(campaign: Campaign) -> str:
    return render_template(
        "outreach/sharing/show.html",
        campaign=campaign,
        address=_address(campaign),
        code=inline_code(_address(campaign)),
        feed=feed_address(campaign),
        feed_is_public=is_public(campaign),
    )


@views.get("/campaigns/<int:campaign_id>/kit")
@requires(Act.READ)
def kit(campaign: Campaign) -> str:
    """What a member needs to bring others in. It sends nothing, and keeps no address."""
    return render_template(
        "outreach/sharing/kit.html",
        campaign=campaign,
        words=_invitation(campaign),
        address=_address(campaign),
        code=inline_code(_address(campaign)),
        writes=campaign.takes(PhaseAct.WRITE, now()),
    )


def _invitation(campaign: Campaign) -> str:
    """The words to invite somebody, all in the language of the campaign's question."""
    question = campaign.challenge or campaign.title
    with force_locale(site().offered(language_of(campaign) or language())):
        ask = _("I am taking part, and I think of you. It takes five minutes:")
    return f"{question}\n\n{ask}\n{_address(campaign)}"


@views.get("/campaigns/<int:campaign_id>/poster")
@requires(Act.READ)
def poster(campaign: Campaign) -> str:
    return render_template(
        "outreach/sharing/poster.html",
        campaign=campaign,
        address=_address(campaign),
        code=inline_code(_address(campaign)),
    )


@views.get("/campaigns/<int:campaign_id>/code.svg")
@requires(Act.READ)
def code(campaign: Campaign) -> Response:
    """The code as a picture, for other posters and slides."""
    answer = current_app.response_class(code_file(_address(campaign)), mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="campaign-{campaign.id}.svg"'
    return answer


@views.get("/campaigns/<int:campaign_id>/calendar.ics")
@requires(Act.READ)
def dates(campaign: Campaign) -> Response:
    return _calendar(calendar_file(dates_of([campaign]), name=campaign.title))


@views.get("/me/calendar")
@requires(Platform.MEMBER)
def mine() -> str:
    """The dates of one's campaigns and workshops, and the address that a calendar program reads without signing in."""
    campaigns = campaigns_of(database(), member(), now=now())
    return render_template(
        "outreach/sharing/calendar.html",
        dates=sorted(dates_of(campaigns), key=lambda date: date.at),
        workshops=workshops_with(database(), member()),
        address=url_for("sharing.signed", calendar=calendar_token(member()), _external=True),
    )


@views.post("/me/calendar")
@requires(Platform.MEMBER)
def renew() -> ResponseReturnValue:
    """Give one's calendar another address: whoever has the earlier one reads nothing more."""
    renew_calendar(member())
    database().commit()
    flash(_("Your calendar has a new address. Give it to your calendar program: the earlier one has ended."), "success")
    return redirect(url_for("sharing.mine"), 303)


@views.get("/calendar/<calendar>.ics")
@requires(Platform.EVERYONE)
def signed(calendar: str) -> Response:
    """Whoever has the link reads the dates of one person's campaigns and workshops. It ends with the next link, or the
    account.
    """
    try:
        token = signer(_PURPOSE).loads(calendar)
    except BadData:
        abort(404)
    # A link made before links had numbers names the person alone.
    person_id, number = token if isinstance(token, list) else (token, 0)
    person = database().get(Person, person_id)
    if person is None or person.erased_at is not None or person.calendar_number != number:
        abort(404)
    with read_by(person.locale, person.timezone):
        name = _("My campaigns on %(site)s", site=site().name)
        dates = dates_of(campaigns_of(database(), person, now=now()))
        return _calendar(calendar_file(dates, workshops_with(database(), person), name=name))


def calendar_token(person: Person) -> str:
    """The token of the link to a person's calendar."""
    return str(signer(_PURPOSE).dumps([person.id, person.calendar_number]))


def _address(campaign: Campaign) -> str:
    return url_for("campaign.show", campaign_id=campaign.id, _external=True)


def _calendar(content: bytes) -> Response:
    return current_app.response_class(content, mimetype="text/calendar")
