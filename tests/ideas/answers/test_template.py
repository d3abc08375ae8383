"""Texts that a team, or the organisation, keeps for answers."""

import pytest
from sqlalchemy import delete, select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.decision import MAX_REASON_LENGTH
from ideas.answers.template import (
    MAX_TEMPLATES,
    AnswerTemplate,
    TemplateNameTaken,
    TooManyTemplates,
    add_template,
    change_template,
    delete_template,
    templates_for,
    templates_of,
    with_template,
)
from ideas.errors import DeletedMeanwhile, EmptyText, TooLong
from ideas.exports.tables import TABLES


def test_a_team_keeps_texts_beside_those_of_the_organisation(session, campaign, make_campaign, alice, bob, now):
    def add(to, name, body="We can’t decide this."):
        return add_template(session, to, name=name, body=body, by=alice, now=now)

    own, shared = add(campaign, " Not  ours "), add(None, "Budget")
    add(make_campaign(), "Of another campaign")
    assert [one.name for one in templates_for(session, campaign)] == ["Not ours", "Budget"]
    assert [list(templates_of(session, of)) for of in (campaign, None)] == [[own], [shared]]
    add(None, "Not ours")  # the name of a campaign's is free elsewhere
    refused = [
        ("not OURS", "x", TemplateNameTaken), ("", "x", EmptyText), ("x", " ", EmptyText),
        ("x" * 81, "x", TooLong), ("x", "x" * (MAX_REASON_LENGTH + 1), TooLong),
    ]  # fmt: skip
    for name, body, error in refused:
        with pytest.raises(error):
            add(campaign, name, body)
    change = {"campaign": campaign, "by": bob, "now": now}
    change_template(session, own, name="Not ours", body="The region decides this.", seen=1, **change)
    with pytest.raises(ChangedMeanwhile):
        change_template(session, own, name="Mine", body="x", seen=1, **change)
    assert with_template("", own) == "The region decides this."
    assert with_template("Thank you.\n", own) == "Thank you.\n\nThe region decides this."
    gone = add(campaign, "Gone")
    delete_template(session, own, by=bob, now=now)
    session.commit()
    session.execute(
        delete(AnswerTemplate).where(AnswerTemplate.id == gone.id).execution_options(synchronize_session=False)
    )
    delete_template(session, gone, by=bob, now=now)  # at the same moment as somebody else
    with pytest.raises(DeletedMeanwhile):
        change_template(session, gone, name="Mine", body="x", seen=1, **change)
    session.expunge(gone)
    logged = select(Activity).where(Activity.object_kind == "answer_template", Activity.campaign_id == campaign.id)
    acts = session.scalars(logged.order_by(Activity.id)).all()
    assert [(act.verb, act.actor_id) for act in acts] == [
        (Verb.CREATED, alice.id), (Verb.CHANGED, bob.id), (Verb.CREATED, alice.id), (Verb.DELETED, bob.id)
    ]  # fmt: skip
    assert acts[1].after == {"name": "Not ours", "text": "The region decides this."}
    for number in range(MAX_TEMPLATES):
        add(campaign, f"Text {number}")
    with pytest.raises(TooManyTemplates):
        add(campaign, "One more")
    assert not [table for table in TABLES if "template" in table.name]  # the export of a campaign holds none
