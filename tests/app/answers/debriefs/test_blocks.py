import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from ideas.answers.action import commit_to
from ideas.answers.debriefs.blocks import BlockKind, blocks_of
from ideas.answers.debriefs.debrief import debrief_of, publish_debrief, write_debrief
from ideas.answers.debriefs.material import add_debrief_file
from ideas.answers.decision import DecisionStatus, decisions_in
from ideas.contributions.vote import Emotion, Reaction
from ideas.files import File, Purpose, Upload
from ideas.media_type import TEXT
from ideas.themes.placement import Placement

pytestmark = pytest.mark.one_database
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, "Fewer clicks", bodies=("One click to confirm.", "Two clicks at most."))


@pytest.fixture
def page(closed_campaign):
    return f"/campaigns/{closed_campaign.id}/debrief"


@pytest.fixture
def draft(session, closed_campaign, alice, now):
    def write(body):
        debrief = write_debrief(session, closed_campaign, body=body, by=alice, now=now)
        session.commit()
        return debrief

    return write


def picture():
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def fields(text):
    """The hidden fields of the form of a block, as a browser sends them."""
    return {
        name: re.search(rf'name="{name}" type="hidden" value="([^"]*)"', text)[1]
        for name in ("version", "place", "key", "others")
    }


def buttons(text):
    """What the buttons of the list send: (name, value), in their order."""
    return re.findall(r'type="submit" name="(up|down|remove|back)" value="([^"]+)"', text)


def test_every_kind_of_block_is_added_through_its_form_and_shown(
    client,
    signed_in,
    session,
    closed_campaign,
    theme,
    make_theme,
    give_answer,
    make_idea,
    page,
    alice,
    bob,
    charlie,
    now,
):
    decision = give_answer(theme)
    due = now.date() + timedelta(days=30)
    commit_to(session, decision, title="Ship one click", impact="", owner=bob, due_on=due, by=bob, now=now)
    refused = make_theme(closed_campaign, "A slide", bodies=("A slide, please.",))
    give_answer(refused, status=DecisionStatus.DECLINED, reason="It is not safe.")
    idea = make_idea(closed_campaign, charlie, "A door that closes, for calls.")
    session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=theme.id))
    session.add(Reaction(idea_id=idea.id, person_id=bob.id, emotion=Emotion.HOPE, created_at=now))
    session.commit()
    team = signed_in(alice)
    empty = team.get(f"{page}/blocks").text
    addresses = re.findall(r'href="([^"]*/blocks/new\?[^"]+)"', empty)
    assert len(addresses) == len(BlockKind)
    given = {
        "text": {"text": f"## What you said\n\n{HOSTILE} We read **A slide**."},
        "quotation": {"text": "A door that closes, for calls."},
        "chart": {"chart": "answers"},
        "theme": {"theme": theme.id},
        "image": {"stored": 0, "file": (BytesIO(picture()), "door.png"), "words": HOSTILE},
        "file": {"stored": 0, "file": (BytesIO(b"Notes"), "notes.txt"), "words": "Our notes"},
        "video": {"url": "https://video.example/v?a=1", "words": HOSTILE},
    }
    for kind in BlockKind:
        form = team.get(f"{page}/blocks/new?kind={kind}&place=-1")
        place = len(blocks_of(body.body)) - 1 if (body := debrief_of(session, closed_campaign)) else -1
        sent = fields(form.text) | {"place": place, "key": ""} | given.get(kind.value, {})
        saved = team.post(f"{page}/blocks/new?kind={kind}", data=sent, content_type="multipart/form-data")
        assert saved.status_code == 303, (kind, saved.text)
        session.expire_all()
    assert [block.kind for block in blocks_of(debrief_of(session, closed_campaign).body)] == list(BlockKind)
    file_ids = session.scalars(select(File.id).where(File.purpose == Purpose.DEBRIEF).order_by(File.id)).all()
    # Before the debrief is published, its files are the team's, and its preview is like the page.
    assert [signed_in(charlie).get(f"/files/{number}", buffered=True).status_code for number in file_ids] == [404, 404]
    assert team.get(f"/files/{file_ids[0]}", buffered=True).mimetype == "image/webp"
    preview = team.get(f"{page}/blocks/preview", headers={"Accept-Language": "en"}).text
    for route, who in ((f"{page}/blocks", charlie), (f"{page}/blocks/preview", charlie)):
        assert signed_in(who).get(route).status_code == 403
    publish_debrief(session, debrief_of(session, closed_campaign), by=alice, now=now)
    session.commit()
    shown = client.get(page).text
    for words in (
        "What you said", "<blockquote>", "Ship one click", "It is not safe.", "Our notes", f"/files/{file_ids[0]}",
        "https://video.example/v?a=1", "Chart: Themes by answer", "Map of the themes", "Named here",
        "This text has not been changed since it was published.",
    ):  # fmt: skip
        assert words in shown, words
        assert words in preview, words
    assert "<script>alert" not in shown
    assert "<style" not in shown
    assert " style=" not in shown
    assert shown.count(f'id="theme-{theme.id}"') == 1
    assert f'/themes/{refused.id}">A slide</a>' in shown  # named in the text, a link
    assert [client.get(f"/files/{number}", buffered=True).status_code for number in file_ids] == [200, 200]
    # A file that no version shows stays the team's, and they remove it.
    spare = add_debrief_file(
        session, closed_campaign, Upload("spare.txt", TEXT, b"A"), stored_as="spare", by=alice, now=now
    )
    session.commit()
    assert client.get(f"/files/{spare.id}").status_code == 404
    assert "spare.txt" in team.get(f"{page}/blocks").text
    for number, sentence in ((file_ids[0], "Remove its block first."), (spare.id, "is removed.")):
        answer = team.post(f"{page}/blocks/files/{number}/remove", follow_redirects=True)
        assert sentence in answer.text
    assert "spare.txt" not in team.get(f"{page}/blocks/new?kind=file").text
    versions = client.get(f"{page}/versions").text
    assert "Map of the themes" in versions
    assert "Fewer clicks" in versions


