"""A campaign of very many ideas: its pages, also deep ones, come in time and ask as much as those of a few.

As many as `IDEAS` says: `make checks` tries a hundred thousand, which take a minute to write.
"""

import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, literal, select, text

from ideas.contributions.idea import Idea

pytestmark = pytest.mark.slow
MANY = int(os.environ.get("IDEAS", "5000"))
MAX_SECONDS = 0.3


@pytest.fixture
def many(session, campaign, charlie, now):
    """As many ideas, each a second older than the next."""
    numbers = select(literal(1).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < MANY))
    at = literal(now - timedelta(days=2))
    facts = {
        "campaign_id": literal(campaign.id), "author_id": literal(charlie.id), "body": literal("A bus on Sunday"),
        "created_at": at, "updated_at": at, "submitted_at": at,
    }  # fmt: skip
    session.execute(insert(Idea).from_select(list(facts), select(*facts.values()).select_from(numbers)))
    session.execute(text("ANALYZE idea"))
    session.commit()


def test_each_page_of_very_many_ideas_comes_in_time(
    session, campaign, idea, client, signed_in, charlie, count_queries, request
):
    browser, ideas = signed_in(charlie), f"/campaigns/{campaign.id}/ideas"
    few = count_queries(lambda: browser.get(ideas))
    request.getfixturevalue("many")
    assert session.scalar(select(func.count()).select_from(Idea)) == MANY + 1
    last = session.scalar(select(func.max(Idea.id)))
    times = []
    for step in range(20):
        place = last - step * MANY // 20 - 50
        began = time.process_time()
        answer = browser.get(f"{ideas}?after={place}-{place}")
        times.append(time.process_time() - began)
        assert answer.status_code == 200
        assert "A bus on Sunday" in answer.text
    assert sorted(times)[18] < MAX_SECONDS
    deep = f"{ideas}?after={last - MANY + 100}-{last - MANY + 100}"
    assert count_queries(lambda: browser.get(deep)) <= few + 2
    assert client.get(f"/campaigns/{campaign.id}").status_code == 200
