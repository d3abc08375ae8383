import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.views.answers.debriefs import contents as view
from app.views.answers.debriefs import debrief as versions_view
from clustering.types import Leftover
from ideas.activity.activity import Activity, Verb
from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import debrief_of, publish_debrief, write_debrief
from ideas.answers.debriefs.figures import FIGURE_NAMES, Figures
from ideas.answers.decision import DecisionStatus, decisions_in, promise_answers, unanswered
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.contributions.withheld import Withheld
from ideas.desk.reading import read_idea
from ideas.themes.checks.check import Belongs, check_idea
from ideas.themes.checks.sample import cards_of, draw_sample
from ideas.themes.edits.edit import merge_themes
from ideas.themes.placement import Placement
from ideas.themes.runs.proposal import Proposal
from ideas.themes.runs.run import ThemeRun

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))", "{{ 7*7 }}"]


def unlinked(text):
    """The page without the links by which figures, themes and quotations can be checked."""
    return re.sub(r'<a class="checked" href="[^"]*">(.*?)</a>', r"\1", text)


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
        owner = closed_campaign.owner
        waiting = unanswered(session, closed_campaign, by=owner, now=now)
        dates = dict.fromkeys((theme.id for theme in waiting), now.date() + timedelta(days=9))
        promise_answers(session, closed_campaign, dates=dates, by=owner, now=now)
        debrief = write_debrief(session, closed_campaign, body=body, by=owner, now=now)
        publish_debrief(session, debrief, by=owner, now=now)
        session.commit()
        return debrief

    return publish


# The page that everyone reads


def test_everyone_reads_what_was_published(client, published, page):
    published()
    shown = client.get(page)
    assert shown.status_code == 200
    for words in ("Thank you for 2 ideas.", "Fewer clicks", "It ships in spring.", "Alice", "One click to confirm."):
        assert words in unlinked(shown.text)
    assert shown.text.index("Thank you for") < shown.text.index("It ships in spring.") < shown.text.index("Until next")
    assert "{{" not in shown.text


def test_the_definition_is_beside_the_answer_and_answers_without_a_proposal_are_counted_apart(
    client, session, closed_campaign, published, theme, make_idea, page
):
    theme.definition = "One click should be enough to confirm."
    for kind in (Leftover.NOTHING, Leftover.AGREES, Leftover.OUTLIER):
        idea = make_idea(closed_campaign, None, "Yes.")
        session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, leftover=kind))
    published()
    shown = client.get(page).text
    assert "One click should be enough to confirm." in shown
    assert "of 3 ideas." in shown
    assert "2 more answers propose nothing." in shown
    assert "does not mention: ideas on their own" in shown


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
    facts = {"title": "Ship", "impact": "", "owner": bob, "due_on": due, "by": bob, "now": now}
    commit_to(session, give_answer(themes.pop(), respondent=bob), **facts)
    session.commit()
    few = count_queries(lambda: client.get(page))
    themes += [make_theme(closed_campaign, f"More {number}", bodies=("A", "B", "C")) for number in range(27)]
    for theme in themes:
        commit_to(session, give_answer(theme, respondent=bob), **facts)
    session.commit()
    assert count_queries(lambda: client.get(page)) == few


def listed(client, address):
    """How many ideas the list at this address says that it has."""
    text = client.get(address.replace("&amp;", "&")).text
    return int(re.search(r'id="found" role="status">.*?([\d,]+) ideas?<', text, re.DOTALL)[1].replace(",", ""))


