"""All that one gave to ideas of others, on a page for oneself."""

import pytest

from ideas.contributions.comment import add_comment
from ideas.contributions.own import GivenKind, given_page
from ideas.contributions.vote import Emotion, cast_vote, react
from ideas.spaces.audience import Audience


@pytest.mark.one_database
def test_one_finds_all_that_one_gave_on_ideas_that_one_may_read(
    session, campaign, make_campaign, make_ideas, signed_in, bob, charlie, now
):
    ideas = make_ideas(campaign, bob, [{"body": f"Idea <{number}>"} for number in range(3)])
    elsewhere = make_campaign(title="For members only")
    hidden = make_ideas(elsewhere, bob, [{"body": "A secret"}])[0]
    for idea in (*ideas, hidden):
        cast_vote(session, idea, by=charlie, now=now)
    add_comment(session, ideas[0], author=charlie, body="I <agree>", now=now)
    debriefed = make_campaign(title="Answered <b>")
    debriefed.debriefed_at = now
    spoken = add_comment(session, debriefed, author=charlie, body="Thanks for it", now=now)
    react(session, ideas[1], by=charlie, emotion=Emotion.HOPE, now=now)
    elsewhere.audience = Audience.INVITED
    session.commit()
    browser = signed_in(charlie)
    assert 'href="/me/given"' in browser.get("/me").text
    page = browser.get("/me/given").text
    assert page.count("Idea &lt;") == 3
    assert "A secret" not in page
    page = browser.get("/me/given?kind=comments").text
    assert "I &lt;agree&gt;" in page
    for words in ("Thanks for it", f"/debrief#comment-{spoken.id}", "Debrief: Answered &lt;b&gt;"):
        assert words in page
    assert given_page(session, charlie, GivenKind.COMMENTS, number=1).counts[GivenKind.COMMENTS] == 2
    page = browser.get("/me/given?kind=reactions&page=9").text
    assert "Hope" in page
    assert "Idea &lt;1&gt;" in page
    assert "Nothing here yet" in signed_in(bob).get("/me/given?kind=nonsense").text
    second = given_page(session, charlie, GivenKind.SUPPORT, number=2, size=2)
    assert (len(second.rows), second.total, second.pages) == (1, 3, 2)
