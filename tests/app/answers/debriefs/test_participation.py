"""The page of who took part, by profile."""

from datetime import timedelta

from ideas.spaces.segment import Attribute, AttributeValue, PersonValue


def test_managers_read_who_took_part_by_profile(
    session, campaign, signed_in, alice, bob, charlie, make_idea, make_person, count_queries, now
):
    manager, here = signed_in(bob), f"/campaigns/{campaign.id}/participation"
    assert "No profile is defined on this site yet." in manager.get(here).text
    region = Attribute(name="<b>Region</b>")
    session.add(region)
    session.flush()
    north, south = (AttributeValue(attribute_id=region.id, name=name) for name in ("North", "South"))
    session.add_all([north, south])
    session.flush()
    session.commit()
    few = count_queries(lambda: manager.get(here))
    for number in range(12):
        person = make_person(f"P{number}")
        make_idea(campaign, person, f"Idea {number}").submitted_at = now - timedelta(days=1)
        session.add(PersonValue(person_id=person.id, attribute_id=region.id, value_id=(north, south)[number > 6].id))
    session.commit()
    assert count_queries(lambda: manager.get(here)) == few
    page = manager.get(here).text
    for words in ("5 people or more", "not shown", "Numbers are rounded down.", "before today", "&lt;b&gt;Region"):
        assert words in page
    assert "7 people" not in page
    assert here in manager.get(f"/campaigns/{campaign.id}").text
    assert here in signed_in(alice).get(f"/campaigns/{campaign.id}/audience").text
    participant = signed_in(charlie)
    assert participant.get(here).status_code == 403
    assert here not in participant.get(f"/campaigns/{campaign.id}").text
