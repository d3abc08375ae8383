from ideas.themes.explanation import why_here
from ideas.themes.placement import Placement


def test_shared_phrases_are_those_that_the_theme_still_has(session, campaign, themes, ideas):
    buses, *_ = themes
    placement = session.get(Placement, ideas[0].id)
    placement.shared, buses.phrases = ["night bus", "tram"], ["tram", "stop"]
    assert why_here(session, ideas[0]).shared == ["tram"]
    placement.theme_id, placement.leftover = None, "outlier"
    assert why_here(session, ideas[0]).shared == []