def test_every_figure_theme_and_quotation_leads_to_its_ideas_and_their_lists_agree(
    client, closed_campaign, published, make_theme, make_idea, theme, page
):
    made = make_theme(closed_campaign, "More light in *rooms*", bodies=("Lamps on every table, please.", "Windows."))
    make_idea(closed_campaign, None, "A slide between the two floors.")
    published(
        "{{ ideas }} ideas, [{{ ideas }}](https://example.org), `{{ ideas }}` and {{ themes_label }}. We read"
        r" **More light in \*rooms\***, in “lamps on every table”."
        "\n\n> A slide between *the two* floors…\n> \n\nWho said this?\n\n> Nobody ever wrote this here\ue000 at all"
    )
    shown = client.get(page).text
    prose = shown[shown.index('<div class="prose"') : shown.index('id="answers-title"')]
    links = re.findall(r'<a class="checked" href="([^"]+)">(.*?)</a>', prose)
    ideas = page.replace("/debrief", "/ideas")
    lamps, slide = (re.search(rf'{ideas}/(\d+)">Idea \1</a>', part)[1] for part in prose.split("<blockquote>")[:2])
    assert links == [
        (ideas, "5"),
        (page.replace("/debrief", "/themes"), "2 themes"),
        (page.replace("/debrief", f"/themes/{made.id}"), "More light in *rooms*"),
        (f"{ideas}/{lamps}", f"Idea {lamps}"),
        (f"{ideas}/{slide}", f"Idea {slide}"),
    ]
    assert "Lamps on every table" in client.get(f"{ideas}/{lamps}").text
    assert "A slide between" in client.get(f"{ideas}/{slide}").text
    assert "<code>5</code>" in prose
    assert not re.search("[\ue000-\ue002]", shown)
    for value, address in ((5, ideas), (1, f"{ideas}?imported=yes"), (2, f"{ideas}?theme={theme.id}")):
        assert f'href="{address}"' in shown
        assert listed(client, address) == value, address
    # The answered theme, the named one, and what is quoted.
    assert "This debrief rests on" in shown
    assert listed(client, f"{ideas}?debrief=yes") == 5
    assert "that it does not mention" not in shown


def test_the_largest_group_that_a_debrief_does_not_mention_is_named_and_listed(
    client, signed_in, session, closed_campaign, published, make_theme, make_idea, page, alice
):
    make_theme(closed_campaign, "More light", bodies=("Lamps.", "Windows.", "Mirrors."))
    make_idea(closed_campaign, None, "Alone.")
    published("Thanks.\n\n> Nobody ever wrote this here at all")
    shown = client.get(page).text
    ideas = page.replace("/debrief", "/ideas")
    assert "not found among the ideas" in shown  # for readers
    assert "The largest group that it does not mention: the theme “More light”" in shown
    assert "was not found in the ideas" not in shown
    for address, value in re.findall(rf'href="({ideas}\?[^"]*debrief=(?:yes|no)[^"]*)">\D*(\d+)', shown):
        assert listed(client, address) == int(value), address
    assert listed(client, f"{ideas}?theme={_theme_of(shown)}&debrief=no") == 3
    writing = signed_in(alice).get(f"{page}/write").text
    assert "1 quotation was not found in the ideas" in writing
    unsaved = signed_in(alice).post(f"{page}/preview", data={"body": "**More light** and “{{ ideas }}”"}).text
    assert "debrief=yes" not in unsaved  # a list would be that of the text which is saved


def test_what_nobody_can_check_is_named_to_who_writes_it_and_marked_for_readers(
    client, signed_in, session, closed_campaign, published, make_idea, theme, page, alice, charlie, now
):
    gone = make_idea(closed_campaign, charlie, "Open the garden gate at seven.")
    hidden = make_idea(closed_campaign, charlie, "Send the director home for good.")
    published(
        "We thank 812 people. Of {{ ideas }} ideas, **62 % ask for light**.\n\n> Open the garden gate at seven.\n\n"
        "Someone said “nobody ever wrote these words”. “Fewer clicks” is a theme. In 2026 we met 3 times."
        "\n\n> Send the director home for good.\n"
    )
    gone.withdrawn_at = now
    hidden.withheld = Withheld.HIDDEN
    session.commit()
    shown = client.get(page).text
    assert "its author withdrew this idea" in shown
    assert "these words”&nbsp;(not found among the ideas)" in shown
    assert shown.count("not found among the ideas") == 1
    assert "Send the director" not in shown
    assert "Charlie" not in shown[shown.index('<div class="prose"') : shown.index('id="answers-title"')]
    writing = signed_in(alice).get(f"{page}/write").text
    warned = writing[writing.index("were not found in the ideas") :]
    for words in (
        f"Its author withdrew idea {gone.id}.", f"Moderators deal with idea {hidden.id}", "nobody ever wrote",
        "2 sentences have figures that were typed by hand", ">We thank 812 people.</li>", "62 % ask for light",
    ):  # fmt: skip
        assert words in warned, words
    assert '<li dir="auto">In 2026' not in warned
    assert "Fewer clicks” is" not in warned[: warned.index("typed by hand")]


