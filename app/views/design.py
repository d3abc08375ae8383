"""Every control on one page."""

from flask import Blueprint, render_template

views = Blueprint("design", __name__)


@views.get("/design")
def show() -> str:
    return render_template("design/show.html")
