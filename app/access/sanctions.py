"""Before each view: does a sanction forbid it? Asked at every request, so that one begins and ends at the next."""

import json

from flask import current_app, g, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.access.needs import Need, Platform
from app.access.roles import reader
from app.clock import now
from app.extensions import database
from app.server.logs import shown_path
from app.web.errors import error_page
from app.web.pages.language import gettext
from app.web.pages.rendering import is_fragment, translated
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, visible_campaign
from ideas.people.sanction import Sanction, SanctionKind, refusal_of, sanction_in_force

# What a sanctioned person writes there is kept as a draft, or is deleted: nobody else reads it.
_DRAFTS = frozenset({"idea_draft.new", "idea_draft.save", "idea_draft.discard"})
# Their own data: what they may read and change, whatever the sanction.
_OWN = frozenset({Platform.EVERYONE, Platform.MEMBER})


def sanction_here() -> Sanction | None:
    """The sanction that holds for the reader at this address, or None. Without one anywhere it asks for nothing."""
    person = reader()
    if person is None or not person.is_sanctioned:
        return None
    if "sanction_here" not in g:
        campaign: Campaign | None = g.get("campaign")
        g.sanction_here = sanction_in_force(database(), person, campaign.id if campaign else None, now=now())
    found: Sanction | None = g.sanction_here
    return found


def is_forbidden(need: Need) -> bool:
    """True where the reader's sanction forbids this request."""
    sanction = sanction_here()
    if sanction is None or need in _OWN or request.endpoint in _DRAFTS:
        return False
    reads = request.method in {"GET", "HEAD"}
    if sanction.kind is SanctionKind.SUSPENSION:
        return not reads
    campaign: Campaign | None = g.get("campaign")
    if campaign is None or not reads:
        return True
    shown = need is Act.READ or (need is Act.READ_THEMES and campaign.debriefed_at is not None)
    return not (shown and visible_campaign(database(), campaign.id, None) is not None)


def refuse_sanctioned() -> Response:
    """403 with what is forbidden and until when, and where to read why. What was written stays, or is given back."""
    sanction = sanction_here()
    sentence = translated(refusal_of(sanction)) if sanction is not None else ""
    current_app.logger.warning("refused by a sanction: %s for person %s", shown_path(), getattr(reader(), "id", None))
    if is_fragment():
        answer = current_app.make_response(error_page(403, sentence))
        answer.headers["HX-Reswap"] = "none"
        answer.headers["HX-Trigger"] = json.dumps({"announce": sentence})
        return answer
    why = Markup('{} <a href="{}">{}</a>').format(
        sentence, url_for("sanction.mine"), gettext("Read the reason and how to appeal")
    )
    return current_app.make_response(error_page(403, why))
