import re

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Activity
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea

HTMX = {"HX-Request": "true"}
TEXT = "Une rampe à l’entrée <b>sud</b>. Appelez-moi au 06 12 34 56 78."
WITHOUT = "Une rampe à l’entrée <b>sud</b>. Appelez-moi au […]."


def kept_in(page):
    return re.search(r'name="kept"[^>]*value="(\w+)"', page)[1]


def submit(client, campaign, body, *, draft=None, **more):
    query = f"?draft={draft}" if draft else ""
    return client.post(f"/campaigns/{campaign.id}/ideas/new{query}", data={"title": "", "body": body, **more})


def ideas(session):
    session.expire_all()
    return session.scalars(select(Idea).order_by(Idea.id)).all()


def test_the_writer_sees_what_is_personal_and_publishes_without_it(signed_in, session, campaign, bob):
    client = signed_in(bob)
    page = submit(client, campaign, TEXT, form_key="a" * 20, act="submit")
    assert page.status_code == 422
    assert "Your text may contain personal data." in page.text
    assert re.search(
        r"<mark>06 12 34 56 78<span\s+class=\"hidden-visually\"> \(phone number\)</span></mark>", page.text
    )
    assert "l’entrée &lt;b&gt;sud&lt;/b&gt;" in page.text
    (draft,) = ideas(session)
    assert (draft.submitted_at, draft.body) == (None, TEXT)
    answer = submit(client, campaign, TEXT, draft=draft.id, form_key="a" * 20, act="without", kept=kept_in(page.text))
    assert answer.status_code == 303
    (idea,) = ideas(session)
    assert idea.submitted_at is not None
    assert idea.body == WITHOUT


def test_the_writer_may_keep_what_was_shown_and_nothing_more(signed_in, session, campaign, bob):
    client = signed_in(bob)
    page = submit(client, campaign, TEXT, form_key="a" * 20, act="submit")
    kept = kept_in(page.text)
    more = f"{TEXT} Ou bob@exemple.fr."
    again = submit(client, campaign, more, form_key="a" * 20, act="knowingly", kept=kept)
    assert again.status_code == 422
    assert again.text.count("<mark>") == 2
    answer = submit(client, campaign, more, form_key="a" * 20, act="knowingly", kept=kept_in(again.text))
    assert answer.status_code == 303
    (idea,) = ideas(session)
    assert idea.body == more


def test_a_made_up_agreement_is_none(signed_in, session, campaign, bob):
    answer = submit(signed_in(bob), campaign, TEXT, form_key="a" * 20, act="knowingly", kept="yes")
    assert answer.status_code == 422
    assert ideas(session)[0].submitted_at is None


def test_a_text_that_is_nothing_else_can_be_kept_or_changed(signed_in, session, campaign, bob):
    client = signed_in(bob)
    page = submit(client, campaign, "06 12 34 56 78", form_key="a" * 20, act="submit")
    assert "Publish without it" not in page.text
    assert "Keep it and publish" in page.text
    assert submit(client, campaign, "06 12 34 56 78", form_key="a" * 20, act="without").status_code == 422
    assert ideas(session)[0].submitted_at is None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_comment_is_asked_about_too(signed_in, session, idea, bob, headers):
    client = signed_in(bob)
    url = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
    page = client.post(url, data={"body": TEXT}, headers=headers)
    assert page.status_code == 422
    assert "<mark>06 12 34 56 78" in page.text
    assert session.scalar(select(func.count(Comment.id))) == 0
    client.post(url, data={"body": TEXT, "act": "without"}, headers=headers)
    assert session.scalars(select(Comment.body)).all() == [WITHOUT]


def test_a_change_is_asked_about_too(signed_in, session, idea, charlie):
    client = signed_in(charlie)
    url = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/edit"
    page = client.post(url, data={"title": "", "body": TEXT})
    assert page.status_code == 422
    assert (
        client.post(url, data={"title": "", "body": TEXT, "act": "knowingly", "kept": kept_in(page.text)}).status_code
        == 303
    )
    assert ideas(session)[0].body == TEXT


def test_the_owner_says_that_a_campaign_is_about_health(signed_in, session, draft_campaign):
    client = signed_in(draft_campaign.owner)
    url = f"/campaigns/{draft_campaign.id}/edit"
    client.post(url, data={"title": "Sleep", "version": draft_campaign.version, "is_health": "y"})
    session.expire_all()
    assert draft_campaign.is_health
    assert re.search(r'id="is_health"[^>]*checked|checked[^>]*id="is_health"', client.get(url).text)
    changes = session.scalars(select(Activity.after)).all()
    assert {"is_health": True} in changes
