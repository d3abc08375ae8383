"""The page of a campaign's team, and what everyone sees of it."""

import pytest
from sqlalchemy import select

from ideas.campaigns.people.team import Act, Role, TeamMember, add_to_team, member_of, role_of
from ideas.outreach.messages.message import Message


@pytest.fixture
def owner(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def team(campaign):
    return f"/campaigns/{campaign.id}/team"


def test_the_owner_invites_a_member_by_address_with_or_without_an_account(owner, session, campaign, team, charlie):
    """Nothing tells whether the address has an account."""
    for typed, email in ((" Charlie@Example.org", charlie.email), ("nobody@example.org", "nobody@example.org")):
        answer = owner.post(team, data={"email": typed, "role": "jury"})
        assert (answer.status_code, answer.location) == (303, team)
        assert f"Invitation sent to {email}." in owner.get(team).text
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT
    assert [mail.address for mail in session.scalars(select(Message).order_by(Message.id))] == [
        charlie.email, "nobody@example.org"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"email": "a@example.org, b@example.org"}, "Enter one email address."),
        ({"email": "bob@example.org"}, "This person is already in the team. You can change their role above."),
        ({"email": "nobody"}, "Enter an email address such as name@example.org."),
        ({"email": ""}, "Enter an email address."),
        ({"email": "alice@example.org"}, "This person is already in the team. You can change their role above."),
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
    sent = {f"{member.id}-version": member.version, f"{member.id}-role": "moderator"}
    assert owner.post(f"{team}/{member.id}/role", data=sent).status_code == 303
    session.expire_all()
    assert role_of(session, campaign, bob) is Role.MODERATOR
    answer = owner.post(f"{team}/{member.id}/role", data=sent | {f"{member.id}-role": "king"})
    assert answer.status_code == 422
    assert "Not a valid choice." in answer.text
    assert owner.post(f"{team}/{member.id}/remove").status_code == 303
    assert role_of(session, campaign, bob) is Role.PARTICIPANT
    assert owner.get(team).text.count("Nobody has this role.") == 4


def test_a_facilitator_does_not_choose_the_team(signed_in, session, campaign, team, bob, charlie):
    browser = signed_in(bob)
    assert browser.get(team).status_code == 403
    assert browser.post(team, data={"email": charlie.email, "role": "facilitator"}).status_code == 403
    assert f'href="{team}"' not in browser.get(f"/campaigns/{campaign.id}").text


def test_an_administrator_chooses_the_team_of_any_campaign(signed_in, session, campaign, team, make_person, bob):
    browser = signed_in(make_person("Ada", is_admin=True))
    member = member_of(session, campaign, bob)
    sent = {f"{member.id}-version": member.version, f"{member.id}-role": "observer"}
    assert browser.post(f"{team}/{member.id}/role", data=sent).status_code == 303
    session.expire_all()
    assert role_of(session, campaign, bob) is Role.OBSERVER


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


def test_the_page_shows_each_role_with_its_dates_and_what_it_may_do(
    owner, session, campaign, team, alice, charlie, now
):
    member = add_to_team(session, campaign, charlie, role=Role.OBSERVER, by=alice, now=now)
    session.commit()
    sent = {"version": 1, "role": "observer", "first_day": "2027-03-01", "last_day": "2027-03-31"}
    answer = owner.post(f"{team}/{member.id}/role", data={f"{member.id}-{name}": said for name, said in sent.items()})
    assert answer.status_code == 303
    session.expire_all()
    assert [str(at.date()) for at in (member.starts_at, member.ends_at)] == ["2027-02-28", "2027-03-31"]
    page = owner.get(team).text
    for words in ("From 1 March 2027 to 31 March 2027", "Not started yet", "Submit ideas", "Nobody has this role."):
        assert words in page
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"first_day": "2027-03-02", "last_day": "2027-03-01"}, "The last day comes before the first day."),
        ({"last_day": "2020-03-01"}, "The last day is past."),
        ({"last_day": "0001-01-01"}, "Check the year."),
        ({"last_day": "soon"}, "Not a valid date value."),
    ],
)
def test_dates_that_make_no_sense_are_refused_and_nothing_typed_is_lost(owner, team, charlie, sent, sentence):
    answer = owner.post(team, data={"email": charlie.email, "role": "jury"} | sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{charlie.email}"' in answer.text


def test_two_who_change_a_role_at_once_see_both_versions(owner, session, campaign, team, bob):
    member = member_of(session, campaign, bob)
    address, seen = f"{team}/{member.id}/role", member.version

    def sent(role):
        return {f"{member.id}-role": role, f"{member.id}-version": seen}

    assert owner.post(address, data=sent("jury")).status_code == 303
    answer = owner.post(address, data=sent("observer"))
    assert answer.status_code == 409
    assert "There are two versions" in answer.text
    session.expire_all()
    assert role_of(session, campaign, bob) is Role.JURY


def test_a_role_that_ends_in_the_middle_of_a_session_is_refused_at_the_next_request(
    signed_in, session, closed_campaign, bob, now
):
    browser = signed_in(bob)
    themes = f"/campaigns/{closed_campaign.id}/themes"
    assert browser.get(themes).status_code == 200
    member_of(session, closed_campaign, bob).ends_at = now
    session.commit()
    assert browser.get(themes).status_code == 404
    assert browser.post(f"{themes}/group").status_code == 403


def test_the_lead_hands_the_campaign_over(owner, session, campaign, team, alice, bob):
    sent = {"lead-owner": alice.id, "lead-person": bob.id, "lead-reason": "A new job"}
    answer = owner.post(f"{team}/lead", data=sent)
    assert (answer.status_code, answer.location) == (303, f"/campaigns/{campaign.id}")
    session.expire_all()
    assert campaign.owner_id == bob.id
    assert "Bob now leads the campaign." in owner.get(answer.location).text
    assert owner.get(team).status_code == 403, "a facilitator does not choose the team"
    assert owner.post(f"{team}/lead", data=sent).status_code == 403


def test_a_hand_over_that_comes_too_late_or_names_nobody_is_refused(
    signed_in, session, campaign, team, alice, make_person
):
    browser = signed_in(make_person("Ada", is_admin=True))
    answer = browser.post(f"{team}/lead", data={"lead-owner": 999, "lead-person": member_id(session, campaign)})
    assert answer.status_code == 422
    assert "The campaign lead changed in the meantime." in answer.text
    answer = browser.post(f"{team}/lead", data={"lead-owner": alice.id, "lead-person": "0"})
    assert answer.status_code == 422
    session.expire_all()
    assert campaign.owner_id == alice.id


def member_id(session, campaign):
    return session.scalars(select(TeamMember.person_id).where(TeamMember.campaign_id == campaign.id)).first()


def test_every_act_has_words(app):
    with app.test_request_context():
        words = app.jinja_env.get_template("campaigns/team/roles.html").module
        assert all(str(words.act_label(act)).strip() for act in Act)
