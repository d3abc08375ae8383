# ruff: noqa: SLF001 -- the queries are no part of what others call
"""The long queries of the pages that people open most are built once: building them takes longer than running them."""

import pytest

from ideas.contributions import own
from ideas.recognition import badge, points
from ideas.recognition.welcome import first_idea, first_step, team_comments
from tests.effort import calls

OF_A_PERSON = (points._own_facts, badge._query, own._given_queries)
OF_A_CAMPAIGN = (first_idea._latest, team_comments._first_comments, first_step._any_act)


@pytest.mark.parametrize(
    ("page", "built", "share"),
    [("/me", OF_A_PERSON, 0.4), ("/campaigns/{}", OF_A_CAMPAIGN, 0.8)],
    ids=["person", "campaign"],
)
def test_a_page_that_is_read_again_builds_none(signed_in, campaign, charlie, page, built, share):
    browser, address = signed_in(charlie), page.format(campaign.id)
    browser.get(address)  # templates and statements are known from here on
    for query in built:
        query.cache_clear()
    first = calls(lambda: browser.get(address))
    assert calls(lambda: browser.get(address)) < share * first
