"""The comments below a published debrief, and how they are closed."""

import pytest
from sqlalchemy import select

from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.contributions.comment import Comment


@pytest.fixture
def page(session, closed_campaign, make_theme, give_answer, alice, now):
    """The address of a published debrief."""
    give_answer(make_theme(closed_campaign))
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    return f"/campaigns/{closed_campaign.id}/debrief"


def test_a_reader_comments_the_team_answers_with_its_badge_and_closes_the_comments(
    session, page, client, signed_in, count_queries, alice, bob, charlie
):
    assert "Sign in to comment" in client.get(page).text
    assert client.post(f"{page}/comments", data={"body": "Hm"}).status_code == 303, "to sign in"
    reader, team = signed_in(charlie), signed_in(bob)
    refused = reader.post(f"{page}/comments", data={"body": " "})
    assert refused.status_code == 422
    assert "This text is empty." in refused.text
    sent = reader.post(f"{page}/comments", data={"body": "And the <trains>?", "form_key": "0" * 32})
    [first] = session.scalars(select(Comment))
    assert (sent.status_code, sent.location) == (303, f"{page}#comment-{first.id}")
    assert 'id="reply"' in team.get(f"{page}?reply_to={first.id}").text
    team.post(f"{page}/comments?reply_to={first.id}", data={"body": "In June."})
    shown = client.get(page).text
    for words in ("2 comments on this debrief", "And the &lt;trains&gt;?", "In June.", "Facilitator"):
        assert words in shown
    here = f"{page}/comments/{first.id}"
    assert reader.post(f"{here}/edit", data={"body": "And trains?", "version": "1"}).status_code == 303
    assert "And the &lt;trains&gt;?" in client.get(f"{here}/versions").text
    assert team.post(f"{here}/moderate").status_code == 303
    before = count_queries(lambda: team.get(page))
    for number in range(4):
        reader.post(f"{page}/comments", data={"body": f"More {number}"})
    assert count_queries(lambda: team.get(page)) == before, "whatever is listed"
    news = f"{page}/comments/news?after={first.id}"
    assert f'hx-get="{news}' not in client.get(page).text, "later ones are shown by now"
    offered = team.get(news, headers={"HX-Request": "true"})
    assert "4 new comments: show them" in offered.text
    assert f'hx-get="{page}?seen={first.id}"' in offered.text
    latest = max(session.scalars(select(Comment.id)))
    assert f'hx-get="{page}/comments/news?after={latest}"' in client.get(page).text
    assert team.get(f"{page}/comments/news?after={latest}").status_code == 204
    assert "1 new comment: show it" in reader.get(news).text
    assert reader.get(f"{page}/comments/news?after={first.id + 1}").status_code == 204, "one's own are on the page"
    assert 'tabindex="-1" data-focus' in client.get(f"{page}?seen={latest - 1}").text
    assert team.post(f"{page}/comments/close", data={"closing": ""}).status_code == 422
    assert team.post(f"{page}/comments/close", data={"closing": "We met in May."}).status_code == 303
    closed = client.get(page).text
    assert ("We met in May." in closed, "comment-news" in closed) == (True, False)
    late = reader.post(f"{page}/comments", data={"body": "Too late"})
    assert late.status_code == 422
    assert "Too late" in late.text, "nothing that was written is lost"
    assert reader.post(f"{page}/comments/open").status_code == 403
    assert signed_in(alice).post(f"{page}/comments/open").status_code == 303
    offline = client.get(f"{page}.html")
    assert "And trains?" not in offline.text
