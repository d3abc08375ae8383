import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from ideas.accounts.sign_in import SignIn
from ideas.contributions.draft import save_draft
from ideas.contributions.idea import MAX_BODY_LENGTH, Idea, withdraw_idea
from ideas.contributions.vote import Emotion, cast_vote, react

HTMX = {"HX-Request": "true"}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def later_campaign(make_campaign, now):
    return make_campaign(opens_at=now + timedelta(days=1))


def new_url(campaign, **query):
    draft = f"?draft={query['draft'].id}" if query else ""
    return f"/campaigns/{campaign.id}/ideas/new{draft}"


def url(idea, act=""):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}" + (f"/{act}" if act else "")


def ideas_by(session, person):
    session.expire_all()
    return session.scalars(select(Idea).where(Idea.author_id == person.id).order_by(Idea.id)).all()


# The list


def test_a_visitor_reads_the_ideas_newest_first(client, campaign, make_idea, charlie, bob):
    make_idea(campaign, charlie, "The elder")
    make_idea(campaign, bob, "The younger")
    page = client.get(f"/campaigns/{campaign.id}/ideas").text
    assert page.index("The younger") < page.index("The elder")
    assert "Charlie" in page
    assert "/sign-in?next=" in page


def test_the_list_shows_support_emotions_and_comments(signed_in, session, idea, alice, bob, now):
    cast_vote(session, idea, by=bob, now=now)
    react(session, idea, by=bob, emotion=Emotion.HOPE, now=now)
    session.commit()
    signed_in(alice).post(url(idea, "comments"), data={"body": "Yes."})
    page = signed_in(bob).get(f"/campaigns/{idea.campaign_id}/ideas").text
    assert 'aria-pressed="true"' in page
    assert 'title="Hope"' in page
    assert "1 comment<" in page


def test_a_page_has_twenty_ideas_and_the_next_page_keeps_the_search(client, session, campaign, make_idea, charlie, now):
    for number in range(45):
        make_idea(campaign, charlie, f"Shorter queue number {number}")
    address = f"/campaigns/{campaign.id}/ideas"
    assert client.get(address).text.count('class="card idea-card"') == 20
    first = client.get(address + "?containing=QUEUES").text
    assert "45 ideas contain “QUEUES”." in first
    assert "Shorter <mark>queue</mark> number 44" in first
    for found in (20, 5):
        (older,) = re.findall(r'rel="next"\s+href="([^"]+)"', first)
        first = client.get(older.replace("&amp;", "&")).text
        assert first.count('class="card idea-card"') == found
    assert 'rel="next"' not in first
    (newer,) = re.findall(r'rel="prev" href="([^"]+)"', first)
    assert "number 24<" in client.get(newer.replace("&amp;", "&")).text.replace("<mark>", "").replace("</mark>", "")
    last = session.scalar(select(func.min(Idea.id)))
    end = client.get(f"{address}?after={last + 5}-{last + 5}").text
    assert end.count('class="card idea-card"') == 5
    session.execute(update(Idea).where(Idea.id < last + 5).values(withdrawn_at=now))
    session.commit()
    assert "The list ends here" in client.get(f"{address}?after={last + 5}-{last + 5}").text  # a link that was sent


def test_any_place_order_and_filter_shows_a_page(client, idea):
    for value in ("-1", "0", "x", "1-2", "9" * 30, "9" * 5000, "\x00", "1-" + "9" * 30, "declined", "fr"):
        for name in ("after", "until", "before", "order", "theme", "lang", "answer", "mine", "match"):
            answer = client.get(f"/campaigns/{idea.campaign_id}/ideas", query_string={name: value})
            assert answer.status_code == 200, (name, value)


@pytest.mark.parametrize(
    "words", ["%", "_", "\x00", "\u202e", "a" * 60_000, "\\", "'; DROP TABLE idea; --", "<script>"]
)
def test_any_search_shows_a_page(client, idea, words):
    answer = client.get(f"/campaigns/{idea.campaign_id}/ideas", query_string={"containing": words})
    assert answer.status_code == 200
    assert "<script>" not in answer.text.split("</head>")[1]


