"""Before each view: does the caller meet the need of the route? If not, the sign-in page, 403 or 404."""

import json
from http import HTTPStatus

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.wrappers import Response

from app.access.confirming import ask_to_confirm
from app.access.needs import Need, Platform, declared_needs, declared_powers
from app.access.roles import is_admin, may, moderates_space, opens_campaigns
from app.access.sanctions import is_forbidden, refuse_sanctioned, sanction_here
from app.extensions import database
from app.server.logs import shown_path
from app.signing import signing
from app.web.errors import error_page, posts_text, send_again_page
from app.web.pages.language import gettext
from app.web.pages.rendering import is_fragment, translated
from app.web.pages.site import site
from ideas.campaigns.people.team import Act
from ideas.campaigns.promise import NotACampaignAuthor
from ideas.organisation.organisation import the_organisation

# What an administrator who still owes a code may use.
WITHOUT_CODE = frozenset(
    {"second_factor.edit", "legal_document.accept", "verification.show", "person.profile", "password.change"}
    | {"session.index", "session.end", "session.end_others", "confirmation.show"}
)
# Whoever is not signed in meets these, or is answered as anyone else is.
NO_SIGN_IN: set[Need] = {Platform.EVERYONE, Act.READ, Act.READ_THEMES}
# Of the pages for everyone, those where members begin.
LISTS_FOR_EVERYONE = frozenset({"campaign.index", "search.show"})


def init_app(app: Flask) -> None:
    """Enforce the needs. Call it once all routes are registered. Raises UndeclaredNeedError."""
    app.extensions["needs"] = declared_needs(app)
    app.extensions["powers"] = declared_powers(app)
    app.jinja_env.globals.update(sanction_here=sanction_here)
    app.register_error_handler(CSRFError, _token_missing)
    app.before_request(_enforce)
    app.after_request(_hide_from_search_engines)


def _enforce() -> Response | None:
    if request.endpoint is None:
        return None  # no such address: the 404 page follows
    if _lacks_sign_in():
        return ask_to_sign_in()
    need = _need()
    if is_forbidden(need):
        return refuse_sanctioned()
    if not _is_met(need):
        return _refuse(need)
    if _rules_have_changed():
        return _ask_to_accept_rules()
    return _ask_to_set_up_code() if _owes_code() else ask_to_confirm()


# Whoever does not accept the new rules may still take their data with them, and leave.
WITHOUT_RULES = frozenset(
    {"legal_document.accept", "my_data.show", "my_data.download", "erasure.ask", "confirmation.show"}
)


def _need() -> Need:
    needs: dict[str, Need] = current_app.extensions["needs"]
    return needs[request.endpoint or ""]


def _rules_have_changed() -> bool:
    """True where a member reads a page, and the rules changed in substance since they accepted them.

    What is sent is taken: whoever wrote it had accepted the rules of that time, and nothing written is lost. The page
    that follows asks. Pages that are for everyone ask nothing, but for
    the lists where members begin.
    """
    asks = _need() is not Platform.EVERYONE or request.endpoint in LISTS_FOR_EVERYONE
    reads = request.method in {"GET", "HEAD"} and asks
    return (
        reads
        and request.endpoint not in WITHOUT_RULES
        and current_user.is_authenticated
        and current_user.accepted_rules < site().rules_from
    )


def _ask_to_accept_rules() -> Response:
    """Redirect to the page that shows what changed, and back here afterwards."""
    if "HX-Request" in request.headers:
        address = url_for("legal_document.accept")
        return current_app.response_class(status=409, headers={"HX-Redirect": address})
    return redirect(url_for("legal_document.accept", next=request.full_path.removesuffix("?")), code=303)


def _owes_code() -> bool:
    """True for an administrator without an app for codes, where administrators need one: see `Organisation`.

    Until it is set up they use nothing but the pages of everyone and those of their account.
    """
    return (
        _need() is not Platform.EVERYONE
        and request.endpoint not in WITHOUT_CODE
        and current_user.is_authenticated
        and current_user.is_admin
        and not current_user.gives_code
        and the_organisation(database()).admins_need_totp
    )


