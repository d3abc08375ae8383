from datetime import timedelta

from ideas.moderation.review import hide, restore, review_for
from ideas.people.sanction import Reason


def test_everyone_reads_the_policy_and_that_nothing_was_hidden(client, campaign):
    page = client.get(f"/campaigns/{campaign.id}/moderation/policy").text
    assert "How this campaign is moderated" in page
    assert "No text of this campaign has been hidden" in page


def test_counts_are_by_month_and_reason_and_small_ones_are_not_told(
    session, client, campaign, make_idea, charlie, bob, now
):
    start = now.replace(day=15, hour=12)
    earlier = (start - timedelta(days=31)).replace(day=15)
    for number, (at, reason) in enumerate([(start, Reason.INSULT)] * 6 + [(earlier, Reason.ADVERTISING)] * 4):
        one = make_idea(campaign, charlie, f"Idea {number}")
        review = review_for(session, campaign, one, by=bob, now=at)
        hide(session, review, reason=reason, by=bob, now=at)
        restore(session, review, by=bob, now=at)
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/moderation/policy").text
    assert "<td>6</td>" in page
    assert "fewer than 5" in page
    assert "<td>4</td>" not in page
    assert page.index(start.strftime("%B %Y")) < page.index(earlier.strftime("%B %Y"))


def test_the_log_is_for_moderators_and_says_nothing_of_who_reported(
    session, moderator, signed_in, dana, campaign, idea, review
):
    moderator.post(
        f"/campaigns/{campaign.id}/moderation/{review.id}",
        data={"act": "hide", "reason": "insult", "note": "=1+1", "seen": review.version},
    )
    answer = moderator.get(f"/campaigns/{campaign.id}/moderation/log.csv")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0].startswith("Moment (UTC),Act,Object,Number")
    assert f"Reported,Idea,{idea.id},Insult or threat,," in lines[1]
    assert lines[2].endswith(f"Hidden,Idea,{idea.id},Insult or threat,Bob,'=1+1")
    assert "Dana" not in answer.text
    assert signed_in(dana).get(f"/campaigns/{campaign.id}/moderation/log.csv").status_code == 403