def _theme_of(shown):
    return re.search(r"\?theme=(\d+)&amp;debrief=no", shown)[1]


# The page of the team


def test_a_text_is_kept_and_shown_again(signed_in, session, closed_campaign, theme, page, bob):
    client = signed_in(bob)
    kept = client.post(f"{page}/write", data={"body": "Dear all, {{ people }} of you", "then": "save"})
    assert (kept.status_code, kept.location) == (303, f"{page}/write")
    assert debrief_of(session, closed_campaign).body == "Dear all, {{ people }} of you"
    writing = client.get(f"{page}/write").text
    assert "Dear all, {{ people }} of you</textarea>" in writing
    assert "<p>Dear all, 1 of you</p>" in unlinked(writing)
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
    assert "<strong>Teleport *home* {{ salary }}</strong>" in unlinked(
        outlined
    )  # the preview: a name is no sign and no figure
    assert debrief_of(session, closed_campaign) is None
    body = outlined.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert client.post(f"{page}/write", data={"body": body}).status_code == 303
    assert "outline=1" not in client.get(f"{page}/write").text


def test_themes_are_sorted_by_family_in_the_outline_and_in_the_list(
    signed_in, session, closed_campaign, make_theme, theme, page, alice, now
):
    other, third = make_theme(closed_campaign, "Shorter queues"), make_theme(closed_campaign, "More seats")
    other.family = third.family = 1
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
    assert "<p>We are 1</p>" in unlinked(whole.text)
    assert "We are {{ people }}</textarea>" in whole.text
    assert "<p>We are 1</p>" in unlinked(part.text)
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
    signed_in,
    client,
    session,
    closed_campaign,
    theme,
    give_answer,
    page,
    alice,
    make_person,
    make_idea,
    now,
    press_publish,
):
    give_answer(theme)
    idea = make_idea(closed_campaign, None, "Imported.")
    session.add(Vote(idea_id=idea.id, person_id=make_person("Dora").id, created_at=now))
    session.add(Vote(idea_id=idea.id, person_id=alice.id, created_at=now))  # of the team
    session.commit()
    manager = signed_in(alice)
    step = manager.post(f"{page}/write", data={"body": "Thank you all.", "then": "publish"})
    assert step.location == f"{page}/write?step=publish"
    asked = manager.get(step.location).text
    assert "2 people will be told" in asked
    assert "no answer" not in asked
    assert "Thank you all." in asked
    assert press_publish(manager, page).location == page
    session.expire_all()
    assert closed_campaign.debriefed_at is not None
    act = session.scalars(
        select(Activity).where(Activity.verb == Verb.PUBLISHED, Activity.object_kind == "debrief")
    ).one()
    assert (act.verb, act.object_id, act.actor_id) == (Verb.PUBLISHED, closed_campaign.id, alice.id)
    shown = client.get(page).text
    assert "Thank you all." in shown
    assert "imported idea" in shown
    again = manager.post(f"{page}/publish")
    assert again.status_code == 422
    assert "already published" in again.text


# Themes without an answer


@pytest.fixture
def two_unanswered(session, closed_campaign, theme, make_theme, give_answer, page, bob, now):
    """A debrief that is written, with one theme of three answered."""
    give_answer(theme)
    write_debrief(session, closed_campaign, body="Thanks.", by=bob, now=now)
    session.commit()
    return make_theme(closed_campaign, "Quiet rooms"), make_theme(closed_campaign, "More light")


