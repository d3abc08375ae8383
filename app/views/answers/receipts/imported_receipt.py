"""What became of imported ideas, for their author without an account: by the signed link in the mail that told them."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import csrf, database
from app.forms.answers.objection import ObjectForm
from app.mail.receipt import read_imported_token
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.answers.debriefs.objection import object_by_link
from ideas.answers.debriefs.receipt import receipt_among
from ideas.contributions.claim import ideas_of_same_author, tell_no_more
from ideas.errors import DomainError

views = Blueprint("imported_receipt", __name__, url_prefix="/receipt/ideas/<imported>")


@views.route("", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def show(imported: str) -> ResponseReturnValue:
    """What became of the ideas; and to say that one is misplaced, without an account.

    404 where nobody here signed the link, the ideas are claimed, or their author is told no more.
    """
    number = read_imported_token(imported)
    ideas = ideas_of_same_author(database(), number) if number is not None else []
    if not ideas:
        abort(404)
    form = ObjectForm()
    if form.validate_on_submit():
        idea = next((idea for idea in ideas if idea.id == form.idea.data), None)
        if idea is None:
            abort(404)
        with show_refusals(form, {DomainError: form.reason}):
            object_by_link(database(), idea, theme_id=form.theme_id, reason=form.reason.data, now=now())
            database().commit()
            flash(_("The campaign team reads what you wrote, and moves your idea or answers you."), "success")
            return redirect(request.path, 303)
    with rendering(database()):
        campaign = ideas[0].campaign
        page = render_template(
            "answers/receipt/show.html",
            campaign=campaign,
            person=None,
            lines=receipt_among(database(), campaign, ideas),
            acts=[],
            may_object=True,
            action=request.path,
            form=form if form.is_submitted() else None,
            today=now().date(),
        )
    return page, form_status(form) if form.is_submitted() else 200


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
