"""A person's own points, line by line, their badges, and what they want of both."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.recognition.points import ChooseMotivationForm
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Motivation, choose_motivation
from ideas.recognition.badge import badges_of
from ideas.recognition.level import level_of, level_rules
from ideas.recognition.points import points_of

views = Blueprint("points", __name__)


@views.get("/me/points")
@requires(Platform.MEMBER)
def mine() -> ResponseReturnValue:
    person = member()
    if person.motivation is Motivation.OFF:
        return redirect(url_for("points.choose"), 303)
    return render_template(
        "recognition/points/mine.html",
        accounts=points_of(database(), person),
        reached=level_of(database(), person, now=now()),
        rules=level_rules(the_organisation(database())),
        badges=badges_of(database(), [person.id])[person.id],
    )


@views.route("/me/motivation", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def choose() -> ResponseReturnValue:
    form = ChooseMotivationForm(obj=member())
    if form.validate_on_submit():
        choose_motivation(member(), Motivation(form.motivation.data))
        database().commit()
        flash(_("Your choices are saved."), "success")
        return redirect(url_for("points.choose"), 303)
    return render_template("recognition/points/choose.html", form=form), form_status(form)