def test_publishing_lists_the_themes_without_an_answer_and_asks_for_each(
    signed_in, session, closed_campaign, two_unanswered, page, alice, now
):
    manager = signed_in(alice)
    asked = manager.get(f"{page}/write?step=publish").text
    assert "2 themes have no answer" in asked
    for theme in two_unanswered:
        assert f'href="/campaigns/{closed_campaign.id}/themes/{theme.id}/decision"' in asked
    assert 'action="/campaigns/' + f'{closed_campaign.id}/debrief/publish"' in asked
    assert "Publish the debrief</span></button>" not in asked
    refused = manager.post(f"{page}/publish")
    assert (refused.status_code, "Themes without an answer: 2." in refused.text) == (422, True)
    session.expire_all()
    assert closed_campaign.debriefed_at is None


def test_one_day_is_promised_for_all_but_a_theme_may_have_its_own(
    signed_in, client, session, closed_campaign, two_unanswered, page, alice, now, press_publish
):
    quiet, light = two_unanswered
    all_by, quiet_by = ((now + timedelta(days=days)).date() for days in (40, 20))
    data = {
        "expected_on": all_by.isoformat(),
        "themes-0-theme": quiet.id,
        "themes-0-expected_on": quiet_by.isoformat(),
        "themes-1-theme": light.id,
        "themes-1-expected_on": "",
    }
    manager = signed_in(alice)
    assert manager.post(f"{page}/promised", data=data).location == f"{page}/write?step=publish"
    decisions = decisions_in(session, closed_campaign)
    assert (decisions[quiet.id].expected_on, decisions[light.id].expected_on) == (quiet_by, all_by)
    asked = manager.get(f"{page}/write?step=publish").text
    assert "2 themes have no answer yet, each with its promised day:" in asked
    assert "Publish the debrief</span></button>" in asked
    assert press_publish(manager, page).location == page
    shown = client.get(page).text
    assert "This theme has no answer yet. It is promised for" in shown
    assert "Answer promised" in shown


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("", "Enter a day for all themes, or for each."),
        ("soon", "Not a valid date"),
        ("2020-01-01", "Choose a day after today for the answer."),
    ],
)
def test_a_refused_day_is_shown_again_with_a_sentence(
    signed_in, session, closed_campaign, two_unanswered, page, alice, day, sentence
):
    quiet, _light = two_unanswered
    data = {"expected_on": day, "themes-0-theme": quiet.id, "themes-0-expected_on": ""}
    back = signed_in(alice).post(f"{page}/promised", data=data)
    assert (back.status_code, sentence in back.text) == (422, True)
    assert "Quiet rooms" in back.text
    assert quiet.id not in decisions_in(session, closed_campaign)


def test_publishing_warns_of_a_proposal_that_waits_and_of_ideas_without_a_place(
    signed_in, session, closed_campaign, theme, give_answer, make_idea, page, alice, charlie, now
):
    give_answer(theme)
    make_idea(closed_campaign, charlie, "Not placed yet.")
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    run = ThemeRun(campaign_id=closed_campaign.id, model="test", created_at=now, ideas=3, themes=2)
    session.add(run)
    session.flush()
    session.add(Proposal(campaign_id=closed_campaign.id, run_id=run.id, created_at=now))
    session.commit()
    asked = signed_in(alice).get(f"{page}/write?step=publish").text
    assert "A new grouping of the ideas waits for your review." in asked
    assert f'href="/campaigns/{closed_campaign.id}/themes/proposal"' in asked
    assert "1 idea is not placed in a theme yet." in asked


