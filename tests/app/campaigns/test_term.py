from ideas.campaigns.term import CampaignTerm, add_term


def test_the_team_fills_the_glossary_writers_read_it_and_lists_search_by_it(
    session, signed_in, campaign, make_idea, alice, charlie
):
    owner, writer = signed_in(alice), signed_in(charlie)
    page = f"/campaigns/{campaign.id}/glossary"
    assert page in owner.get(f"/campaigns/{campaign.id}/edit").text
    form = {"abbreviation": "VAE", "meaning": "vélo à assistance électrique"}
    assert owner.post(f"{page}/add", data=form).location == page
    again = owner.post(f"{page}/add", data=form)
    assert (again.status_code, "déjà" in again.text or "already" in again.text) == (422, True)
    for shown in ("", "/ideas/new"):
        assert "vélo à assistance électrique" in writer.get(f"/campaigns/{campaign.id}{shown}").text
    assert "/glossary/add" not in writer.get(page).text
    make_idea(campaign, charlie, "Un VAE à partager")
    for address in (f"/campaigns/{campaign.id}/ideas", "/search"):
        assert "<mark>VAE</mark>" in writer.get(f"{address}?containing=velo+a+assistance+electrique").text
    term = session.query(CampaignTerm).one()
    assert writer.post(f"{page}/{term.id}/remove").status_code == 403
    assert owner.post(f"{page}/{term.id}/remove").location == page
    assert session.query(CampaignTerm).count() == 0


def test_a_term_of_another_campaign_is_not_found(session, signed_in, campaign, make_campaign, alice, now):
    term = add_term(session, make_campaign(), abbreviation="VAE", meaning="vélo", by=alice, now=now)
    session.commit()
    assert signed_in(alice).post(f"/campaigns/{campaign.id}/glossary/{term.id}/remove").status_code == 404
