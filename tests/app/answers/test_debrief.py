from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.answers.action import commit_to
from ideas.answers.debrief import debrief_of, write_debrief
from ideas.answers.decision import DecisionStatus
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.themes.placement import Placement
from ideas.themes.run import ThemeRun

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))", "{{ 7*7 }}"]


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, bodies=("One click to confirm.", "Two at most."))


@pytest.fixture
def page(closed_campaign):
    return f"/campaigns/{closed_campaign.id}/debrief"


@pytest.fixture
def published(session, closed_campaign, theme, give_answer, now):
    """Public, with one answer."""

    def publish(body="Thank you for {{ ideas }} ideas.\n\n{{ decisions }}\n\nUntil next year."):
        give_answer(theme)
        debrief = write_debrief(session, closed_campaign, body=body, by=closed_campaign.owner, now=now)
        debrief.published_at = closed_campaign.debriefed_at = now
        session.commit()
        return debrief

    return publish


# The page that everyone reads


def test_everyone_reads_what_was_published(client, published, page):
    published()
    shown = client.get(page)
    assert shown.status_code == 200
    for words in ("Thank you for 2 ideas.", "Fewer clicks", "It ships in spring.", "Alice", "One click to confirm."):
        assert words in shown.text
    assert shown.text.index("Thank you for") < shown.text.index("It ships in spring.") < shown.text.index("Until next")
    assert "{{" not in shown.text


def test_without_a_token_for_the_answers_they_follow_the_text(client, published, page):
    published(body="Only words.")
    shown = client.get(page).text
    assert shown.index("Only words.") < shown.index("It ships in spring.")


def test_actions_emotions_and_open_themes_show(
    client, session, closed_campaign, published, theme, make_theme, make_idea, give_answer, page, bob, now
):
    published()
    decision = give_answer(theme)
    make_theme(closed_campaign, "Quiet rooms")
    due = now.date() - timedelta(days=1)
    commit_to(session, decision, title="Ship one click", impact="Two minutes.", owner=bob, due_on=due, by=bob, now=now)
    idea = make_idea(closed_campaign, None, "Imported.")
    session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=theme.id))
    session.add(Reaction(idea_id=idea.id, person_id=bob.id, emotion=Emotion.WORRY, created_at=now))
    session.commit()
    shown = client.get(page).text
    for words in ("Ship one click", "Overdue", "Two minutes.", "Worry", "Quiet rooms", "This theme has no answer yet"):
        assert words in shown


def test_before_it_is_public_the_promise_is_shown(client, signed_in, session, closed_campaign, page, alice, now):
    write_debrief(session, closed_campaign, body="A secret draft", by=closed_campaign.owner, now=now)
    session.commit()
    for visitor in (client, signed_in(alice)):
        shown = visitor.get(page)
        assert shown.status_code == 200
        assert "A secret draft" not in shown.text
        assert "The debrief is not published yet" in shown.text
    assert "/debrief/write" not in client.get(page).text
    assert f'href="{page}/write"' in signed_in(alice).get(page).text


def test_a_late_debrief_is_called_late(client, session, closed_campaign, page, now):
    closed_campaign.debrief_due_at = now - timedelta(hours=1)
    session.commit()
    assert "The debrief is late" in client.get(page).text


def test_the_number_of_queries_is_constant(
    client, session, closed_campaign, published, make_theme, give_answer, page, count_queries, bob, now
):
    published()
    due = now.date() + timedelta(days=1)
    themes = [make_theme(closed_campaign, f"Theme {number}", bodies=("A", "B", "C")) for number in range(3)]
    few = count_queries(lambda: client.get(page))
    themes += [make_theme(closed_campaign, f"More {number}", bodies=("A", "B", "C")) for number in range(27)]
    for theme in themes:
        decision = give_answer(theme, respondent=bob)
        commit_to(session, decision, title="Ship", impact="", owner=bob, due_on=due, by=bob, now=now)
    session.commit()
    assert count_queries(lambda: client.get(page)) == few


# The page of the team


