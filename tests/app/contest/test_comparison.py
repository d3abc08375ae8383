import re

import pytest

pytestmark = pytest.mark.one_database


def test_ideas_are_compared_two_by_two_and_the_shares_are_public_once_it_is_closed(
    session, campaign, make_ideas, make_person, signed_in, client, alice, charlie
):
    here = f"/campaigns/{campaign.id}/compare"
    owner, dora = signed_in(alice), signed_in(make_person("Dora"))
    assert dora.get(here).status_code == 303
    refused = owner.post(f"{here}/set-up", data={"compared": "ideas", "by": "everyone"})
    assert "At least 3 ideas or themes are needed" in refused.text
    make_ideas(campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus")])
    assert owner.post(f"{here}/set-up", data={"compared": "ideas", "by": "everyone"}).status_code == 303
    assert f'href="{here}"' in dora.get(f"/campaigns/{campaign.id}").text
    assert "Show me a pair" in dora.get(here).text
    page = dora.post(f"{here}/next", follow_redirects=True).text
    for _turn in range(3):
        number = re.search(r'name="pair" value="(\d+)"', page)[1]
        page = dora.post(f"{here}/answer", data={"pair": number, "chosen": "first"}, follow_redirects=True).text
    assert "There is no pair left for you now." in page
    again = dora.post(f"{here}/answer", data={"pair": number, "chosen": "first"}, follow_redirects=True).text
    assert "This pair was answered already" in again
    assert "Nothing was saved." in dora.post(f"{here}/answer", data={"pair": "x"}, follow_redirects=True).text
    assert dora.get(f"{here}/results").status_code == 303
    assert "3 pairs were answered." in owner.get(f"{here}/results").text
    assert "no pair left" in signed_in(charlie).post(f"{here}/next", follow_redirects=True).text  # all are his
    owner.post(f"{here}/close")
    shown = client.get(f"{here}/results").text
    assert re.search(r"Likely between", shown)
    assert "Wilson" in shown
    assert "The comparison is closed." in dora.get(here).text
    assert dora.post(f"{here}/next").status_code == 422


def test_results_on_themes_are_for_those_who_may_read_themes(
    session, campaign, make_theme, signed_in, client, alice, charlie, now
):
    for name in ("Streets", "Parks", "Buses"):
        make_theme(campaign, name)
    here = f"/campaigns/{campaign.id}"
    owner = signed_in(alice)
    owner.post(f"{here}/compare/set-up", data={"compared": "themes", "by": "everyone"})
    said = owner.post(f"{here}/compare/close", follow_redirects=True).text
    assert "once the debrief is published" in said
    results, link = f"{here}/compare/results", "Read the results"
    assert "Streets" in owner.get(results).text
    for person in (client, signed_in(charlie)):
        assert person.get(results).status_code == 303
        assert link not in person.get(here).text
    assert link not in signed_in(charlie).get(f"{here}/compare").text
    campaign.debriefed_at = now
    session.commit()
    assert "Streets" in client.get(results).text
    assert link in client.get(here).text
