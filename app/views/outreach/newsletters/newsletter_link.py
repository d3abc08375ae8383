"""Where the links of a newsletter lead, counted, and its pictures. Both addresses are signed, and say nothing of who
follows them.
"""

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadData

from app.access.needs import Platform, requires
from app.extensions import database
from app.mail.letters.newsletter import LINK_PURPOSE, PICTURE_PURPOSE, addresses_of
from app.signing.keys import signer
from app.views.organisation.appearance import FOREVER
from app.web.uploads import sent
from ideas.outreach.newsletters.figures import count_click
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.newsletters.pictures import picture_file

views = Blueprint("newsletter_link", __name__)


@views.get("/newsletter-links/<link>")
@requires(Platform.EVERYONE)
def follow(link: str) -> ResponseReturnValue:
    """To an address that the newsletter holds, and to no other: the link names its place there."""
    newsletter_id, place = _read(LINK_PURPOSE, link, length=2)
    newsletter = database().get(Newsletter, newsletter_id)
    addresses = addresses_of(newsletter.body) if newsletter is not None else []
    if newsletter is None or place >= len(addresses):
        abort(404)
    if request.method == "GET":
        count_click(database(), newsletter, place)
        database().commit()
    answer = redirect(addresses[place], 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@views.get("/newsletter-pictures/<picture>")
@requires(Platform.EVERYONE)
def picture(picture: str) -> ResponseReturnValue:
    (number,) = _read(PICTURE_PURPOSE, picture, length=1)
    file = picture_file(database(), number) or abort(404)
    answer = sent(file, etag=file.digest)
    answer.headers["Cache-Control"] = FOREVER
    return answer


def _read(purpose: str, token: str, *, length: int) -> list[int]:
    """The numbers that we signed for this purpose; 404 where we did not."""
    try:
        signed = signer(purpose).loads(token)
    except BadData:
        abort(404)
    numbers: list[int] = signed if isinstance(signed, list) else [signed]
    if len(numbers) != length:
        abort(404)
    return numbers