def test_an_empty_list_says_why(client, signed_in, charlie, campaign, later_campaign, closed_campaign):
    def list_of(campaign, query=""):
        return signed_in(charlie).get(f"/campaigns/{campaign.id}/ideas{query}").text

    assert "No idea yet" in list_of(campaign)
    assert "This campaign is not open yet" in list_of(later_campaign)
    assert "No idea was submitted" in list_of(closed_campaign)
    assert "No idea contains these words" in list_of(campaign, "?containing=queue")


def test_the_list_asks_the_database_as_often_for_twenty_ideas_as_for_three(
    signed_in, session, campaign, make_idea, make_person, count_queries, bob, charlie, now
):
    client = signed_in(charlie)

    def write(number):
        for index in range(number):
            idea = make_idea(campaign, make_person(f"Person {session.scalar(select(func.count(Idea.id)))}"), f"{index}")
            cast_vote(session, idea, by=bob, now=now)
            react(session, idea, by=charlie, emotion=Emotion.JOY, now=now)
        session.commit()

    write(3)
    few = count_queries(lambda: client.get(f"/campaigns/{campaign.id}/ideas"))
    write(17)
    assert count_queries(lambda: client.get(f"/campaigns/{campaign.id}/ideas")) == few


# Proposing


def test_submitting_asks_to_sign_in_and_returns_to_the_form(client, campaign):
    assert client.get(new_url(campaign)).location == f"/sign-in?next={new_url(campaign)}"


def test_the_form_shows_the_question_and_the_time_left(signed_in, campaign, charlie):
    page = signed_in(charlie).get(new_url(campaign)).text
    assert campaign.challenge in page
    assert "data-deadline" in page
    assert f'hx-post="/campaigns/{campaign.id}/ideas/save"' in page


def test_an_idea_is_submitted(signed_in, session, campaign, charlie):
    answer = signed_in(charlie).post(new_url(campaign), data={"title": "Mornings", "body": "One click.\r\nNo more."})
    (idea,) = ideas_by(session, charlie)
    assert (answer.status_code, answer.location) == (303, url(idea))
    assert (idea.title, idea.body, idea.is_public) == ("Mornings", "One click.\nNo more.", True)


def test_a_double_click_submits_once(signed_in, session, campaign, charlie):
    client = signed_in(charlie)
    key = re.search(r'name="form_key"[^>]*value="([\w-]{16,})"', client.get(new_url(campaign)).text)[1]
    data = {"body": "Twice in a hurry", "form_key": key}
    first, second = client.post(new_url(campaign), data=data), client.post(new_url(campaign), data=data)
    assert first.location == second.location
    assert len(ideas_by(session, charlie)) == 1