def test_a_text_is_kept_and_shown_again(signed_in, session, closed_campaign, theme, page, bob):
    client = signed_in(bob)
    kept = client.post(f"{page}/write", data={"body": "Dear all, {{ people }} of you", "then": "save"})
    assert (kept.status_code, kept.location) == (303, f"{page}/write")
    assert debrief_of(session, closed_campaign).body == "Dear all, {{ people }} of you"
    writing = client.get(f"{page}/write").text
    assert "Dear all, {{ people }} of you</textarea>" in writing
    assert "<p>Dear all, 1 of you</p>" in writing
    assert f'/themes/{theme.id}/decision"' in writing  # not answered yet


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (" ", "Write the text of the debrief first."),
        ("x" * 30_001, "The limit is 30,000."),
        ("{{ salary }} again", "There is no figure called “salary”"),
    ],
)
def test_a_refused_text_is_shown_again_with_a_sentence(
    signed_in, session, closed_campaign, page, alice, body, sentence
):
    back = signed_in(alice).post(f"{page}/write", data={"body": body})
    assert back.status_code == 422
    assert sentence in back.text
    assert body.strip() in back.text
    assert debrief_of(session, closed_campaign) is None


def test_an_outline_is_offered_for_an_empty_page(
    signed_in, session, closed_campaign, make_theme, theme, give_answer, page, alice
):
    give_answer(theme)
    give_answer(make_theme(closed_campaign, "Teleport *home* {{ salary }}"), status=DecisionStatus.DECLINED)
    client = signed_in(alice)
    assert "outline=1" in client.get(f"{page}/write").text
    outlined = client.get(f"{page}/write?outline=1").text
    assert "**Fewer clicks**" in outlined
    assert "{{ decisions }}" in outlined
    assert "<strong>Teleport *home* {{ salary }}</strong>" in outlined  # the preview: a name is no sign and no figure
    assert debrief_of(session, closed_campaign) is None
    body = outlined.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert client.post(f"{page}/write", data={"body": body}).status_code == 303
    assert "outline=1" not in client.get(f"{page}/write").text


def test_themes_are_sorted_by_family_in_the_outline_and_in_the_list(
    signed_in, session, closed_campaign, make_theme, theme, page, alice, now
):
    other = make_theme(closed_campaign, "Shorter queues")
    other.family = 1
    run = ThemeRun(campaign_id=closed_campaign.id, model="test", created_at=now, applied_at=now, ideas=3, themes=2)
    run.families = ("Software *", "The waiting room")
    session.add(run)
    session.commit()
    outlined = signed_in(alice).get(f"{page}/write?outline=1").text
    body, _, preview = outlined.partition("</textarea>")
    assert "The themes belong to 2 families:" in body
    assert body.index(r"### Software \*") < body.index("**Fewer clicks**") < body.index("### The waiting room")
    assert body.index("### The waiting room") < body.index("**Shorter queues**")
    assert 'class="answers__family">The waiting room</h3>' in preview
    assert '<h4 class="answer__name">' in preview


def test_a_preview_saves_nothing(signed_in, session, closed_campaign, theme, page, alice):
    client = signed_in(alice)
    whole = client.post(f"{page}/preview", data={"body": "We are {{ people }}"})
    part = client.post(f"{page}/preview", data={"body": "We are {{ people }}"}, headers={"HX-Request": "true"})
    assert "<p>We are 1</p>" in whole.text
    assert "We are {{ people }}</textarea>" in whole.text
    assert "<p>We are 1</p>" in part.text
    assert "<textarea" not in part.text
    assert debrief_of(session, closed_campaign) is None


def test_a_preview_names_the_figure_that_does_not_exist(signed_in, theme, page, alice):
    part = signed_in(alice).post(f"{page}/preview", data={"body": "{{ pay }}"}, headers={"HX-Request": "true"})
    assert part.status_code == 422
    assert "There is no figure called “pay”" in part.text


def test_the_page_before_publishing_says_when_nobody_gets_a_message(
    signed_in, session, closed_campaign, page, alice, make_idea
):
    make_idea(closed_campaign, None, "Imported.")
    session.commit()
    manager = signed_in(alice)
    step = manager.post(f"{page}/write", data={"body": "Thank you all.", "then": "publish"})
    assert "no email is sent" in manager.get(step.location).text


