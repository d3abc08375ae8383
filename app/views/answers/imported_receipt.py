"""What became of imported ideas, for their author without an account: by the signed link in the mail that told them."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.clock import now
from app.extensions import csrf, database
from app.mail.receipt import read_imported_token
from ideas.answers.debriefs.receipt import receipt_among
from ideas.contributions.claim import ideas_of_same_author, tell_no_more

views = Blueprint("imported_receipt", __name__, url_prefix="/receipt/ideas/<imported>")


@views.get("")
@requires(Platform.EVERYONE)
def show(imported: str) -> ResponseReturnValue:
    """404 where nobody here signed the link, the ideas are claimed, or their author is told no more."""
    number = read_imported_token(imported)
    ideas = ideas_of_same_author(database(), number) if number is not None else []
    if not ideas:
        abort(404)
    campaign = ideas[0].campaign
    return render_template(
        "answers/receipt/show.html",
        campaign=campaign,
        person=None,
        lines=receipt_among(database(), campaign, ideas),
        acts=[],
        may_object=False,
        today=now().date(),
    )


@views.route("/stop", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def stop(imported: str) -> ResponseReturnValue:
    """Get no such mail any more."""
    number = read_imported_token(imported)
    if number is None:
        abort(404)
    if request.method == "POST":
        tell_no_more(database(), number, now=now())
        database().commit()
    return render_template("answers/receipt/stop.html", imported=imported, done=request.method == "POST")


# Mail programs post there by themselves (RFC 8058) and know no form token: the signature in the link stands for it.
csrf.exempt(stop)