def test_blocks_are_moved_and_removed_without_a_script_and_a_removal_is_undone(
    signed_in, session, closed_campaign, draft, page, alice
):
    debrief = draft("One.\n\n## Two\nMore.\n\n{{ map }}")
    team = signed_in(alice)

    def press(name, place, **more):
        listed = team.get(f"{page}/blocks").text
        version = re.search(r'name="version"[^>]*value="(\d+)"', listed)[1]
        value = next(value for act, value in buttons(listed) if act == name and value.startswith(f"{place}:"))
        answer = team.post(f"{page}/blocks/arrange", data={"version": version, name: value, **more})
        session.expire_all()
        return answer

    moved = press("down", 0)
    assert moved.location.endswith("blocks?at=1&by=down#block-1")
    assert "autofocus" in team.get(moved.location).text
    assert [block.source for block in blocks_of(debrief.body)] == ["## Two\nMore.", "One.", "{{ map }}"]
    removed = press("remove", 1)
    assert removed.status_code == 200
    assert "The block is removed." in removed.text
    source = re.search(r'<textarea name="source" hidden>\n(.*?)</textarea>', removed.text, re.DOTALL)[1]
    (back,) = [value for name, value in buttons(removed.text) if name == "back"]
    version = re.search(r'name="version" value="(\d+)"', removed.text)[1]
    team.post(f"{page}/blocks/arrange", data={"version": version, "back": back, "source": source})
    session.expire_all()
    assert [block.source for block in blocks_of(debrief.body)] == ["## Two\nMore.", "One.", "{{ map }}"]
    # Somebody has changed that block since the page was opened.
    late = team.post(f"{page}/blocks/arrange", data={"version": version, "remove": "0:0123456789abcdef"})
    assert late.status_code == 409
    assert "Someone saved another version" in late.text
    kept = team.post(f"{page}/blocks/arrange", data={"version": version, "back": "-1:", "source": "Mine {{ nope }}"})
    assert kept.status_code == 422
    assert "Mine {{ nope }}" in kept.text  # refused, and not lost
    for wrong in ("remove=x", "up=-99999999999:a", "down=٣:a", "", "back=:&source={{ nope }}"):
        content = {"content_type": "application/x-www-form-urlencoded"}
        assert team.post(f"{page}/blocks/arrange", data=f"version=1&{wrong}", **content).status_code in {200, 409, 422}


