"""The placements of ideas, and the addresses of theme pages, for tests."""

from sqlalchemy import select

from ideas.themes.card import theme_members
from ideas.themes.placement import Placement


def theme_of(session, idea):
    return session.scalar(select(Placement.theme_id).where(Placement.idea_id == idea.id))


def members(session, theme):
    return {placement.idea_id for placement in theme_members(session, theme)}


def ids(ideas):
    return {idea.id for idea in ideas}


def at(campaign, tail=""):
    return f"/campaigns/{campaign.id}/themes{tail}"
