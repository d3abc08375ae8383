"""Groups of people among the authors of a theme: never fewer than five, nobody told apart."""

from datetime import timedelta

from ideas.campaigns.form_field import FieldKind, FormField, FormOption
from ideas.contributions.fields.value import FieldValue
from ideas.desk.groups import groups_by_theme, groups_in
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.themes.edits.move import move_ideas


def test_groups_of_the_form_and_of_profiles_have_at_least_five_people(
    session, campaign, make_idea, make_theme, make_person, alice, now
):
    region = Attribute(name="Region")
    job = FormField(campaign_id=campaign.id, kind=FieldKind.CHOICE, label="Job", position=1, created_at=now)
    session.add_all([region, job])
    session.flush()
    north, south = (AttributeValue(attribute_id=region.id, name=name) for name in ("North", "South"))
    nurse, doctor = (FormOption(field_id=job.id, label=name, position=0) for name in ("Nurse", "Doctor"))
    session.add_all([north, south, nurse, doctor])
    session.flush()
    ideas = []
    for number in range(12):
        person = make_person(f"P{number}")
        ideas.append(make_idea(campaign, person, f"Idea {number}.", submitted_at=now - timedelta(days=2)))
        value = north if number < 8 else south
        session.add(PersonValue(person_id=person.id, attribute_id=region.id, value_id=value.id))
        option = nurse if number < 6 else doctor
        if number != 11:
            session.add(FieldValue(idea_id=ideas[-1].id, field_id=job.id, option_id=option.id))
    # The second idea of one person makes no second person.
    ideas.append(make_idea(campaign, ideas[-1].author, "More.", submitted_at=now - timedelta(days=2)))
    session.add(FieldValue(idea_id=ideas[-1].id, field_id=job.id, option_id=doctor.id))
    big, small = make_theme(campaign, "Big", ideas=ideas[1:]), make_theme(campaign, "Small", ideas=ideas[:1])
    session.flush()

    def found(before):
        by_theme = groups_by_theme(session, campaign, before=before)
        return {id_: [(one.group.of, one.group.label, one.people) for one in some] for id_, some in by_theme.items()}

    # Four of the South would be known from 11 people less 7 of the North: that group is hidden, too.
    assert found(now) == {big.id: [("Job", "Doctor", 5), ("Job", "Nurse", 5)]}
    assert small.id not in found(now)
    for person_id in (ideas[8].author_id, ideas[9].author_id):
        session.get(PersonValue, (person_id, region.id)).value_id = north.id
    session.flush()
    assert ("Region", "North", 5) not in found(now)[big.id]  # two of the South, hidden with their neighbour
    for person_id in (ideas[10].author_id, ideas[11].author_id):
        session.get(PersonValue, (person_id, region.id)).value_id = north.id
    session.flush()
    assert found(now)[big.id][0] == ("Region", "North", 10)
    # Today's ideas do not move a profile, and what is written in the form is read with each idea anyway.
    assert found(now - timedelta(days=3))[big.id] == [("Job", "Doctor", 5), ("Job", "Nurse", 5)]
    assert [group.key[0] for group in groups_in(groups_by_theme(session, campaign, before=now))] == ["f", "f", "v"]
    # Who moves an idea and sees the number change would know the profile of its author.
    move_ideas(session, campaign, idea_ids=[ideas[1].id], to=small, by=alice, now=now)
    assert {name for name, *_ in found(now)[big.id]} == {"Job"}
