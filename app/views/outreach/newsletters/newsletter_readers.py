"""Before a newsletter goes out: who gets it, where everyone in the space sees them by name, and the mail of each."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.mail.letters.letter import Written, read_draft, write_letter
from app.views.outreach.newsletters.newsletter_acts import as_published
from ideas.campaigns.people.team import visible_campaign
from ideas.outreach.newsletters.newsletter import Newsletter, may_propose
from ideas.outreach.newsletters.readers import are_named, is_named_reader, readers_page
from ideas.outreach.notice import NoticeKind
from ideas.people.person import Person
from ideas.search import MAX_SEARCH_LENGTH
from ideas.spaces.space import Space

views = Blueprint(
    "newsletter_readers", __name__, url_prefix="/spaces/<int:space_id>/newsletters/<int:newsletter_id>/readers"
)


@views.get("")
@requires(Platform.MEMBER)
def index(space: Space, newsletter: Newsletter) -> ResponseReturnValue:
    if not _may_read(space, newsletter):
        return redirect(url_for("newsletter.index", space_id=space.id), 303)
    words = request.args.get("who", "")[:MAX_SEARCH_LENGTH].strip()
    number = request.args.get("page", 1, type=int)
    page = readers_page(database(), newsletter, containing=words, number=number, now=now())
    return render_template(
        "outreach/newsletter/readers.html", space=space, newsletter=newsletter, page=page, words=words
    )


@views.get("/<int:person_id>")
@requires(Platform.MEMBER)
def show(space: Space, newsletter: Newsletter, person: Person) -> ResponseReturnValue:
    """The mail of one person, as it will be written; nothing for whoever does not get it."""
    if not _may_read(space, newsletter):
        return redirect(url_for("newsletter.index", space_id=space.id), 303)
    is_reader = is_named_reader(database(), newsletter, person, now=now())
    return render_template(
        "outreach/newsletter/reader.html",
        space=space,
        newsletter=newsletter,
        person=person,
        letter=_letter(newsletter, person) if is_reader else None,
    )


def _letter(newsletter: Newsletter, person: Person) -> Written:
    """Without the campaigns that the person sees and whoever looks here does not."""
    contents = read_draft(database(), as_published(newsletter, now()), NoticeKind.NEWSLETTER, person)
    parts = [
        part
        for part in contents.newsletter
        if not part.campaign_id or visible_campaign(database(), part.campaign_id, member()) is not None
    ]
    return write_letter(replace(contents, newsletter=parts))


def _may_read(space: Space, newsletter: Newsletter) -> bool:
    return may_propose(database(), space, member()) and are_named(newsletter)
