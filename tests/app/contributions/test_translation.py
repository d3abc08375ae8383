from ideas.people.translator import MAX_TEXT_LENGTH, Translator, translation_address


def test_an_idea_in_another_language_has_a_link_to_the_readers_own_translator(
    session, client, signed_in, campaign, make_idea, bob, charlie
):
    campaign.open_to_visitors = True
    idea = make_idea(campaign, charlie, "Une file d’attente & des jouets", lang="fr")
    ours = make_idea(campaign, charlie, "A queue and toys", lang="en")
    bob.locale = "en"
    session.commit()
    browser, page = signed_in(bob), f"/campaigns/{campaign.id}/ideas"
    assert "translat" not in browser.get(f"{page}/{idea.id}").text, "nobody has one by default"
    profile = {"name": "Bob", "headline": "", "locale": "en", "timezone": "Europe/Paris", "translator": "google"}
    assert browser.post("/me/profile", data=profile | {"translator": "mine"}).status_code == 422
    assert browser.post("/me/profile", data=profile).status_code == 303
    shown = browser.get(f"{page}/{idea.id}").text
    address = (
        "https://translate.google.com/?sl=fr&amp;tl=en&amp;op=translate&amp;text=Une%20file%20d%E2%80%99attente%20%26"
    )
    assert f'<a href="{address}' in shown
    assert 'rel="noopener noreferrer external"' in shown
    assert "translate.google" not in browser.get(f"{page}/{ours.id}").text
    assert "translate.google" not in client.get(f"{page}/{idea.id}").text


def test_a_long_text_is_cut_and_each_pattern_names_both_languages():
    for translator in Translator:
        found = translation_address(translator, "z" * 9_999, lang="de", to="fr")
        if translator is Translator.NONE:
            assert found == ""
        else:
            assert ("de" in found, "fr" in found, found.count("z")) == (True, True, MAX_TEXT_LENGTH)
