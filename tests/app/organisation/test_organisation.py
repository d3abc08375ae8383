"""The page of settings, and where the name, texts and languages of the site are shown."""

import pytest
from sqlalchemy import event

from app.mail.delivery import sender_of
from ideas.organisation.organisation import the_organisation

pytestmark = pytest.mark.usefixtures("set_up")

SENT = {
    "name": "Santé & Co <b>",
    "contact_email": "contact@example.org",
    "welcome": "**Bienvenue** <script>alert(1)</script>",
    "footer": "Run by the agency. https://example.org/about",
    "locales": ["fr", "en"],
    "locale": "fr",
    "timezone": "Europe/Brussels",
    "version": "1",
}


@pytest.fixture
def admin(signed_in, make_person):
    return signed_in(make_person("Ada", is_admin=True))


@pytest.fixture
def save(admin):
    def save(**changes):
        answer = admin.post("/organisation", data=SENT | changes)
        assert answer.status_code == 303, answer.text
        return answer

    return save


def test_the_name_is_in_the_header_the_title_and_previews_of_links(save, client, campaign):
    save()
    page = client.get(f"/campaigns/{campaign.id}").text
    assert "· Santé &amp; Co &lt;b&gt;</title>" in page
    assert '<span dir="auto">Santé &amp; Co &lt;b&gt;</span>' in page
    assert 'property="og:site_name" content="Santé &amp; Co &lt;b&gt;"' in page
    assert page.count("Convergence") == 1, "“Made with Convergence”"


def test_footer_and_contact_are_on_each_page_and_the_welcome_where_people_come_in(save, client):
    save()
    for address in ("/", "/sign-up"):
        page = client.get(address).text
        assert "<strong>Bienvenue</strong>" in page
        assert "<script>alert" not in page
        assert "mailto:contact@example.org" in page
        assert 'href="https://example.org/about"' in page
    assert "Bienvenue" not in client.get("/campaigns").text


def test_what_is_stored_is_shown_in_the_form_and_in_the_log(save, admin):
    save()
    page = admin.get("/organisation").text
    for words in ("Santé &amp; Co &lt;b&gt;", "contact@example.org", 'value="Europe/Brussels"', 'value="2"'):
        assert words in page
    log = admin.get("/activity?kind=organisation").text
    assert "Organisation 1" in log
    assert "Europe/Brussels" in log


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "\u200b"}, "Enter the name of the site."),
        ({"name": "x" * 81}, "Characters to remove: 1."),
        ({"contact_email": "a@b"}, "Enter an email address such as name@example.org."),
        ({"locales": []}, "Choose at least one language."),
        ({"locales": ["en"]}, "The default language must be one of the languages that the site offers."),
        ({"locales": ["xx"]}, "a valid choice"),
        ({"timezone": "Mars/Olympus"}, "Not a valid choice"),
    ],
)
def test_a_wrong_setting_is_refused_beside_its_field_and_nothing_is_lost(admin, session, wrong, sentence):
    answer = admin.post("/organisation", data=SENT | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Run by the agency." in answer.text
    assert the_organisation(session).version == 1


def test_two_administrators_at_once_see_both_versions(save, signed_in, make_person, session):
    zoe = signed_in(make_person("Zoe", is_admin=True))
    save()
    conflict = zoe.post("/organisation", data=SENT | {"name": "Other", "locales": ["fr"]})
    assert conflict.status_code == 409
    for words in ("There are two versions", "Ada saved another version on", "Santé &amp; Co", "Français, English"):
        assert words in conflict.text
    assert 'name="version" type="hidden" value="2"' in conflict.text
    again = zoe.post("/organisation", data=SENT | {"name": "Other", "version": "2"})
    assert again.status_code == 303
    session.expire_all()
    assert the_organisation(session).name == "Other"


def test_only_administrators_reach_the_settings(signed_in, client, alice):
    assert signed_in(alice).get("/organisation").status_code == 403
    assert client.get("/organisation").location.startswith("/sign-in")
    assert 'href="/organisation"' not in signed_in(alice).get("/campaigns").text


def test_a_site_in_one_language_offers_no_other(save, client, signed_in, make_person):
    save(locales=["fr"], locale="fr")
    page = client.get("/").text
    assert '<html lang="fr">' in page
    assert 'value="en"' not in page
    client.post("/language", data={"locale": "en"})
    assert '<html lang="fr">' in client.get("/").text
    dana = signed_in(make_person("Dana", locale="en"))
    assert '<html lang="fr">' in dana.get("/campaigns").text
    profile = dana.get("/me/profile").text
    assert "English" not in profile


def test_visitors_see_times_in_the_zone_of_the_site(save, client):
    save(timezone="Indian/Reunion")
    assert "Times are in Réunion time." in client.get("/campaigns").text


def test_a_page_reads_the_settings_once(save, client, connection):
    save()
    asked = []
    event.listen(connection, "before_cursor_execute", lambda _connection, _cursor, sql, *_rest: asked.append(sql))
    client.get("/sign-in")
    assert [sql for sql in asked if "organisation" in sql] == [sql for sql in asked if "FROM" in sql]
    assert len([sql for sql in asked if "organisation" in sql]) == 1


def test_an_error_of_the_server_shows_its_page_without_the_database(app, client, monkeypatch):
    def fail(*_given, **_named):
        raise RuntimeError("broken")

    monkeypatch.setattr("app.web.pages.site.the_organisation", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = client.get("/")
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    assert "Sorry, there is a problem" in answer.text


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Convergence", "Ideas <hello@ideas.example.org>"),
        ("Santé", "Santé <hello@ideas.example.org>"),
        ("A, B <x@evil.example>", '"A, B <x@evil.example>" <hello@ideas.example.org>'),
    ],
)
def test_mails_come_from_the_organisation_at_the_address_of_the_settings(name, sender):
    assert sender_of(name, "Ideas <hello@ideas.example.org>") == sender
