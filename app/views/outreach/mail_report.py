"""Where the mail server of the organisation, or its provider, posts what comes back of our mails."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.clock import now
from app.extensions import csrf, database
from app.mail.report import is_report_token, note_report

views = Blueprint("mail_report", __name__)


@views.post("/mail-reports/<hook>")
@requires(Platform.EVERYONE)
def take(hook: str) -> ResponseReturnValue:
    """One report, as the file `file`. 204 where it is noted; 422 where it is no report, or about no mail of ours."""
    if not is_report_token(hook):
        abort(404)
    sent = request.files.get("file")
    if sent is None or not note_report(database(), sent.stream.read(), now=now()):
        abort(422)
    database().commit()
    return "", 204


# A mail server knows no form token: the signature in its address stands for it.
csrf.exempt(take)
