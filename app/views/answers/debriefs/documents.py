"""The debrief as a file: PDF, and HTML to read offline. And the files that it shows: they are removed here."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.exports.document import as_pdf, stand_alone
from app.extensions import database, limiter
from app.signing.caller import caller_address
from app.views.answers.debriefs.contents import debrief_contents
from app.web.pages.language import gettext as _
from app.web.pages.links import url_for as address_of
from app.web.pages.rendering import translated
from app.web.uploads import uploads
from ideas.answers.debriefs.arranging import FileIsShown, remove_debrief_file
from ideas.answers.debriefs.debrief import Debrief, debrief_of
from ideas.answers.debriefs.quotes import withheld_texts
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.files import File, discard

views = Blueprint("debrief_file", __name__, url_prefix="/campaigns/<int:campaign_id>")

MAX_ASKED = "20 per minute"
# Whoever opens the file from this site: it may show itself, and nothing else.
CONTENT_SECURITY_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@views.get("/debrief.html")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Act.READ)
def page(campaign: Campaign) -> ResponseReturnValue:
    debrief = _published(campaign)
    if debrief is None:
        return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)
    return _file(debrief_document(campaign, debrief).encode(), "text/html; charset=utf-8", campaign, "html")


@views.get("/debrief.pdf")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Act.READ)
def pdf(campaign: Campaign) -> ResponseReturnValue:
    debrief = _published(campaign)
    if debrief is None:
        return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)
    return pdf_file(campaign, debrief)


@views.post("/debrief/blocks/files/<int:debrief_file_id>/remove")
@requires(Act.PUBLISH)
def remove(campaign: Campaign, debrief_file: File) -> ResponseReturnValue:
    """Remove a file that no block shows."""
    name = debrief_file.name
    try:
        stored_as = remove_debrief_file(database(), campaign, debrief_file, by=member(), now=now())
    except FileIsShown as error:
        database().rollback()
        flash(translated(error), "error")
    else:
        database().commit()
        discard(uploads(), stored_as)
        flash(_("The file “%(name)s” is removed.", name=name), "success")
    return redirect(url_for("debrief_block.index", campaign_id=campaign.id, _anchor="files"), 303)


def pdf_file(campaign: Campaign, debrief: Debrief) -> Response:
    """The debrief as PDF, as the reader of this request reads it. Raises NoPdf, PdfNotMade."""
    document = debrief_document(campaign, debrief)
    database().rollback()  # making it takes seconds: hold nothing meanwhile
    return _file(as_pdf(document), "application/pdf", campaign, "pdf")


def debrief_document(campaign: Campaign, debrief: Debrief) -> str:
    """The debrief as one HTML file, as the reader of this request reads it."""
    contents = debrief_contents(campaign, debrief.body, withheld=withheld_texts(database(), campaign))
    shown = {number: file for number, file in contents["files"].items() if file.is_picture}
    actions = [action for one in (*contents["answers"], *contents["merged"]) for action in one.actions]
    for evidence in (one for action in actions for one in action.latest_evidence if one.removed_at is None):
        shown |= {file.small.id: file.small for file in evidence.shown_files if file.small is not None}
    if campaign.portrait is not None and campaign.portrait.removed_at is None:
        shown[campaign.portrait.id] = campaign.portrait
    site = address_of("home.show", _external=True)
    written = render_template(
        "answers/debrief/document.html",
        campaign=campaign,
        debrief=debrief,
        styles=Markup("<style>{}</style>").format(Markup(render_template("answers/debrief/document.css"))),  # noqa: S704 -- ours
        today_is=now().date(),
        address=address_of("debrief.show", campaign_id=campaign.id, _external=True),
        **contents,
    )
    pictures = {number: bytes_ for number, file in shown.items() if (bytes_ := _read(file)) is not None}
    return stand_alone(written, site=site, pictures=pictures)


def _read(file: File) -> tuple[str, bytes] | None:
    content = uploads().read(file.stored_as)
    return None if content is None else (file.media_type, content)


def _published(campaign: Campaign) -> Debrief | None:
    debrief = debrief_of(database(), campaign)
    return debrief if debrief is not None and debrief.published_at is not None else None


def _file(content: bytes, media_type: str, campaign: Campaign, extension: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = media_type
    name = f"debrief-{campaign.id}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return answer
