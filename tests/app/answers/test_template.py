"""The pages of answer templates, and the one where an answer takes them."""

import re

import pytest

from ideas.answers.decision import decision_on
from ideas.answers.template import AnswerTemplate, templates_for

pytestmark = pytest.mark.one_database


def test_a_kept_text_is_put_into_an_answer_and_edited_there(
    session, closed_campaign, make_theme, signed_in, make_person, alice, now
):
    theme = make_theme(closed_campaign)
    browser, admin = signed_in(alice), signed_in(make_person("Ada", is_admin=True))
    kept, shared = f"/campaigns/{closed_campaign.id}/answer-templates", "/organisation/answer-templates"
    assert "No template yet" in browser.get(kept).text
    given = {"name": "Not ours", "body": "The region <decides> this."}
    assert browser.post(f"{kept}/add", data=given).location == kept
    assert admin.post(f"{shared}/add", data={"name": "Budget", "body": "There is no money."}).location == shared
    again = browser.post(f"{kept}/add", data=given | {"body": "Typed."})
    assert (again.status_code, "already a template" in again.text, "Typed." in again.text) == (422, True, True)
    assert "There is no money." in browser.get(kept).text
    own, of_all = templates_for(session, closed_campaign)

    page = f"/campaigns/{closed_campaign.id}/themes/{theme.id}/decision"
    assert 'data-insert="The region &lt;decides&gt; this."' in browser.get(page).text
    typed = {"status": "declined", "reason": "Thank you.", "respondent": alice.id, "decided_on": "not a day"}
    shown = browser.post(page, data=typed | {"insert": own.id})
    assert shown.status_code == 200
    assert re.search(r"<textarea[^>]*>\s*Thank you\.\n\nThe region &lt;decides&gt; this\.</textarea>", shown.text)
    assert 'value="not a day"' in shown.text
    assert "There is a problem" not in shown.text
    assert decision_on(session, theme) is None
    assert "There is no money." in browser.post(page, data={"insert": of_all.id}).text
    together = f"/campaigns/{closed_campaign.id}/themes/table/answers"
    several = browser.post(together, data=typed | {"insert": of_all.id, "theme": theme.id, "seen": f"{theme.id}:0"})
    assert (several.status_code, "Thank you.\n\nThere is no money.</textarea>" in several.text) == (200, True)
    gone = browser.post(page, data=typed | {"insert": 0})
    assert (gone.status_code, "was deleted" in gone.text, "Thank you." in gone.text) == (422, True, True)

    stale = {"name": "Not ours", "body": "Mine.", "version": 9}
    conflict = browser.post(f"{kept}/{own.id}", data=stale)
    assert (conflict.status_code, "There are two versions" in conflict.text) == (409, True)
    assert browser.post(f"{kept}/{own.id}", data=stale | {"version": 1}).location == kept
    assert 'value="Budget"' in admin.get(f"{shared}/{of_all.id}").text
    assert admin.post(f"{shared}/{of_all.id}/delete").location == shared
    session.expire_all()
    assert [one.body for one in session.query(AnswerTemplate)] == ["Mine."]
