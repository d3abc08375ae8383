"""What a campaign is for: said by its team, kept in the log, summed up."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile
from ideas.campaigns.objective import Objective, campaigns_by_objective, set_objective
from ideas.errors import TooLong


def test_an_objective_is_set_changed_and_listed(session, campaign, make_campaign, draft_campaign, alice, now):
    other = make_campaign()
    for one in (campaign, other, draft_campaign):
        set_objective(session, one, objective=Objective.PRODUCT, expected_outcome="Ten tests", by=alice, now=now)
    seen = other.version
    set_objective(session, other, objective=None, expected_outcome="Ten tests", by=alice, now=now, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        set_objective(session, other, objective=None, expected_outcome="", by=alice, now=now, seen=seen)
    with pytest.raises(TooLong):
        set_objective(session, other, objective=None, expected_outcome="x" * 2_001, by=alice, now=now)
    session.commit()
    found = campaigns_by_objective(session, alice)
    assert found.pop(Objective.PRODUCT) == [campaign]
    assert set(map(tuple, found.values())) == {()}
    acts = session.scalars(select(Activity).where(Activity.campaign_id == other.id).order_by(Activity.id)).all()
    assert [act.after["objective"] for act in acts] == ["product", None]
