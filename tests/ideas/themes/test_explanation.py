from ideas.themes.explanation import why_here
from ideas.themes.placement import Placement


def test_an_idea_shares_with_its_theme_only_what_still_tells_that(session, campaign, themes, ideas):
    buses, *_ = themes
    placement = session.get(Placement, ideas[0].id)
    placement.shared, buses.phrases = ["night bus", "tram"], ["tram", "stop"]
    assert why_here(session, ideas[0]).shared == ["tram"]
    placement.theme_id, placement.leftover = None, "outlier"
    assert why_here(session, ideas[0]).shared == []