def test_two_who_edit_one_block_see_both_versions_and_bad_input_is_named(
    signed_in, session, closed_campaign, draft, theme, page, alice, bob
):
    debrief = draft("First words.\n\n## Two\nMore.")
    hers, his = (signed_in(person).get(f"{page}/blocks/0").text for person in (alice, bob))

    def save(who, opened, text, **more):
        return signed_in(who).post(f"{page}/blocks/0?kind=text", data=fields(opened) | {"text": text, **more})

    assert save(alice, hers, "Hers.").status_code == 303
    both = save(bob, his, "His.")
    assert both.status_code == 409
    for words in ("Hers.", "His.", "There are two versions", "Alice"):
        assert words in both.text
    assert save(bob, both.text, "His, after reading hers.").status_code == 303
    session.expire_all()
    assert debrief.body.startswith("His, after reading hers.")
    # Alice changes the first block, and adds one in front of it: which one Bob opened is not certain any more.
    his = signed_in(bob).get(f"{page}/blocks/0").text
    draft("Before.\n\n## One\nChanged.\n\n## Two\nMore.")
    both = save(bob, his, "Mine.")
    assert (both.status_code, fields(both.text)["key"]) == (409, "")
    assert save(bob, both.text, "Mine.").status_code == 303
    session.expire_all()
    assert debrief.body.startswith("Before.\n\n## One\nChanged.\n\n## Two\nMore.\n\n")
    assert debrief.body.endswith("Mine.")
    his = signed_in(bob).get(f"{page}/blocks/0").text
    for text, sentence in {
        "": "Write the text first.",
        "{{ theme 99 }}": "This campaign has no theme 99.",
        "{{ image 99 | A }}": "This debrief has no file 99.",
        "See {{ map }}": "needs a line of its own",
        "{{ salary }}": "There is no figure called",
        "x" * 30_001: "too long",
    }.items():
        refused = save(bob, his, text)
        assert refused.status_code == 422
        assert sentence in refused.text
    team = signed_in(alice)
    for kind, data, sentence in (
        ("video", {"url": "javascript:alert(1)"}, "Enter a link that starts with https://"),
        ("video", {"url": "https://a.example/", "words": "a | b"}, "Leave out the signs"),
        ("theme", {"theme": "99"}, "Not a valid choice"),
        ("image", {"stored": "0", "words": "A"}, "Choose a file first."),
        ("image", {"stored": "0", "words": "A", "file": (BytesIO(b"no picture"), "a.png")}, "not a picture"),
        ("image", {"stored": "0", "words": "", "file": (BytesIO(picture()), "a.png")}, "Say what the picture shows"),
    ):
        sent = {"version": debrief.version, "place": 0, "key": ""} | data
        refused = team.post(f"{page}/blocks/new?kind={kind}", data=sent, content_type="multipart/form-data")
        assert refused.status_code == 422, kind
        assert sentence in refused.text, (kind, sentence)
    assert session.scalar(select(File.id).where(File.purpose == Purpose.DEBRIEF)) is None
    assert team.get(f"{page}/blocks/99").status_code == 303
    assert team.get(f"{page}/blocks/new?kind=nothing").status_code == 200


