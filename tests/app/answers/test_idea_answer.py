"""The page where one idea is answered itself, and where its author reads that answer."""

from datetime import timedelta

from sqlalchemy import select

from app.mail.letters.letter import read_contents, write_letter
from app.mail.notices import notify_due
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.outreach.notice import Notice


def test_the_answer_to_one_idea_is_saved_published_changed_and_read_first_by_its_author(
    app, session, client, signed_in, closed_campaign, make_idea, make_theme, give_answer, alice, charlie, now
):
    idea = make_idea(closed_campaign, charlie, "A piano in the hall.")
    give_answer(make_theme(closed_campaign, ideas=[idea]))
    shown = f"/campaigns/{closed_campaign.id}/ideas/{idea.id}"
    here, owner = f"{shown}/answer", signed_in(alice)
    assert "Answer this idea itself" in owner.get(shown).text
    assert "Answer this idea itself" not in signed_in(charlie).get(shown).text
    refused = owner.post(here, data={"status": "planned", "reason": " ", "respondent": alice.id})
    assert refused.status_code == 422
    sent = {"status": "planned", "reason": "In <May>.", "respondent": alice.id, "decided_on": now.date().isoformat()}
    assert owner.post(here, data=sent | {"version": "0"}).location == f"{shown}#answer"
    conflict = owner.post(here, data=sent | {"reason": "In June.", "version": "0"})
    assert conflict.status_code == 409
    assert "In June." in conflict.text
    assert "In &lt;May&gt;." in conflict.text
    assert "In &lt;May&gt;." in owner.get(shown).text
    assert "In &lt;May&gt;." not in client.get(shown).text, "a draft is for the team"
    assert client.get(f"{here}/versions").status_code == 404
    idea.merged_into_id = make_idea(closed_campaign, charlie, "A grand piano.").id
    session.commit()
    kept = owner.get(shown, follow_redirects=True).text
    assert f'href="{here}"' in kept.partition("They are not published:")[2], "where it is withdrawn"
    assert "Withdraw this answer" in owner.get(here).text
    session.get_one(type(idea), idea.id).merged_into_id = None
    session.commit()
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    author = signed_in(charlie)
    pages = ("/me", f"/campaigns/{closed_campaign.id}/receipt", f"/campaigns/{closed_campaign.id}/debrief")
    for page in pages:
        text = author.get(page).text
        assert "In &lt;May&gt;." in text, page
        assert "It ships in spring." in text, "and that to its theme"
    assert author.get(pages[1]).text.index("In &lt;May&gt;.") < author.get(pages[1]).text.index("It ships in spring.")
    assert "In <May>." in letter_to(app, session, charlie, now).text
    assert owner.post(here, data=sent | {"reason": "In June.", "version": "1"}).status_code == 422, "a reason is needed"
    changed = sent | {"reason": "In June.", "version": "1", "change_reason": "The floor is old."}
    assert owner.post(here, data=changed).status_code == 303
    versions = client.get(f"{here}/versions").text
    for words in ("In June.", "In &lt;May&gt;.", "The floor is old."):
        assert words in versions
    letter = letter_to(app, session, charlie, now)
    assert "The answer to the idea “A piano in the hall.” has changed." in letter.text
    assert "In June." in letter.text


def letter_to(app, session, person, now):
    """The mail of this person's latest notice."""
    with app.app_context():
        notify_due(now + timedelta(minutes=1))
        session.expire_all()
        number = session.scalar(
            select(Notice.id).where(Notice.person_id == person.id).order_by(Notice.id.desc()).limit(1)
        )
        session.commit()
        return write_letter(read_contents(session, [number])[number])