def test_the_page_before_publishing_names_quotations_of_ideas_that_are_gone(
    signed_in, session, closed_campaign, theme, give_answer, make_idea, make_person, page, alice, now
):
    give_answer(theme)
    zoe = make_person("Zoe")
    texts = ("Open the garden gate at seven.", "Send the director home for good.", "Lamps on every second table.")
    gone, hidden, erased = (make_idea(closed_campaign, zoe, text) for text in texts)
    body = "\n\n".join(f"> {text}" for text in texts)
    write_debrief(session, closed_campaign, body=body, by=alice, now=now)
    gone.withdrawn_at, hidden.withheld, erased.author_id = now, Withheld.HIDDEN, None
    zoe.erased_at = now
    session.commit()
    shown = signed_in(alice).get(f"{page}/write?step=publish").text
    assert "2 quotations were not found in the ideas." in shown
    assert f"Its author withdrew idea {gone.id}." in shown
    assert f"Moderators deal with idea {hidden.id}: not everyone can read it." in shown
    assert f'/ideas/{erased.id}">Idea {erased.id}</a>' in shown, "an idea stays quoted without its author"
    assert "Zoe" not in shown


# Once published


def test_a_published_text_changes_with_a_reason_and_everyone_reads_what_it_was(
    signed_in, client, session, published, page, alice
):
    debrief = published("Thank you for {{ ideas_label }}.")
    assert "Nobody gets an email about a changed text" in signed_in(alice).get(f"{page}/write").text
    manager = signed_in(alice)
    writing = manager.get(f"{page}/write").text
    assert "This debrief has been published since" in writing
    assert "Why you change the text" in writing
    assert "Publish the debrief" not in manager.get(f"{page}/write?step=publish").text
    sent = {"body": "Corrected.", "version": debrief.version}
    refused = manager.post(f"{page}/write", data=sent)
    assert (refused.status_code, "Say why you change it" in refused.text) == (422, True)
    assert "Corrected.</textarea>" in refused.text
    assert "Read the earlier text" not in client.get(page).text
    assert manager.post(f"{page}/write", data=sent | {"change_reason": "A wrong figure."}).status_code == 303
    shown = client.get(page).text
    assert "Corrected." in shown
    assert "Changed on" in shown
    assert f'href="{page}/versions"' in shown
    earlier = client.get(f"{page}/versions").text
    assert earlier.index("Corrected.") < earlier.index("Thank you for 2 ideas.")
    assert "Changed by Alice. Reason: A wrong figure." in earlier


@pytest.fixture
def checked(session, closed_campaign, theme, make_ideas, charlie, now):
    """A run whose five ideas Alice found rightly placed."""
    alice = closed_campaign.owner
    run = ThemeRun(
        campaign_id=closed_campaign.id, model="test-model", created_at=now, ideas=5, themes=1, applied_at=now
    )
    session.add(run)
    for idea in make_ideas(closed_campaign, charlie, [{"body": f"Idea {number}"} for number in range(3)]):
        session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=theme.id))
    session.flush()
    for card in cards_of(session, draw_sample(session, closed_campaign)):
        idea = session.get(Idea, card.idea_id)
        check_idea(session, closed_campaign, idea, theme=theme, belongs=Belongs.YES, by=alice, now=now)
    session.commit()


def test_everyone_reads_what_was_automatic_and_how_often_people_agreed(client, checked, published, page):
    published()
    shown = client.get(page).text
    assert "with the language model test-model." in shown
    assert "The team checked 5 ideas." in shown
    assert (
        "Of 5 ideas drawn at random and checked by people, 5 were rightly placed: 100%, between 57% and 100%." in shown
    )


def test_the_agreement_can_be_left_out_and_after_publication_with_a_reason(
    signed_in, client, session, closed_campaign, checked, published, page, alice
):
    debrief = published()
    manager = signed_in(alice)
    assert "Don’t publish the share of rightly placed ideas" in manager.get(f"{page}/write").text
    sent = {"body": debrief.body, "version": debrief.version, "hides_agreement": "y"}
    assert manager.post(f"{page}/write", data=sent).status_code == 422
    assert manager.post(f"{page}/write", data=sent | {"change_reason": "Too few ideas."}).status_code == 303
    shown = client.get(page).text
    assert "drawn at random" not in shown
    assert "with the language model test-model." in shown
    session.expire_all()
    assert debrief_of(session, closed_campaign).hides_agreement
    last = session.scalars(
        select(Activity).where(Activity.object_kind == "debrief").order_by(Activity.id.desc())
    ).first()
    assert (last.before["hides_agreement"], last.after["hides_agreement"]) == (False, True)