def _ask_to_set_up_code() -> Response:
    """Lead to the page that sets up the app; what was posted is given back, to be copied."""
    if request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers:
        return redirect(url_for("second_factor.edit"), code=303)
    sentence = gettext("Administrators of this site need a code at each sign-in. Set it up on your profile page.")
    return current_app.make_response(error_page(403, sentence))


def _lacks_sign_in() -> bool:
    return _need() not in NO_SIGN_IN and not current_user.is_authenticated


def _token_missing(_error: CSRFError) -> Response:
    """A form of an earlier session of the browser. Whoever is no longer signed in does that first.

    The scripts of the page put the new token into its forms, so that what is sent once more is taken.
    """
    if _lacks_sign_in():
        answer = ask_to_sign_in()
    else:
        answer = current_app.make_response(send_again_page(400) or error_page(400))
    answer.headers["X-CSRF-Token"] = generate_csrf()
    answer.headers["X-Reader"] = current_user.get_id() or ""
    return answer


def _hide_from_search_engines(response: Response) -> Response:
    """Search engines list only what a visitor may read, and no error."""
    need = current_app.extensions["needs"].get(request.endpoint)
    # Where Flask-Login keeps the reader: on a page that asked for none, this asks the database for none either.
    is_member = getattr(g.get("_login_user"), "is_authenticated", False)
    if is_member or need not in NO_SIGN_IN or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_met(need: Need) -> bool:
    """What is left to check once the caller is signed in where needed and the loaders found the campaign."""
    if isinstance(need, Act):
        return may(need)
    checks = {
        Platform.ADMIN: is_admin,
        Platform.CAMPAIGN_AUTHOR: opens_campaigns,
        Platform.SPACE_MODERATOR: moderates_space,
    }
    return checks.get(need, lambda: True)()


def _refuse(need: Need) -> Response:
    """403 with a sentence that says why. Themes before the debrief are not found."""
    current_app.logger.warning("refused: %s for person %s", shown_path(), getattr(current_user, "id", None))
    if need is Act.READ_THEMES:
        abort(404)
    if isinstance(need, Act):
        sentence = gettext("Your role in this campaign does not allow this. If you need it, ask the campaign lead.")
    elif need is Platform.SPACE_MODERATOR:
        sentence = gettext("Only the moderators of this space can do this.")
    elif need is Platform.CAMPAIGN_AUTHOR:
        sentence = translated(NotACampaignAuthor())
    else:
        sentence = gettext("Only administrators of this site can do this.")
    return current_app.make_response(error_page(403, sentence))


def ask_to_sign_in() -> Response:
    """Redirect to the sign-in page, and back here afterwards. A text that was just posted must not be lost."""
    if request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers:
        target = request.full_path.removesuffix("?")
        return redirect(url_for("person.sign_in", next=target), code=303)
    if request.method == "POST" and (page := send_again_page(401)) is not None:
        return current_app.make_response(page)
    if request.method == "POST" and (signing.was_signed_in() or (is_fragment() and posts_text())):
        return _ask_to_sign_in_elsewhere()
    address = url_for("person.sign_in")
    if "HX-Request" in request.headers:
        return current_app.response_class(status=401, headers={"HX-Redirect": address})
    return redirect(address, code=303)


def _ask_to_sign_in_elsewhere() -> Response:
    """The session ended while a form was open: explain how to go on without losing what was written in it."""
    if not is_fragment():
        again = gettext(
            "You are no longer signed in, so nothing is saved yet. Sign in in another tab. "
            "Then reload this page and agree to send the form again."
        )
        return current_app.make_response(error_page(401, again))
    still = gettext(
        "Not saved: you are no longer signed in. Your text is still here. Sign in in another tab, then keep writing."
    )
    answer = current_app.make_response(error_page(401, still))
    # The page that saves drafts has a place for the sentence; on any other it would replace the form.
    if request.endpoint != "idea_draft.save":
        answer.headers["HX-Reswap"] = "none"
        answer.headers["HX-Trigger"] = json.dumps({"announce": still})
    return answer
