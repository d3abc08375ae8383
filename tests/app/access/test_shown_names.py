"""A visitor without an account reads first names and initials, on every page."""

import re
from pathlib import Path

import pytest

from ideas.people.person import short_name

TEMPLATES = Path(__file__).parents[3] / "templates"
# Where only members with a role read names: pages of administrators, of teams and of authors, and letters.
FOR_MEMBERS = (
    "people", "outreach", "campaigns/team", "campaigns/draft", "moderation", "spaces", "privacy",
    "contributions/co_author/write.html",
)  # fmt: skip
NAME = re.compile(r"\b(?:owner|author|person|respondent|undone_by|closed_by|placed_by)\.name\b(?!\|shown_name)")
# Passed on to what shows it.
PASSED_ON = ("signature(idea.author.name if idea.author, idea.author_name, ", "(idea.author.name if idea.author else")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Rose Ndiaye", "Rose N."),
        ("Rose", "Rose"),
        ("Jean-Paul de La Tour", "Jean-Paul T."),
        ("NDIAYE Rose", "Rose N."),
        ("Ndiaye, Rose", "Rose N."),
        ("Dr Rose Ndiaye", "Rose N."),
        ("Mme. Ndiaye", "Ndiaye"),
        ("JP Martin", "JP M."),
        ("Élodie E\u0301tienne", "Élodie E\u0301."),
        ("rose.ndiaye@example.org", "r."),
        ("Dr", ""),
        ("", ""),
    ],
)
def test_a_short_name_is_a_first_name_and_an_initial(name, short):
    assert short_name(name) == short


def test_templates_show_no_name_of_a_person_whole_to_visitors():
    whole = []
    for path in TEMPLATES.rglob("*.html"):
        if str(path.relative_to(TEMPLATES)).startswith(FOR_MEMBERS):
            continue
        text = path.read_text(encoding="utf-8")
        for passed in PASSED_ON:
            text = text.replace(passed, "")
        whole += [(path.name, found[0]) for found in NAME.finditer(text)]
    assert whole == []


def test_no_page_that_a_visitor_reads_shows_a_surname(
    app, client, signed_in, session, make_campaign, make_idea, make_person, alice, charlie
):
    """A member reads them first, so that what is kept of a page for members is never shown to visitors."""
    alice.name, charlie.name = "Alice Lefevre", "Charlie Okonkwo"
    campaign = make_campaign()
    idea = make_idea(campaign, charlie, "One click to confirm.")
    make_idea(campaign, None, "Two clicks.", author_name="Ines Ferreira")
    session.commit()
    pages = ["/campaigns", f"/campaigns/{campaign.id}", f"/campaigns/{campaign.id}/ideas", "/search?containing=click"]
    pages += [f"/campaigns/{campaign.id}/ideas/{idea.id}", "/search?containing=mornings"]
    member = signed_in(make_person("Mia"))
    whole = "".join(member.get(page).text for page in pages)
    shown = "".join(app.test_client().get(page).text for page in ["/", *pages])
    for name in ("Alice Lefevre", "Charlie Okonkwo", "Ines Ferreira"):
        first, last = name.split()
        assert name in whole
        assert f"{first} {last[0]}." in shown
        assert last not in shown
