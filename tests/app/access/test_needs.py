"""Each view declares what it requires; without that the application does not start."""

import pytest

from app import create_app
from app.access.needs import Platform, UndeclaredNeedError
from app.views import watching
from app.views.campaigns import campaign
from ideas.campaigns.people.team import Act


def test_every_route_declares_what_it_requires(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints == set(app.extensions["needs"])
    assert all(isinstance(need, Act | Platform) for need in app.extensions["needs"].values())


def test_an_application_with_a_route_that_declares_nothing_does_not_start(settings, monkeypatch):
    monkeypatch.delattr(watching.health, "need")
    with pytest.raises(UndeclaredNeedError, match=r"watching\.health"):
        create_app(settings)


def test_an_application_with_a_campaign_route_that_names_no_act_does_not_start(settings, monkeypatch):
    monkeypatch.setattr(campaign.show, "need", Platform.EVERYONE)
    with pytest.raises(UndeclaredNeedError, match=r"campaign\.show"):
        create_app(settings)


def test_an_application_with_an_act_outside_of_campaigns_does_not_start(settings, monkeypatch):
    monkeypatch.setattr(watching.health, "need", Act.READ)
    with pytest.raises(UndeclaredNeedError, match=r"watching\.health"):
        create_app(settings)
