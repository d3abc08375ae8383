import re
from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageFont

from app.pictures.infographic import WIDTH
from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import promise_answers

pytestmark = pytest.mark.one_database
HOSTILE = '"><script>alert(1)</script> & l’énergie'


def has_font():
    try:
        ImageFont.truetype("DejaVuSans-Bold.ttf", 20)
    except OSError:
        return False
    return True


def test_charts_the_card_and_the_feed_of_a_debrief_are_taken_away(
    client, session, closed_campaign, make_theme, give_answer, alice, now
):
    page = f"/campaigns/{closed_campaign.id}/debrief"
    give_answer(make_theme(closed_campaign, HOSTILE, bodies=("One click.", "Two.")))
    files = ("charts/themes.svg", "charts/answers.png", "card.png")
    assert {client.get(f"{page}/{name}").status_code for name in files} == {303}
    assert "<entry>" not in client.get(f"{page}/feed.atom").text
    debrief = write_debrief(session, closed_campaign, body="{{ chart themes }}", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    write_debrief(session, closed_campaign, body="{{ chart answers }}", by=alice, now=now, change_reason=HOSTILE)
    session.commit()

    drawn = client.get(f"{page}/charts/themes.svg")
    assert drawn.mimetype == "image/svg+xml"
    tree = ET.fromstring(drawn.text)  # noqa: S314 -- our own
    space = "{http://www.w3.org/2000/svg}"
    assert tree.find(f"{space}desc").text == f"{HOSTILE}: 2"
    assert {element.tag.removeprefix(space) for element in tree.iter()} == {"svg", "title", "desc", "rect", "text"}
    assert "sandbox" in drawn.headers["Content-Security-Policy"]
    assert client.get(f"{page}/charts/salaries.svg").status_code == 404

    feed = ET.fromstring(client.get(f"{page}/feed.atom").text)  # noqa: S314 -- our own
    atom = "{http://www.w3.org/2005/Atom}"
    assert next(entry.find(f"{atom}summary").text for entry in feed.iter(f"{atom}entry")) == HOSTILE
    shown = client.get(page).text
    assert f"{page}/charts/answers.png" in shown
    assert "application/atom+xml" in shown
    assert re.search(rf'property="og:image" content="https?://[^"]*{page}/card.png"', shown)

    if not has_font():
        assert client.get(f"{page}/card.png").status_code == 422
        return
    for name, size in (("card.png", (1200, 630)), ("charts/answers.png", None)):
        answer = client.get(f"{page}/{name}")
        with Image.open(BytesIO(answer.data), formats=["PNG"]) as picture:
            assert size in {None, picture.size}
            assert len(picture.getcolors(100_000)) > 3
            assert picture.info["Description"]


@pytest.mark.parametrize(
    ("language", "counted", "said"),
    [
        ("en", "2 ideas", ("3 ideas", "Planned", "Answer promised", "1 action promised")),
        ("fr", "2 idées", ("3 idées", "Prévu", "Réponse promise", "1 action promise")),
    ],
)
def test_the_infographic_says_figures_themes_answers_and_actions(
    client, session, closed_campaign, make_theme, give_answer, alice, now, language, counted, said
):
    page = f"/campaigns/{closed_campaign.id}/debrief"
    assert client.get(f"{page}/infographic.svg").status_code == 303
    name = "Des trajets plus sûrs pour les enfants " * 3 + HOSTILE
    first = make_theme(closed_campaign, name, bodies=("One click.", "Two."))
    second = make_theme(closed_campaign, "Énergie", bodies=("Three.",))
    answer, due = give_answer(first), now.date()
    commit_to(session, answer, title="Ship it", impact="", owner=alice, due_on=due, by=alice, now=now)
    promise_answers(session, closed_campaign, dates={second.id: due + timedelta(days=9)}, by=alice, now=now)
    publish_debrief(
        session, write_debrief(session, closed_campaign, body="Thank you.", by=alice, now=now), by=alice, now=now
    )
    session.commit()
    headers = {"Accept-Language": language}
    drawn = client.get(f"{page}/infographic.svg", headers=headers)
    assert f"debrief-{closed_campaign.id}-infographic.svg" in drawn.headers["Content-Disposition"]
    tree = ET.fromstring(drawn.text)  # noqa: S314 -- our own
    space = "{http://www.w3.org/2000/svg}"
    text = tree.find(f"{space}desc").text
    assert all(words in text for words in (name, counted, *said)), text
    assert all(float(word.get("y")) < float(tree.get("height")) for word in tree.iter(f"{space}text"))
    written = [word.text for word in tree.iter(f"{space}text")]
    assert {counted, said[1], said[2]} <= set(written)
    assert written.count(name) == 0, "a long name is on two lines, and cut there"
    assert f"{page}/infographic.png" in client.get(page, headers=headers).text
    if has_font():
        with Image.open(BytesIO(client.get(f"{page}/infographic.png").data), formats=["PNG"]) as picture:
            assert picture.width == 2 * WIDTH
            assert picture.info["Description"]