@pytest.mark.parametrize("key", ["", "short", "k" * 500, "k\x00" * 16, "clé-clé-clé-clé-clé"])
def test_an_invalid_form_key_is_replaced(signed_in, session, campaign, charlie, key):
    data = {"body": "Still an idea", "form_key": key}
    assert signed_in(charlie).post(new_url(campaign), data=data).status_code == 303
    assert len(ideas_by(session, charlie)) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"title": "Only a title", "body": " \n\t "}, "Write something first"),
        ({"title": "Only a title", "body": "x" * (MAX_BODY_LENGTH + 1)}, "Your text is too long."),
        ({"title": "t" * 121, "body": "Fine"}, "Your text is too long."),
    ],
)
def test_a_refused_text_is_shown_again_with_a_sentence(signed_in, session, campaign, charlie, data, sentence):
    answer = signed_in(charlie).post(new_url(campaign), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data["title"] in answer.text
    assert data["body"].strip() in answer.text
    assert ideas_by(session, charlie) == []


def test_after_the_closing_the_text_is_kept_as_a_draft_with_a_notice(signed_in, session, closed_campaign, charlie):
    answer = signed_in(charlie).post(
        new_url(closed_campaign), data={"body": "A minute too late"}, follow_redirects=True
    )
    assert answer.status_code == 200
    assert "This campaign is closed to new ideas. Your text is saved as a draft." in answer.text
    assert "A minute too late" in answer.text
    (draft,) = ideas_by(session, charlie)
    assert draft.submitted_at is None


def test_a_draft_that_is_saved_while_the_form_is_sent_does_not_lose_the_sentence(
    app, signed_in, closed_campaign, charlie
):
    """The answer of either may be the last: what is said on the next page is in the cookie that one of them sets."""
    browser = signed_in(charlie)
    before = browser.get_cookie("session").value
    kept = browser.post(new_url(closed_campaign), data={"body": "Too late"})
    assert "Set-Cookie" in kept.headers
    typing = app.test_client()
    typing.set_cookie("session", before)
    for _ in range(2):
        saved = typing.post(
            f"/campaigns/{closed_campaign.id}/ideas/save", data={"body": "Too late, alas"}, headers=HTMX
        )
        assert saved.text.startswith("Saved at")
        assert "Set-Cookie" not in saved.headers
    assert "is saved as a draft" in browser.get(kept.location).text


def test_before_the_opening_the_text_is_kept_as_a_draft_with_a_notice(signed_in, session, later_campaign, charlie):
    answer = signed_in(charlie).post(new_url(later_campaign), data={"body": "A day too early"}, follow_redirects=True)
    assert "This campaign is not open yet. Your text is saved as a draft." in answer.text
    assert not ideas_by(session, charlie)[0].is_public


def test_the_form_of_a_campaign_to_come_says_when_it_opens(signed_in, later_campaign, charlie):
    page = signed_in(charlie).get(new_url(later_campaign)).text
    assert "This campaign opens on" in page
    assert 'value="keep"' in page
    assert 'value="submit"' not in page


def test_the_form_of_a_closed_campaign_says_so_and_shows_the_draft(signed_in, session, closed_campaign, charlie, now):
    client = signed_in(charlie)
    assert "This campaign is closed to new ideas" in client.get(new_url(closed_campaign)).text
    draft = save_draft(session, closed_campaign, author=charlie, title="", body="Never sent", now=now)
    session.commit()
    page = client.get(new_url(closed_campaign, draft=draft)).text
    assert "Never sent" in page
    assert "<textarea" not in page


def test_nobody_writes_in_a_campaign_that_is_not_announced(signed_in, draft_campaign, charlie):
    client = signed_in(charlie)
    assert client.get(new_url(draft_campaign)).status_code == 404
    assert client.post(new_url(draft_campaign), data={"body": "x"}).status_code == 404


def test_unknown_form_fields_are_ignored(signed_in, session, campaign, closed_campaign, charlie, alice):
    data = {"body": "Mine", "author_id": alice.id, "campaign_id": closed_campaign.id, "role": "admin"}
    signed_in(charlie).post(new_url(campaign), data=data)
    (idea,) = ideas_by(session, charlie)
    assert idea.campaign_id == campaign.id


# Drafts


def test_a_text_is_saved_while_it_is_written_and_the_response_says_when(signed_in, session, campaign, charlie):
    client = signed_in(charlie)
    address = f"/campaigns/{campaign.id}/ideas/save"
    key = "k" * 22
    first = client.post(address, data={"body": "One", "form_key": key}, headers=HTMX)
    second = client.post(address, data={"body": "One click", "form_key": key}, headers=HTMX)
    assert re.fullmatch(r"Saved at \d\d:\d\d", first.text)
    assert second.status_code == 200
    (draft,) = ideas_by(session, charlie)
    assert (draft.body, draft.submitted_at) == ("One click", None)
    client.post(new_url(campaign), data={"body": "One click, at last", "form_key": key})
    (idea,) = ideas_by(session, charlie)
    assert idea.is_public
    late = client.post(address, data={"body": "One cl", "form_key": key}, headers=HTMX)
    assert "already published" in late.text
    assert ideas_by(session, charlie)[0].body == "One click, at last"


def test_an_empty_text_is_not_saved(signed_in, session, campaign, charlie):
    answer = signed_in(charlie).post(f"/campaigns/{campaign.id}/ideas/save", data={"body": " "}, headers=HTMX)
    assert (answer.status_code, answer.text) == (200, "")
    assert ideas_by(session, charlie) == []


def test_too_long_a_draft_is_refused_while_it_is_written(signed_in, campaign, charlie):
    answer = signed_in(charlie).post(
        f"/campaigns/{campaign.id}/ideas/save", data={"body": "x" * (MAX_BODY_LENGTH + 1)}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "Your text is too long." in answer.text


def test_whoever_writes_with_a_finger_is_told_that_the_keyboard_also_listens(signed_in, campaign, charlie):
    page = signed_in(charlie).get(new_url(campaign)).text
    assert re.search(r'<p class="[^"]*by-touch">You can also dictate', page)


def test_a_draft_is_kept_without_script_continued_and_submitted(signed_in, session, campaign, charlie):
    client = signed_in(charlie)
    kept = client.post(new_url(campaign), data={"title": "Half", "body": "", "act": "keep"})
    assert kept.location == "/me"
    (draft,) = ideas_by(session, charlie)
    address = new_url(campaign, draft=draft)
    assert client.get(url(draft)).location == address
    assert 'value="Half"' in client.get(address).text
    client.post(address, data={"title": "Half", "body": "and whole"})
    (idea,) = ideas_by(session, charlie)
    assert (idea.id, idea.text, idea.is_public) == (draft.id, "Half. and whole", True)
    assert client.get(address).location == url(idea)


@pytest.fixture
def two_tabs(signed_in, campaign, charlie, session, now):
    """A draft that is open in two tabs: how to send from each, and the draft."""
    draft = save_draft(session, campaign, author=charlie, title="Bus", body="A bus on Sunday.", now=now)
    session.commit()
    client = signed_in(charlie)

    def opened():
        fields = _draft_fields(client.get(new_url(campaign, draft=draft), headers=ENGLISH).text)

        def send(body, *, act="keep", **more):
            address = new_url(campaign, draft=draft)
            if act == "autosave":
                address = address.replace("/new", "/save")
            data = {"title": "Bus"} | fields | {"body": body, "act": act} | more
            return client.post(address, data=data, headers=ENGLISH | (HTMX if act == "autosave" else {}))

        return send

    return opened(), opened(), draft


def _draft_fields(page):
    fields = {}
    for control in re.findall(r"<input[^>]*>", page):
        if name := re.search(r'name="(form_key|version|writer)"', control):
            fields[name[1]] = re.search(r'value="([^"]*)"', control)[1]
    return fields


@pytest.mark.parametrize("act", ["keep", "submit"])
def test_a_draft_in_two_tabs_shows_both_versions_and_the_second_may_be_saved_on_top(session, two_tabs, act):
    first, second, draft = two_tabs
    assert first("A bus on Sunday morning.").status_code == 303
    answer = second("A bus on Monday.", act=act)
    assert answer.status_code == 409
    assert "Another version of this draft was saved, maybe in another tab." in answer.text
    for text in ("A bus on Sunday morning.", "A bus on Monday.</textarea>"):
        assert text in answer.text
    session.expire_all()
    assert (draft.body, draft.submitted_at) == ("A bus on Sunday morning.", None)
    assert second("A bus on Monday.", act=act, **_draft_fields(answer.text)).status_code == 303
    session.expire_all()
    assert (draft.body, draft.submitted_at is not None) == ("A bus on Monday.", act == "submit")
    if act == "submit":
        assert draft.version == 1


def test_an_autosave_from_another_tab_replaces_nothing(session, two_tabs):
    first, second, draft = two_tabs
    assert first("A bus on Sunday morning.", act="autosave").status_code == 200
    answer = second("A bus on Monday.", act="autosave")
    assert answer.status_code == 409
    assert answer.text.startswith("Not saved: another version of this draft was saved")
    assert first("A bus on Sunday evening.", act="autosave").status_code == 200
    session.expire_all()
    assert draft.body == "A bus on Sunday evening."
    assert "A bus on Sunday evening." in second("A bus on Monday.").text


def test_a_tab_that_lost_the_answers_to_its_saves_saves_again(session, two_tabs):
    """It still has the version that it was opened with."""
    first, _second, draft = two_tabs
    for body in ("A bus.", "A train.", "A boat."):
        assert first(body, act="autosave").status_code == 200
    session.expire_all()
    assert draft.body == "A boat."


@pytest.mark.parametrize("act", ["autosave", "keep", "submit"])
def test_a_text_sent_to_a_draft_deleted_in_another_tab_is_kept(session, charlie, signed_in, two_tabs, act):
    first, _second, draft = two_tabs
    assert signed_in(charlie).post(url(draft, "discard")).status_code == 303
    for body in ("A bus on Sunday morning.", "A bus on Sunday evening."):
        assert first(body, act="autosave").status_code == 200
    assert first("A bus on Sunday night.", act=act).status_code in {200, 303}
    session.expire_all()
    (idea,) = ideas_by(session, charlie)
    assert (idea.body, idea.submitted_at is not None) == ("A bus on Sunday night.", act == "submit")


def test_what_only_adds_to_the_saved_draft_is_no_conflict(session, two_tabs):
    first, second, draft = two_tabs
    assert first("A bus on Sunday. And on Monday.").status_code == 303
    assert second("A bus on Sunday. And on Monday. And back.").status_code == 303
    session.expire_all()
    assert draft.body == "A bus on Sunday. And on Monday. And back."


def test_a_page_of_an_earlier_version_saves_its_draft(two_tabs):
    first, _second, _draft = two_tabs
    assert first("A bus.").status_code == 303
    assert first("A train.", version=[], writer=[]).status_code == 303


@pytest.mark.parametrize("number", ["x", "9" * 400, "-5", ""])
def test_a_number_that_no_form_has_breaks_nothing(two_tabs, number):
    first, second, _draft = two_tabs
    assert first("A bus on Sunday morning.").status_code == 303
    assert second("A bus.", writer=number, version=number).status_code in {409, 422}


def test_keeping_an_empty_draft_is_refused(signed_in, campaign, charlie):
    answer = signed_in(charlie).post(new_url(campaign), data={"title": "", "body": "", "act": "keep"})
    assert answer.status_code == 422
    assert "Write something first" in answer.text


def test_a_draft_is_found_only_by_its_author(signed_in, session, campaign, charlie, alice, now):
    draft = save_draft(session, campaign, author=charlie, title="", body="Private", now=now)
    session.commit()
    other = signed_in(alice)
    assert other.get(new_url(campaign, draft=draft)).status_code == 404
    assert other.get(url(draft)).status_code == 404
    assert other.post(url(draft, "discard")).status_code == 404
    session.expire_all()
    assert draft.body == "Private"


@pytest.mark.parametrize("page", ["new", "save"])
def test_a_text_sent_to_the_draft_of_another_person_becomes_a_draft_of_ones_own(
    signed_in, session, campaign, charlie, alice, now, page
):
    draft = save_draft(session, campaign, author=charlie, title="", body="Private", now=now)
    session.commit()
    data = {"body": "Mine", "act": "keep", "form_key": "one"}
    sent = signed_in(alice).post(f"/campaigns/{campaign.id}/ideas/{page}?draft={draft.id}", data=data)
    assert "Private" not in sent.text
    session.expire_all()
    assert [idea.body for idea in ideas_by(session, charlie)] == ["Private"]
    assert [idea.body for idea in ideas_by(session, alice)] == ["Mine"]


@pytest.mark.parametrize("number", ["0", "-3", "x", "9" * 25, ""])
def test_a_draft_that_does_not_exist_is_not_found(signed_in, campaign, charlie, number):
    assert signed_in(charlie).get(f"/campaigns/{campaign.id}/ideas/new?draft={number}").status_code == 404


def test_a_draft_is_deleted_and_an_idea_is_not(signed_in, session, campaign, idea, charlie, now):
    draft = save_draft(session, campaign, author=charlie, title="", body="Not good", now=now)
    session.commit()
    client = signed_in(charlie)
    assert client.post(url(draft, "discard")).location == "/me"
    assert client.post(url(idea, "discard")).status_code == 422
    assert [kept.id for kept in ideas_by(session, charlie)] == [idea.id]


# One idea


def test_a_visitor_reads_an_idea_and_is_led_to_sign_in(client, idea):
    page = client.get(url(idea)).text
    assert "One click to confirm." in page
    assert f"/sign-in?next={url(idea)}" in page
    assert "<textarea" not in page


def test_an_author_changes_an_idea(signed_in, session, idea, charlie):
    client = signed_in(charlie)
    assert "One click to confirm." in client.get(url(idea, "edit")).text
    assert client.post(url(idea, "edit"), data={"title": "", "body": "No click at all."}).location == url(idea)
    session.refresh(idea)
    assert (idea.title, idea.body) == ("", "No click at all.")


def test_an_empty_change_is_refused_and_the_rest_kept(signed_in, session, idea, charlie):
    answer = signed_in(charlie).post(url(idea, "edit"), data={"title": "Another title", "body": ""})
    assert answer.status_code == 422
    assert "Another title" in answer.text
    session.refresh(idea)
    assert idea.body == "One click to confirm."


def test_others_can_neither_change_nor_withdraw(signed_in, idea, alice):
    client = signed_in(alice)
    assert client.get(url(idea, "edit")).status_code == 403
    for act in ("edit", "withdraw", "restore"):
        assert client.post(url(idea, act), data={"body": "Mine now"}).status_code == 403
    assert url(idea, "edit") not in client.get(url(idea)).text


def test_after_the_closing_a_change_is_refused_and_the_text_stays_in_the_form(
    signed_in, session, closed_campaign, make_idea, charlie
):
    idea = make_idea(closed_campaign, charlie, "As it was")
    client = signed_in(charlie)
    assert client.get(url(idea, "edit")).status_code == 422
    answer = client.post(url(idea, "edit"), data={"body": "As it should be"})
    assert answer.status_code == 422
    assert "You can only change an idea while the campaign is open." in answer.text
    assert "As it should be" in answer.text
    assert client.post(url(idea, "withdraw")).status_code == 422
    session.refresh(idea)
    assert (idea.body, idea.withdrawn_at) == ("As it was", None)


def test_an_idea_is_withdrawn_and_published_again(client, signed_in, idea, charlie, alice):
    author, stranger = signed_in(charlie), client
    assert author.post(url(idea, "withdraw")).location == url(idea)
    assert "You withdrew this idea" in author.get(url(idea)).text
    assert "withdrew this idea" in signed_in(alice).get(url(idea)).text
    assert stranger.get(url(idea)).status_code == 404
    assert "One click" not in stranger.get(f"/campaigns/{idea.campaign_id}/ideas").text
    author.post(url(idea, "restore"))
    assert stranger.get(url(idea)).status_code == 200


def test_an_idea_is_found_in_its_own_campaign_only(client, idea, closed_campaign):
    assert client.get(f"/campaigns/{closed_campaign.id}/ideas/{idea.id}").status_code == 404
    assert client.get(f"/campaigns/{idea.campaign_id}/ideas/{'9' * 25}").status_code == 404
    assert client.get(f"/campaigns/{'9' * 25}/ideas").status_code == 404


def test_the_name_that_a_file_gives_is_marked_wherever_it_is_shown(
    client, signed_in, alice, campaign, make_idea, make_theme, session
):
    named = make_idea(campaign, None, "From a letter", author_name="Alice")  # the name of the owner, of all people
    unnamed = make_idea(campaign, None, "From a box")
    theme = make_theme(campaign, ideas=[named])
    campaign.grouped_at = campaign.opens_at
    session.commit()
    address = f"/campaigns/{campaign.id}"
    manager = signed_in(alice)
    for browser, page in (
        (client, url(named)),
        (client, f"{address}/ideas"),
        (client, address),
        (manager, f"{address}/themes/{theme.id}"),
        (manager, f"{address}/themes/{theme.id}/decision"),
    ):
        text = " ".join(browser.get(page, headers={"Accept-Language": "en"}).text.split())
        marked = re.findall(r'Alice <span class="soft author-note">\(name given in the imported file\)', text)
        assert marked, page
    assert "Author not given" in client.get(url(unnamed), headers={"Accept-Language": "en"}).text


def test_an_idea_asks_the_database_as_often_for_thirty_comments_as_for_three(
    signed_in, idea, make_person, count_queries, charlie
):
    client = signed_in(charlie)

    def write(numbers):
        for number in numbers:
            signed_in(make_person(f"Person {number}")).post(url(idea, "comments"), data={"body": "Yes"})

    write(range(3))
    few = count_queries(lambda: client.get(url(idea)))
    write(range(3, 12))
    assert count_queries(lambda: client.get(url(idea))) == few


# Hostile input

HOSTILE = {
    "NUL": "be\x00fore",
    "override": "\u202egnitrats txet",
    "marks": "Z" + "\u0301" * 10_000,
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }} %(name)s {% raw %}",
    "astral": "\U0001f600 \U000e0041 ok",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_escaped(signed_in, client, session, campaign, charlie, text):
    author = signed_in(charlie)
    answer = author.post(new_url(campaign), data={"title": text[:100], "body": text})
    assert answer.status_code == 303
    (idea,) = ideas_by(session, charlie)
    author.post(url(idea, "comments"), data={"body": text})
    for page in (
        client.get(url(idea)).text,
        client.get(f"/campaigns/{campaign.id}/ideas").text,
        author.get("/me").text,
    ):
        assert "<script>" not in page.split("</head>")[1]
        assert "<img src=x" not in page
        assert "\x00" not in page
        assert "\u202e" not in page
        assert "\u0301" * 5 not in page
        assert "\u0301" * 4 in page or "Z" not in text


@pytest.mark.parametrize(
    "text", ["\x00\x01", "\u200b\u200c\ufeff", "\u202e\u202d", "\u0301" * 10_000, "\u200d", "\u3000"]
)
def test_a_text_of_invisible_characters_is_empty(signed_in, session, campaign, charlie, text):
    answer = signed_in(charlie).post(new_url(campaign), data={"body": text})
    assert answer.status_code == 422
    assert "Write something first" in answer.text
    assert ideas_by(session, charlie) == []


def test_a_lone_surrogate_and_broken_utf8_do_no_harm(signed_in, session, campaign, charlie):
    client = signed_in(charlie)
    answer = client.post(
        new_url(campaign),
        data=b"title=a%ED%A0%80b&body=%FF%FEbroken%ED%B0%80&form_key=%ED%A0%80",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    assert "broken" in ideas_by(session, charlie)[0].body


def test_one_megabyte_is_refused_by_the_form_and_twenty_by_the_server(signed_in, session, campaign, charlie):
    client = signed_in(charlie)
    answer = client.post(new_url(campaign), data={"body": "x" * 1_000_000})
    assert answer.status_code == 422
    assert "Your text is too long." in answer.text
    assert answer.text.count("x" * 1_000_000) == 1, "it is still in the form"
    assert client.post(new_url(campaign), data={"body": "x" * 20_000_000}).status_code == 413
    assert ideas_by(session, charlie) == []


def test_a_withdrawn_idea_is_not_found_by_others(signed_in, session, idea, bob, make_person, charlie, now):
    withdraw_idea(session, idea, by=charlie, now=now)
    session.commit()
    assert signed_in(make_person("Dana")).get(url(idea)).status_code == 404
    assert signed_in(bob).get(url(idea)).status_code == 200


# When the sign-in ends while one writes


@pytest.fixture
def tab(app, session, connection, campaign, charlie):
    """Charlie's browser with the form of an idea open, tokens and all: its fields, ready to be sent."""
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    _enter(browser, charlie)
    form = _fields(browser.get(new_url(campaign)).text)
    yield browser, form
    app.config["WTF_CSRF_ENABLED"] = False


def _fields(page):
    return dict(re.findall(r'name="(csrf_token|form_key)"[^>]* value="([^"]+)"', page))


def _enter(browser, person):
    form = _fields(browser.get("/sign-in").text)
    answer = browser.post("/sign-in", data=form | {"email": person.email, "password": "correct horse battery"})
    assert answer.location == "/", answer.text


def test_a_text_is_not_lost_when_the_session_ends(session, tab, campaign, charlie):
    browser, form = tab
    form |= {"body": "A long evening's work"}
    assert browser.post("/sign-out", data=form).status_code == 303  # from another tab
    saved = browser.post(f"/campaigns/{campaign.id}/ideas/save", data=form, headers=HTMX)
    assert saved.status_code == 401
    assert "Your text is still here. Sign in in another tab" in saved.text
    assert not {"HX-Redirect", "HX-Reswap"} & set(saved.headers.keys())
    sent = browser.post(new_url(campaign), data=form)
    assert sent.status_code == 401
    assert "reload this page" in sent.text
    _enter(browser, charlie)  # in another tab
    assert browser.post(new_url(campaign), data=form).status_code == 303
    assert session.scalars(select(Idea.body)).all() == ["A long evening's work"]


def test_a_comment_is_not_lost_when_the_session_ends(session, app, signed_in, idea, bob):
    browser = signed_in(bob)
    session.execute(update(SignIn).values(ended_at=idea.created_at))
    session.commit()
    kept = browser.post(f"{url(idea)}/comments", data={"body": "Gladly"}, headers=HTMX | ENGLISH)
    assert (kept.status_code, kept.headers["HX-Reswap"]) == (401, "none")
    assert "Sign in in another tab" in kept.headers["HX-Trigger"]


def test_another_person_who_signs_in_gets_a_new_token(session, tab, campaign, bob):
    browser, form = tab
    browser.post("/sign-out", data=form)
    _enter(browser, bob)
    assert browser.post(new_url(campaign), data=form | {"body": "Not mine"}).status_code == 400
    assert session.scalars(select(Idea)).all() == []


def test_the_texts_of_a_changed_idea_stay_readable(client, signed_in, charlie, idea):
    here = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    assert "has not been changed" in client.get(f"{here}/versions").text
    signed_in(charlie).post(f"{here}/edit", data={"title": "No click", "body": "Confirm by itself."})

    assert "see the earlier texts" in client.get(here).text
    page = client.get(f"{here}/versions").text
    assert page.rindex("Confirm by itself.") < page.rindex("One click to confirm.")


def test_an_idea_that_is_saved_unchanged_gets_no_version(client, signed_in, charlie, idea):
    here = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    signed_in(charlie).post(f"{here}/edit", data={"title": idea.title, "body": idea.body})
    assert "has not been changed" in client.get(f"{here}/versions").text


def test_the_texts_of_a_withdrawn_idea_are_for_its_author_and_the_team(client, signed_in, charlie, alice, idea):
    here = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    browser = signed_in(charlie)
    browser.post(f"{here}/edit", data={"title": "No click", "body": "Confirm by itself."})
    browser.post(f"{here}/withdraw")
    assert client.get(f"{here}/versions").status_code == 404
    assert signed_in(alice).get(f"{here}/versions").status_code == 200