def test_the_preview_is_what_a_visitor_a_member_and_a_phone_get(signed_in, draft, closed_campaign, theme, page, alice):
    draft("Our words.\n\n{{ map }}")
    team = signed_in(alice)
    visitor, member, phone = (team.get(f"{page}/blocks/preview?as={name}") for name in ("visitor", "member", "phone"))
    assert "Our words." in visitor.text
    assert "Our words." in member.text
    assert "See what was decided about your ideas" in member.text
    assert "See what was decided about your ideas" not in visitor.text
    assert "Change the text" not in visitor.text + member.text
    assert "frame-src 'self'" in phone.headers["Content-Security-Policy"]
    framed = team.get(re.search(r'<iframe[^>]* src="([^"]+)"', phone.text)[1].replace("&amp;", "&"))
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in visitor.headers["Content-Security-Policy"]
    assert team.get(f"{page}/write").status_code == 200  # still signed in


def test_who_took_part_chooses_to_be_named(
    client, signed_in, session, closed_campaign, make_idea, theme, give_answer, page, alice, charlie, now
):
    give_answer(theme)
    make_idea(closed_campaign, charlie, "Mine.")
    debrief = write_debrief(session, closed_campaign, body="{{ thanks }}", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    receipt = f"/campaigns/{closed_campaign.id}/receipt"
    assert client.post(f"{receipt}/thanks", data={"agrees": "yes"}).location.startswith("/sign-in")
    assert "Name me in the debrief" not in signed_in(alice).get(receipt).text
    assert signed_in(alice).post(f"{receipt}/thanks", data={"agrees": "yes"}).status_code in {303, 403}
    assert "Name me in the debrief" in signed_in(charlie).get(receipt).text
    signed_in(charlie).post(f"{receipt}/thanks", data={"agrees": "yes"})
    assert f"<li>{charlie.name}</li>" in signed_in(alice).get(page).text
    assert "Don’t name me" in signed_in(charlie).get(receipt).text
    signed_in(charlie).post(f"{receipt}/thanks", data={"agrees": "no"})
    assert f"<li>{charlie.name}</li>" not in signed_in(alice).get(page).text


def test_a_debrief_with_all_blocks_asks_a_constant_number_of_queries(
    client, session, closed_campaign, make_theme, give_answer, draft, page, alice, now, count_queries
):
    def shown(count):
        themes = [make_theme(closed_campaign, f"Theme {number}", bodies=("A", "B")) for number in range(count)]
        for theme in themes:
            give_answer(theme)
        body = "\n".join(f"{{{{ theme {theme.id} }}}}" for theme in themes)
        return body + "\n{{ map }}\n{{ chart themes }}\n{{ thanks }}\n{{ declined }}\n{{ next }}\n{{ corrections }}"

    debrief = draft(shown(2))
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    few = count_queries(lambda: client.get(page))
    write_debrief(session, closed_campaign, body=shown(12), by=alice, now=now, change_reason="More.")
    session.commit()
    assert count_queries(lambda: client.get(page)) == few
    assert decisions_in(session, closed_campaign)


def test_a_reader_says_whether_the_debrief_is_fair_and_the_team_reads_why(
    client, signed_in, session, closed_campaign, theme, give_answer, page, alice, charlie, now
):
    give_answer(theme)
    publish_debrief(
        session, write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now), by=alice, now=now
    )
    session.commit()
    asked = "Is this debrief fair to what was said?"
    assert asked in signed_in(charlie).get(page).text
    assert asked not in client.get(page).text + signed_in(alice).get(page).text
    refused = signed_in(charlie).post(f"{page}/fair", data={"fair": "no"})
    assert refused.status_code == 422
    assert "Say what is not fair" in refused.text
    assert signed_in(charlie).post(f"{page}/fair", data={"reason": "Kept"}).text.count("Kept") == 1
    said = signed_in(charlie).post(f"{page}/fair", data={"fair": "no", "reason": f"No trains. {HOSTILE}"})
    assert said.status_code == 303
    assert "that this debrief is not fair" in signed_in(charlie).get(page).text
    assert "1 reader said whether" in signed_in(alice).get(page).text
    listed = signed_in(alice).get(f"{page}/fair").text
    assert "No trains." in listed
    assert charlie.name not in listed
    assert "<script>alert" not in listed
    assert signed_in(charlie).get(f"{page}/fair").status_code == 403
