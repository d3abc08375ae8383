"""Numbers of a form as ranges with bounds that people read, and places, as segments of themes."""

import pytest

from ideas.campaigns.form_field import FieldKind, FormField
from ideas.contributions.fields.ranges import NumberRange, number_ranges, readable_bounds
from ideas.contributions.fields.value import FieldValue
from ideas.desk.groups import groups_by_theme, groups_in
from ideas.themes.field_shares import field_shares


@pytest.mark.one_database
def test_bounds_are_near_the_quartiles_and_readable():
    for parts, bounds in (
        ([(3, 9), (9, 19), (21, 44), (46, 90)], [10, 20, 45]),
        ([(1200, 23_450), (23_450, 31_000), (31_200, 47_000), (47_900, 90_000)], [25_000, 30_000, 50_000]),
        ([(1, 1), (2, 2), (3, 3), (4, 5)], [2, 3, 4]),
        ([(0.12, 0.2), (0.21, 0.3), (0.33, 0.4), (0.48, 0.9)], [0.2, 0.35, 0.5]),
        ([(-40, -11), (-9, 0), (2, 9), (12, 40)], [-10, 0, 10]),
        ([(5, 5), (5, 5), (5, 5), (5, 80)], []),
        ([(7, 7), (7, 7)], []),
        ([(7, 7)], []),
        ([], []),
    ):
        assert readable_bounds(parts) == bounds, parts


def test_ranges_and_places_are_segments_from_five_people_on(session, campaign, make_idea, make_theme, make_person, now):
    minutes = FormField(campaign_id=campaign.id, kind=FieldKind.NUMBER, label="Time lost", unit="min", position=1,
                        created_at=now)  # fmt: skip
    site = FormField(campaign_id=campaign.id, kind=FieldKind.PLACE, label="Site", position=2, created_at=now)
    session.add_all([minutes, site])
    session.flush()
    ideas = []
    for number in range(20):
        ideas.append(make_idea(campaign, make_person(f"P{number}"), f"Idea {number}."))
        session.add(FieldValue(idea_id=ideas[-1].id, field_id=minutes.id, number=float(number + 1)))
        session.add(FieldValue(idea_id=ideas[-1].id, field_id=site.id, text="Lyon" if number < 6 else f"Site {number}"))
    # A second idea of the first person in the same range and place makes no second person.
    ideas.append(make_idea(campaign, ideas[0].author, "More."))
    session.add(FieldValue(idea_id=ideas[-1].id, field_id=minutes.id, number=2.0))
    theme, small = make_theme(campaign, ideas=[*ideas[:9], ideas[-1]]), make_theme(campaign, "Few", ideas=ideas[9:13])
    session.commit()
    ranges = number_ranges(session, campaign, [minutes, site])
    assert [(one.least, one.most) for one in ranges] == [(None, 6), (6, 12), (12, 16), (16, None)]
    by_theme = groups_by_theme(session, campaign, before=now)
    found = [(one.group.of, one.group.label, one.group.range, one.people) for one in by_theme[theme.id]]
    assert found == [("Site", "Lyon", None, 5), ("Time lost", "", NumberRange(minutes.id, None, 6, "min"), 5)]
    assert small.id not in by_theme, "four people are shown in no range and no place"
    assert [group.key for group in groups_in(by_theme)] == [f"p{site.id}:Lyon", f"n{minutes.id}::6"]
    numbers, places = field_shares(session, theme)
    assert [(one.label, one.range, one.people, round(one.share, 2), one.share_of_all) for one in numbers.options] == [
        ("", NumberRange(minutes.id, None, 6, "min"), 5, 0.56, 0.25)
    ]
    assert [(one.label, one.people, one.share_of_all) for one in places.options] == [("Lyon", 6, 0.3)]
    few = field_shares(session, small)
    assert [(one.people, one.options) for one in few] == [(4, ()), (4, ())]
