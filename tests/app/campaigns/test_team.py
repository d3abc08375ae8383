"""The page of a campaign's team, and what everyone sees of it."""

import pytest

from ideas.campaigns.team import Role, add_to_team, member_of, role_of


@pytest.fixture
def owner(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def team(campaign):
    return f"/campaigns/{campaign.id}/team"


def test_the_owner_adds_a_member_by_address(owner, session, campaign, team, charlie):
    answer = owner.post(team, data={"email": " Charlie@Example.org", "role": "jury"})
    assert (answer.status_code, answer.location) == (303, team)
    assert role_of(session, campaign, charlie) is Role.JURY
    assert "Charlie is now in the team." in owner.get(team).text


def test_adding_someone_of_the_team_changes_their_role(owner, session, campaign, team, bob):
    owner.post(team, data={"email": bob.email, "role": "observer"})
    session.expire_all()
    assert role_of(session, campaign, bob) is Role.OBSERVER


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"email": "nobody@example.org"}, "No account has this address. Ask this person to create one first."),
        ({"email": "nobody"}, "Enter an email address such as name@example.org."),
        ({"email": ""}, "Enter an email address."),
        ({"email": "alice@example.org"}, "This person is the campaign lead and already has every right."),
        ({"role": ""}, "Choose a role."),
        ({"role": "owner"}, "Not a valid choice."),
    ],
)
def test_what_can_not_be_added_is_said_and_nothing_typed_is_lost(
    owner, session, campaign, team, charlie, sent, sentence
):
    answer = owner.post(team, data={"email": charlie.email, "role": "jury"} | sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{sent.get("email", charlie.email)}"' in answer.text
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT


def test_the_owner_changes_a_role_and_removes_a_member(owner, session, campaign, team, bob):
    member = member_of(session, campaign, bob)
    assert owner.post(f"{team}/{member.id}/role", data={"role": "moderator"}).status_code == 303
    session.expire_all()
    assert role_of(session, campaign, bob) is Role.MODERATOR
    owner.post(f"{team}/{member.id}/role", data={"role": "king"})
    assert "Choose a role." in owner.get(team).text
    assert owner.post(f"{team}/{member.id}/remove").status_code == 303
    assert role_of(session, campaign, bob) is Role.PARTICIPANT
    assert "Nobody else is in the team yet." in owner.get(team).text


def test_a_facilitator_does_not_choose_the_team(signed_in, session, campaign, team, bob, charlie):
    browser = signed_in(bob)
    assert browser.get(team).status_code == 403
    assert browser.post(team, data={"email": charlie.email, "role": "facilitator"}).status_code == 403
    assert f'href="{team}"' not in browser.get(f"/campaigns/{campaign.id}").text


def test_an_administrator_chooses_the_team_of_any_campaign(signed_in, session, campaign, team, make_person, charlie):
    browser = signed_in(make_person("Ada", is_admin=True))
    assert browser.post(team, data={"email": charlie.email, "role": "observer"}).status_code == 303
    assert role_of(session, campaign, charlie) is Role.OBSERVER


def test_the_page_of_the_campaign_shows_its_team_to_everyone(client, session, campaign, alice, make_person, now):
    add_to_team(session, campaign, make_person("Olga"), role=Role.OBSERVER, by=alice, now=now)
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}").text
    for words in ("Bob", "Facilitator", "Olga", "Observer"):
        assert words in page


def test_an_observer_sees_no_form_to_write_with(signed_in, session, campaign, idea, alice, make_person, now):
    observer = make_person("Olga")
    add_to_team(session, campaign, observer, role=Role.OBSERVER, by=alice, now=now)
    session.commit()
    browser = signed_in(observer)
    page = browser.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").text
    assert "Publish my comment" not in page
    assert "I support this idea" not in page
    assert "Submit an idea" not in browser.get(f"/campaigns/{campaign.id}").text
    assert "Submit an idea" not in browser.get(f"/campaigns/{campaign.id}/ideas").text
    assert "Themes" in browser.get(f"/campaigns/{campaign.id}").text


def test_a_campaign_without_ideas_asks_an_observer_for_nothing(signed_in, session, campaign, alice, make_person, now):
    observer = make_person("Olga")
    add_to_team(session, campaign, observer, role=Role.OBSERVER, by=alice, now=now)
    session.commit()
    page = signed_in(observer).get(f"/campaigns/{campaign.id}/ideas").text
    assert "Ideas appear here as they are submitted." in page
    assert "Submit the first one." not in page
