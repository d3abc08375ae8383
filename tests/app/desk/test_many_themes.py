"""The pages of the desk with 200 themes, with one, and with none."""

import re
from datetime import timedelta

import pytest

from app.pictures.infographic import MAX_THEMES
from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.decision import promise_answers
from ideas.themes.placement import Placement
from ideas.themes.runs.run import ThemeRun
from ideas.themes.theme import Theme

pytestmark = pytest.mark.one_database


@pytest.fixture
def make_themes(session, closed_campaign, make_ideas, alice, charlie, give_answer, now):
    """So many themes of one idea each: the first has an answer, the others are promised one."""

    def make(count):
        ideas = make_ideas(closed_campaign, charlie, [{"body": f"A bench number {n}."} for n in range(max(count, 1))])
        themes = [
            Theme(campaign=closed_campaign, found_name=f"Bench {n}", phrases=[f"Bench {n}"], created_at=now, x=n, y=-n)
            for n in range(count)
        ]
        session.add_all(themes)
        session.flush()
        session.add_all(
            Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=theme.id, x=theme.x, y=theme.y)
            for idea, theme in zip(ideas, themes, strict=False)
        )
        run = ThemeRun(
            campaign_id=closed_campaign.id, model="test", created_at=now, applied_at=now, ideas=count, themes=count
        )
        session.add(run)
        session.commit()
        if themes:
            give_answer(themes[0])
        promised = {theme.id: (now + timedelta(days=9)).date() for theme in themes[1:]}
        promise_answers(session, closed_campaign, dates=promised, by=alice, now=now)
        session.commit()

    return make


@pytest.mark.parametrize("count", [0, 1, 200])
def test_the_table_the_maps_the_debrief_and_the_messages_hold_any_number_of_themes(
    session, signed_in, alice, closed_campaign, make_themes, now, count
):
    make_themes(count)
    write_debrief(session, closed_campaign, body="{{ chart themes }}\n\n{{ map }}\n\nThank you.", by=alice, now=now)
    session.commit()
    here, browser = f"/campaigns/{closed_campaign.id}", signed_in(alice)

    def page(address):
        answer = browser.get(f"{here}/{address}")
        assert answer.status_code == 200, address
        return answer.text

    assert page("themes/table").count("data-row-link") == count
    assert page("themes").count('id="theme-') == count
    assert page("themes/search?map=yes").count('class="island__dots"') == count
    assert page("themes?sort=undecided").count('id="theme-') == count
    assert page("themes/table?status=planned").count("data-row-link") == min(count, 1)
    assert "Thank you." in page("debrief/blocks/preview")
    outbox = page("debrief/outbox")
    assert "Charlie" in outbox or not count
    left = count - MAX_THEMES
    if count:
        [stamp] = set(re.findall(r'name="stamp"[^>]*value="(\w+)"', page("debrief/write?step=publish")))
        assert browser.post(f"{here}/debrief/publish", data={"stamp": stamp}).status_code == 303
        drawn = browser.get(f"{here}/debrief/infographic.svg").text
        assert drawn.count(">1 idea<") == min(count, MAX_THEMES)
        assert (f"{left} smaller themes are not in this picture." in drawn) == (left > 0)
        assert f"Bench {count - 1}" in page("debrief")
    else:
        assert browser.post(f"{here}/debrief/publish").status_code == 422
