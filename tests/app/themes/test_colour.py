"""What the colours of the map of themes mean: each with a sign and words, in the picture, the legend and the table."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.clock import now as clock
from app.views.themes.colour import SCALES, Colour, emotion_key, group_key, time_key
from ideas.answers.decision import DecisionStatus, decide
from ideas.campaigns.form_field import FieldKind, FormField, FormOption
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, Reaction
from ideas.desk.groups import Group, ThemeGroup
from tests.places import at, members
from tests.runs import apply_run, found_theme, placed_idea, run_result

pytestmark = pytest.mark.one_database


def test_every_state_and_emotion_has_a_colour_and_a_sign_of_its_own():
    assert {meaning.key for meaning in SCALES[Colour.ANSWER]} == {*DecisionStatus, "none"}
    assert {meaning.key for meaning in SCALES[Colour.EMOTION]} == {*Emotion, "several", "none"}
    for scale in SCALES.values():
        assert len({meaning.mark for meaning in scale}) == len({meaning.tone for meaning in scale}) == len(scale)


def test_a_theme_has_the_emotion_that_most_feel_and_the_share_of_its_recent_ideas():
    assert emotion_key({}) == emotion_key({Emotion.JOY: 0}) == "none"
    assert emotion_key({Emotion.JOY: 2, Emotion.WORRY: 3}) == "worry"
    assert emotion_key({Emotion.JOY: 3, Emotion.WORRY: 3, Emotion.HOPE: 1}) == "several"
    shares = [(0, 0), (0, 9), (1, 11), (1, 10), (24, 100), (1, 4), (4, 4)]
    assert [time_key(*one) for one in shares] == ["none", "none", "few", "some", "some", "many", "many"]
    nurses = Group("f1", "Job", "Nurse")
    counts = {0: "none", 5: "few", 10: "some", 15: "some", 20: "many"}
    for people, key in counts.items():
        assert group_key([ThemeGroup(nurses, people)] if people else [], nurses) == key
    assert group_key([ThemeGroup(Group("f2", "Job", "Doctor"), 20)], nurses) == "none"


LEGEND = re.compile(r'<i class="is-meaning">(?:<svg.*?</svg>)?</i>([^<]*?) <span class="soft tabular">(\d+) theme')


def said(page):
    """What the picture, the legend and the table say: themes by their meaning, each in the same words."""
    islands = re.findall(r'aria-label="(Name \d+): \d+ ideas?\. [^"]*: ([^":]*)"', page)
    legend = LEGEND.findall(page)
    rows = re.findall(r'<th scope="row"><a [^>]*>(Name \d+)</a></th><td class="number">\d+</td><td>([^<]*)</td>', page)
    assert sorted(islands) == sorted(rows)
    assert {words: int(count) for words, count in legend} == {
        words: [one for _, one in rows].count(words) for _, words in rows
    }
    return dict(rows)


def test_the_map_is_coloured_by_answer_emotion_and_time(
    session, grouped, closed_campaign, manager, signed_in, alice, charlie, make_person, now
):
    first, second = grouped()
    decide(
        session, first, status=DecisionStatus.PLANNED, reason="In March.", respondent=alice, decided_on=now.date(),
        by=alice, now=now,
    )  # fmt: skip
    one, other = sorted(members(session, second))
    for idea_id, emotion in ((one, Emotion.HOPE), (other, Emotion.HOPE), (other, Emotion.JOY)):
        person = make_person(f"P{idea_id}{emotion}")
        session.add(Reaction(idea_id=idea_id, person_id=person.id, emotion=emotion, created_at=now))
    ends = closed_campaign.closes_at
    session.execute(update(Idea).values(submitted_at=ends - timedelta(days=20)))
    session.execute(update(Idea).where(Idea.id == one).values(submitted_at=ends - timedelta(days=2)))
    session.commit()
    plain = manager.get(at(closed_campaign, "?colour=beauty")).text
    assert said(plain) == {}
    assert 'class="island__mark"' not in plain
    assert '<div class="map__tools no-print" hidden>' in plain
    assert f'data-name="{first.name}"' in plain
    answers = manager.get(at(closed_campaign, "?colour=answer&sort=largest")).text
    assert said(answers) == {"Name 1": "Planned", "Name 2": "No answer yet"}
    assert answers.count('class="island__mark"') == 1, "what has no answer has no sign"
    assert re.search(r'<a [^>]*aria-current="true">Answer</a>', answers)
    assert '<input type="hidden" name="colour" value="answer">' in answers, "another order keeps the colours"
    assert said(manager.get(at(closed_campaign, "?colour=emotion")).text) == {"Name 1": "No reaction", "Name 2": "Hope"}
    times = manager.get(at(closed_campaign, "?colour=time")).text
    assert said(times) == {"Name 1": "No idea sent", "Name 2": "25% or more"}
    assert "in the last 7 days of the collection" in times
    # Readers see the same, but no groups of people.
    closed_campaign.debriefed_at = now
    session.commit()
    reader = signed_in(charlie)
    assert said(reader.get(at(closed_campaign, "?colour=answer")).text)["Name 1"] == "Planned"
    page = reader.get(at(closed_campaign, "?colour=group")).text
    assert "Group of people" not in page
    assert 'aria-current="true">Theme</a>' in page


def test_groups_of_fewer_than_five_people_colour_nothing(
    session, closed_campaign, manager, make_idea, make_person, count_queries, now
):
    job = FormField(campaign_id=closed_campaign.id, kind=FieldKind.CHOICE, label="Job", position=1, created_at=now)
    session.add(job)
    session.flush()
    nurse, doctor = (FormOption(field_id=job.id, label=name, position=0) for name in ("Nurse", "Doctor"))
    session.add_all([nurse, doctor])
    session.flush()
    earlier = clock() - timedelta(days=9)
    ideas = [make_idea(closed_campaign, make_person(f"P{n}"), f"Idea {n}.", submitted_at=earlier) for n in range(13)]
    found = [found_theme(number, f"Name {number}", [], [], 0.4, number / 4, 0.5) for number in (1, 2)]
    theme_of = {idea.id: 1 if place < 9 else 2 for place, idea in enumerate(ideas)}
    placed = [placed_idea(id_, theme, None, 0.8, [(theme, 0.8)], 0.5, 0.5) for id_, theme in theme_of.items()]
    apply_run(session, closed_campaign, run_result(found, placed), now=now)
    address = at(closed_campaign, "?colour=group")
    session.commit()
    assert "No theme has a group of five people or more" in manager.get(address).text
    # Of the first theme five are nurses and four doctors; of the second all are nurses, and four.
    for place, idea in enumerate(ideas):
        option = doctor if 5 <= place < 9 else nurse
        session.add(FieldValue(idea_id=idea.id, field_id=job.id, option_id=option.id))
    session.commit()
    page = manager.get(address).text
    assert said(page) == {"Name 1": "5 to 9 people", "Name 2": "Fewer than 5 people, or not shown"}
    assert "Authors in the group “Nurse”" in page
    assert "Doctor" not in re.search(r'<select [^>]*id="colour-group".*?</select>', page, re.DOTALL)[0]
    page = manager.get(f"{address}&group=f{doctor.id}").text
    assert said(page)["Name 1"] == "5 to 9 people", "the first group instead"
