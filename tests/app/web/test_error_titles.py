"""The title of a page says that a form was refused: it is the first thing that is read aloud."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent.parent.parent / "templates"


def test_the_title_knows_every_form_that_a_page_sums_the_errors_of_up():
    summed_up = {
        name
        for page in TEMPLATES.rglob("*.html")
        if page.parent.name != "macros"
        for name in re.findall(r"error_summary\((\w+)\)", page.read_text(encoding="utf-8"))
    }
    (named,) = re.findall(r"\[([\w,\s]+)\]\|select\|selectattr", (TEMPLATES / "base.html").read_text(encoding="utf-8"))
    assert summed_up == set(re.split(r",\s+", named))
