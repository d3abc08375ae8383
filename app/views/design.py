"""The style guide: every control on one page."""

from flask import Blueprint, render_template

from app.access.needs import Platform, requires
from app.pictures.map.theme_map import ThemeMap, draw_map
from clustering.types import Leftover
from ideas.themes.theme import Theme

views = Blueprint("design", __name__)

# (name, ideas, x, y) of the islands on the sample map.
SAMPLE = (
    ("Safe cycle lanes without gaps", 52, 0.26, 0.38),
    ("Night buses at the weekend", 31, 0.64, 0.28),
    ("Fares for those who earn little", 24, 0.79, 0.67),
    ("Bins", 11, 0.48, 0.74),
    ("Charging points", 6, 0.15, 0.83),
    ("Trams", 5, 0.93, 0.13),
)
OUTLIERS = ((0.06, 0.08), (0.45, 0.12), (0.96, 0.43), (0.32, 0.91), (0.7, 0.91))
AMBIGUOUS = ((0.45, 0.47), (0.56, 0.57), (0.72, 0.47))


@views.get("/design")
@requires(Platform.ADMIN)
def show() -> str:
    return render_template("design/show.html", map=_sample_map())


def _sample_map() -> ThemeMap:
    themes = [Theme(id=place, found_name=name, x=x, y=y) for place, (name, _size, x, y) in enumerate(SAMPLE)]
    inside = [(place, None, 0.5, 0.5) for place, (_name, size, _x, _y) in enumerate(SAMPLE) for _idea in range(size)]
    outside = [
        (None, kind, x, y)
        for kind, spots in ((Leftover.OUTLIER, OUTLIERS), (Leftover.AMBIGUOUS, AMBIGUOUS))
        for x, y in spots
    ]
    return draw_map([*inside, *outside], themes, lambda _theme_id: "#")