def test_a_preview_shows_the_agreement_unless_it_is_left_out(signed_in, checked, page, alice):
    manager, figure = signed_in(alice), "drawn at random and checked"
    shown = manager.post(f"{page}/preview", data={"body": "Words."}, headers={"HX-Request": "true"}).text
    hidden = manager.post(
        f"{page}/preview", data={"body": "Words.", "hides_agreement": "y"}, headers={"HX-Request": "true"}
    ).text
    assert (figure in shown, figure in hidden) == (True, False)


def test_before_publication_there_are_no_versions_to_read(client, page):
    assert client.get(f"{page}/versions").location == page


def test_two_who_write_the_text_see_both_and_lose_nothing(signed_in, session, closed_campaign, page, alice, bob):
    first, second = signed_in(alice), signed_in(bob)
    assert first.post(f"{page}/write", data={"body": "Alice’s words.", "version": "0"}).status_code == 303
    conflict = second.post(f"{page}/write", data={"body": "Bob’s words.", "version": "0"})
    assert conflict.status_code == 409
    for words in ("There are two versions", "Alice saved another version on", "Alice’s words.", "Bob’s words."):
        assert words in conflict.text
    assert "Bob’s words.</textarea>" in conflict.text
    assert debrief_of(session, closed_campaign).body == "Alice’s words."
    version = re.search(r'name="version"[^>]*value="(\d+)"', conflict.text)[1]
    assert second.post(f"{page}/write", data={"body": "Both.", "version": version}).status_code == 303
    session.expire_all()
    assert debrief_of(session, closed_campaign).body == "Both."


def test_a_merged_theme_keeps_its_published_answer_in_the_debrief(
    signed_in, client, session, closed_campaign, published, theme, make_theme, give_answer, page, alice, bob, now
):
    quiet = make_theme(closed_campaign, "Quiet rooms")
    published()
    decision = give_answer(theme)
    due = now.date() + timedelta(days=9)
    action = commit_to(session, decision, title="Ship one click", impact="", owner=bob, due_on=due, by=alice, now=now)
    session.commit()
    manager = signed_in(alice)
    themes = f"/campaigns/{closed_campaign.id}/themes"
    asked = manager.post(f"{themes}/{quiet.id}/merge", data={"other": [theme.id]})
    assert (asked.status_code, "have a published answer: Fewer clicks" in asked.text) == (422, True)
    merged = {"other": [theme.id], "anyway": "y", "reason": "The same wish."}
    assert manager.post(f"{themes}/{quiet.id}/merge", data=merged).status_code == 303
    shown = client.get(page).text
    for words in ("Earlier answers of merged themes", "Merged into “Quiet rooms”.", "It ships in spring.", "Ship one"):
        assert words in shown
    assert "1 action promised" in shown
    writing = manager.get(f"{themes}/{quiet.id}/decision").text
    assert "Earlier answer of a merged theme: Fewer clicks" in writing
    address = f"/campaigns/{closed_campaign.id}/actions/{action.id}/progress"
    done = manager.post(address, data={"progress": "100", "theme": quiet.id})
    assert done.location == f"{themes}/{quiet.id}/decision#actions"
    assert "1 action done" in client.get(page).text
    assert manager.post(address, data={"progress": "90", "theme": "0", "reason": "No."}).status_code == 404


def test_an_answer_that_comes_back_by_undoing_a_merge_is_published(
    signed_in, client, session, closed_campaign, theme, make_theme, give_answer, page, alice, now
):
    quiet = make_theme(closed_campaign, "Quiet rooms")
    given = give_answer(theme)
    give_answer(quiet)
    edit = merge_themes(session, quiet, others=[theme], by=alice, now=now)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    undo = f"/campaigns/{closed_campaign.id}/themes/edits/{edit.id}/undo"
    assert signed_in(alice).post(undo, data={"reason": "Not the same."}).status_code == 303
    session.refresh(given)
    assert given.published_at is not None
    assert client.get(f"/campaigns/{closed_campaign.id}/answers/{given.id}").status_code == 200