def test_publishing_asks_for_confirmation_then_opens_the_debrief(
    signed_in, client, session, closed_campaign, theme, make_theme, give_answer, page, alice, bob, make_idea, now
):
    give_answer(theme)
    make_theme(closed_campaign, "Quiet rooms")
    idea = make_idea(closed_campaign, None, "Imported.")
    session.add(Vote(idea_id=idea.id, person_id=bob.id, created_at=now))
    session.commit()
    manager = signed_in(alice)
    step = manager.post(f"{page}/write", data={"body": "Thank you all.", "then": "publish"})
    assert step.location == f"{page}/write?step=publish"
    asked = manager.get(step.location).text
    assert "we email 2 people who took part" in asked
    assert "1 theme has no answer" in asked
    assert "Thank you all." in asked
    assert manager.post(f"{page}/publish").location == page
    session.expire_all()
    assert closed_campaign.debriefed_at is not None
    act = session.scalars(
        select(Activity).where(Activity.verb == Verb.PUBLISHED, Activity.object_kind == "debrief")
    ).one()
    assert (act.verb, act.object_id, act.actor_id) == (Verb.PUBLISHED, closed_campaign.id, alice.id)
    assert "Thank you all." in client.get(page).text
    again = manager.post(f"{page}/publish")
    assert again.status_code == 422
    assert "already published" in again.text


def test_a_public_text_can_be_corrected(signed_in, client, session, published, page, alice):
    published()
    manager = signed_in(alice)
    assert "This debrief has been published since" in manager.get(f"{page}/write").text
    assert "Publish the debrief" not in manager.get(f"{page}/write?step=publish").text
    manager.post(f"{page}/write", data={"body": "Corrected."})
    shown = client.get(page).text
    assert "Corrected." in shown
    assert "Corrected on" in shown


def test_publishing_too_early_says_why(signed_in, session, campaign, closed_campaign, theme, page, alice, now):
    manager = signed_in(alice)
    early = manager.post(f"/campaigns/{campaign.id}/debrief/publish")
    assert (early.status_code, "The campaign is still open." in early.text) == (422, True)
    unwritten = manager.post(f"{page}/publish")
    assert (unwritten.status_code, "Write the text of the debrief before" in unwritten.text) == (422, True)
    write_debrief(session, closed_campaign, body="Thanks.", by=closed_campaign.owner, now=now)
    session.commit()
    undecided = manager.post(f"{page}/publish")
    assert (undecided.status_code, "at least one theme" in undecided.text) == (422, True)


def test_a_debrief_can_be_written_before_there_are_themes(signed_in, campaign, alice):
    writing = signed_in(alice).get(f"/campaigns/{campaign.id}/debrief/write?outline=1")
    assert writing.status_code == 200
    assert "There are no themes yet" in writing.text
    assert 'then" value="publish' not in writing.text


@pytest.mark.parametrize(
    ("method", "path"), [("get", "write"), ("post", "write"), ("post", "preview"), ("post", "publish")]
)
def test_writing_a_debrief_is_for_managers(client, signed_in, page, charlie, method, path):
    assert "/sign-in" in getattr(client, method)(f"{page}/{path}").location
    assert getattr(signed_in(charlie), method)(f"{page}/{path}").status_code == 403


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_are_escaped(
    client, signed_in, session, closed_campaign, make_theme, give_answer, page, make_person, alice, now, hostile
):
    eve = make_person(hostile, email="eve@example.org")
    closed_campaign.owner = eve
    decision = give_answer(make_theme(closed_campaign, hostile, bodies=[hostile]), reason=hostile, respondent=eve)
    commit_to(session, decision, title=hostile, impact=hostile, owner=eve, due_on=now.date(), by=eve, now=now)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=closed_campaign.owner, now=now)
    debrief.body = hostile  # whatever the rules let through, now or later
    debrief.published_at = closed_campaign.debriefed_at = now
    session.commit()
    manager = signed_in(eve)
    shown = [client.get(page).text, manager.get(f"{page}/write").text]
    shown.append(manager.post(f"{page}/preview", data={"body": hostile}, headers={"HX-Request": "true"}).text)
    for text in shown:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text
        assert ">49<" not in text