# Figures


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 idea, 1 person, 1 comment, 1 theme", "1,226 ideas, 1,226 people, 1,226 comments, 1,226 themes"),
        (
            "fr",
            "1 idée, 1 personne, 1 commentaire, 1 thème",
            "1\u202f226 idées, 1\u202f226 personnes, 1\u202f226 commentaires, 1\u202f226 thèmes",
        ),
    ],
)
def test_figures_in_a_stored_text_have_the_number_and_the_noun_of_the_readers_language(
    client, monkeypatch, published, page, language, one, many
):
    published("{{ ideas_label }}, {{ people_label }}, {{ comments_label }}, {{ themes_label }}. Alone: {{ ideas }}")
    for count, sentence in ((1, one), (1226, many)):
        counted = Figures(**dict.fromkeys(FIGURE_NAMES, count))
        monkeypatch.setattr(view, "figures", lambda *_args, counted=counted: counted)
        shown = unlinked(client.get(page, headers={"Accept-Language": language}).text)
        number = sentence.split(" ", 1)[0]
        assert f"<p>{sentence}. Alone: {number}</p>" in shown
        band = shown[shown.index('class="figures"') : shown.index("</dl>")]
        labels = [" ".join(label.split()) for label in re.findall(r'figure__label">([^<]+)<', band)]
        plural = {"en": ["people took part", "ideas"], "fr": ["personnes ont participé", "idées"]}[language]
        assert (plural[1] in labels) == (count > 1)
        assert re.findall(r'figure__value"><a href="[^"]+">([^<]+)<', band) == [number] * len(FIGURE_NAMES)


@pytest.mark.parametrize("reader", ["en", "fr"])
@pytest.mark.parametrize(
    ("body", "language", "shown"),
    [
        ("Vous avez envoyé {{ ideas }} idées : {{ comments_label }} sur le sujet.", "fr",
         "Vous avez envoyé 1\u202f226 idées : 1\u202f226 commentaires sur le sujet."),
        ("You sent us {{ ideas }} ideas, with {{ comments_label }}.", "en",
         "You sent us 1,226 ideas, with 1,226 comments."),
    ],
)  # fmt: skip
def test_figures_in_a_text_are_in_the_language_of_the_text_whoever_reads_it(
    client, monkeypatch, published, page, reader, body, language, shown
):
    published(body)
    counted = Figures(**dict.fromkeys(FIGURE_NAMES, 1226))
    monkeypatch.setattr(view, "figures", lambda *_args: counted)
    monkeypatch.setattr(versions_view, "figures", lambda *_args: counted)
    for address in (page, f"{page}/versions"):
        text = unlinked(client.get(address, headers={"Accept-Language": reader}).text)
        assert f'<div class="prose" lang="{language}" dir="auto"><p>{shown}</p>' in text


def test_the_outline_says_how_many_ideas_name_nobody_and_nothing_that_is_not_known(
    session, signed_in, closed_campaign, make_idea, page, alice, now
):
    make_idea(closed_campaign, None, "Imported.")
    outlined = signed_in(alice).get(f"{page}/write?outline=1").text
    body = outlined.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert "This campaign received {{ ideas_label }}. Here" in body
    assert "{{ without_author_label }}" in body
    assert " read" not in body
    read_idea(session, make_idea(closed_campaign, None, "Read."), by=alice, now=now)
    session.commit()
    assert "We read {{ read_label }}." in signed_in(alice).get(f"{page}/write?outline=1").text
    shown = signed_in(alice).post(f"{page}/preview", data={"body": "We read {{ read_label }}."}).text
    assert ("1 of 2 ideas" in unlinked(shown), "idea read by the team, of 2" in shown) == (True, True)


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
