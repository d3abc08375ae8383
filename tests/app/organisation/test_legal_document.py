"""The pages of the legal documents, and the page where members accept rules that changed."""

import csv
import io

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.contributions.idea import Idea
from ideas.organisation.consent import Consent, accepted_version
from ideas.organisation.legal_document import DocumentKind, document_of, publish_document

EDIT = "/organisation/documents/{}"


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def admin(signed_in, ada):
    return signed_in(ada)


@pytest.fixture
def new_rules(session, ada, now):
    """Publish rules that change in substance."""

    def publish(text="Be **kind**.", reason="Kindness was missing.", seen=1):
        facts = {"texts": {"en": text, "fr": "Soyez bons."}, "substantive": True, "reason": reason}
        publish_document(session, DocumentKind.RULES, **facts, by=ada, now=now, seen=seen)
        session.commit()

    return publish


def test_everyone_reads_the_rules_from_the_footer(client):
    assert 'href="/rules"' in client.get("/campaigns").text
    page = client.get("/rules").text
    assert "<h2>Respect each other</h2>" in page
    assert client.get("/documents/rules", headers={"Accept-Language": "fr"}).text.count("Respectez-vous") == 1


@pytest.mark.parametrize("name", ["privacy", "nothing", "RULES", "rules.fr"])
def test_what_is_not_published_is_not_found(client, name):
    for address in (f"/documents/{name}", f"/documents/{name}/versions"):
        assert client.get(address).status_code == 404
    assert f'href="/documents/{name}"' not in client.get("/campaigns").text


@pytest.mark.parametrize("kind", ["privacy", "legal_notice", "accessibility"])
def test_a_document_starts_from_a_template_whose_blanks_are_to_be_filled_in(admin, client, kind):
    page = admin.get(EDIT.format(kind)).text
    assert "[à compléter" in page
    assert "[to fill in" in page
    assert "{#" not in page
    texts = {"fr": "Par [à compléter : nom].", "en": "By us."}
    refused = admin.post(EDIT.format(kind), data=texts | {"version": "0", "then": "publish"})
    assert refused.status_code == 422
    assert "Something is still to fill in: [à compléter : nom]." in refused.text
    done = admin.post(EDIT.format(kind), data={"fr": "Par nous.", "en": "By **us**.", "version": "0"})
    assert (done.status_code, done.location) == (303, f"/documents/{kind}")
    assert "By <strong>us</strong>." in client.get(f"/documents/{kind}").text
    assert f'href="/documents/{kind}"' in client.get("/campaigns").text


def test_a_preview_publishes_nothing(admin, session):
    sent = {"en": "Be **kind**. <script>alert(1)</script>", "fr": "", "version": "1", "then": "preview"}
    page = admin.post(EDIT.format("rules"), data=sent)
    assert page.status_code == 200
    assert "Be <strong>kind</strong>" in page.text
    assert "<script>alert" not in page.text
    assert document_of(session, DocumentKind.RULES).version == 1


def test_a_change_needs_its_reason_and_earlier_versions_show_what_changed(admin, client):
    sent = {"en": "Be kind.", "fr": "", "version": "1"}
    refused = admin.post(EDIT.format("rules"), data=sent)
    assert refused.status_code == 422
    assert "Say why you change it" in refused.text
    assert admin.post(EDIT.format("rules"), data=sent | {"change_reason": "Shorter."}).status_code == 303
    assert 'href="/documents/rules/versions"' in client.get("/documents/rules").text
    page = client.get("/documents/rules/versions").text
    for words in ("Shorter.", "Be kind.", "Respect each other", "<del>"):
        assert words in page
    french = client.get("/documents/rules", headers={"Accept-Language": "fr"}).text
    assert "Be kind." in french, "in the language that there is"


def test_two_administrators_at_once_see_both_texts(admin, signed_in, make_person):
    zoe = signed_in(make_person("Zoe", is_admin=True))
    sent = {"en": "Ada’s words.", "fr": "", "version": "1", "change_reason": "Mine."}
    admin.post(EDIT.format("rules"), data=sent)
    conflict = zoe.post(EDIT.format("rules"), data=sent | {"en": "Zoe’s words."})
    assert conflict.status_code == 409
    for words in ("There are two versions", "Ada saved another version on", "Ada’s words.", "Zoe’s words."):
        assert words in conflict.text


def test_members_see_what_changed_and_accept_before_they_go_on(new_rules, signed_in, session, charlie, campaign):
    browser = signed_in(charlie)
    here = f"/campaigns/{campaign.id}?sort=new"
    new_rules()
    asked = browser.get(here)
    assert (asked.status_code, asked.location) == (303, f"/rules/accept?next=/campaigns/{campaign.id}?sort%3Dnew")
    page = browser.get(asked.location).text
    for words in ("The rules have changed", "Kindness was missing.", "Be <strong>kind</strong>.", "Sign out"):
        assert words in page
    answer = browser.post("/rules/accept", data={"version": "2", "next": here})
    assert (answer.status_code, answer.location) == (303, here)
    assert browser.get(here).status_code == 200
    assert accepted_version(session, charlie) == 2
    assert session.scalars(select(Activity).where(Activity.object_kind == "consent")).one().actor_id == charlie.id
    assert browser.get("/rules/accept").location == "/campaigns"


def test_members_are_asked_where_they_begin_too(new_rules, signed_in, client, charlie):
    browser = signed_in(charlie)
    new_rules()
    for address in ("/campaigns", "/search?containing=bus", "/me"):
        assert browser.get(address).location.startswith("/rules/accept?next=")
    for address in ("/campaigns", "/search?containing=bus"):
        assert client.get(address).status_code == 200


def test_rules_that_change_while_a_member_reads_them_are_shown_again(new_rules, signed_in, session, charlie):
    browser = signed_in(charlie)
    new_rules()
    new_rules("Be kind and brief.", seen=2)
    answer = browser.post("/rules/accept", data={"version": "2"})
    assert answer.status_code == 409
    assert "Be kind and brief." in answer.text
    assert 'value="3"' in answer.text
    assert accepted_version(session, charlie) == 0


def test_a_text_sent_after_the_rules_changed_is_kept_and_the_next_page_asks(
    new_rules, signed_in, session, charlie, campaign
):
    browser = signed_in(charlie)
    new_rules()
    address = f"/campaigns/{campaign.id}/ideas/new"
    sent = {"title": "Bus", "body": "More buses on Sunday.", "form_key": "f" * 32}
    answer = browser.post(address, data=sent | {"then": "keep"})
    assert answer.status_code == 303
    assert session.scalars(select(Idea.body)).all() == ["More buses on Sunday."]
    assert browser.get(answer.location).location.startswith("/rules/accept")


def test_a_fragment_leads_the_whole_page_to_the_rules(new_rules, signed_in, charlie, campaign):
    browser = signed_in(charlie)
    new_rules()
    answer = browser.get(f"/campaigns/{campaign.id}/ideas", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (409, "/rules/accept")


def test_visitors_public_pages_and_who_signs_out_are_not_asked(new_rules, signed_in, client, charlie, campaign):
    browser = signed_in(charlie)
    new_rules()
    assert client.get(f"/campaigns/{campaign.id}").status_code == 200
    for address in ("/documents/rules", "/documents/rules/versions"):
        assert browser.get(address).status_code == 200
    assert browser.post("/sign-out").location == "/"
    assert browser.get(f"/campaigns/{campaign.id}").status_code == 200


def test_the_administrator_who_published_is_not_asked(new_rules, admin):
    new_rules()
    assert admin.get("/campaigns").status_code == 200


def test_the_page_to_accept_leads_nowhere_else(new_rules, signed_in, charlie):
    browser = signed_in(charlie)
    new_rules()
    answer = browser.post("/rules/accept", data={"version": "2", "next": "https://evil.example"})
    assert answer.location == "/campaigns"


def test_a_new_account_has_accepted_the_rules(client, session, new_rules):
    new_rules()
    sent = {"name": "Dana", "email": "dana@example.org", "password": "a long enough one", "rules": "y"}
    assert client.post("/sign-up", data=sent).status_code == 303
    assert session.scalars(select(Consent.version).order_by(Consent.id.desc())).first() == 2
    assert "/rules/accept" not in client.get("/me").headers.get("Location", "")


def test_only_administrators_write_documents(signed_in, charlie, client):
    for address in ("/organisation/documents", EDIT.format("rules")):
        assert signed_in(charlie).get(address).status_code == 403
        assert client.get(address).location.startswith("/sign-in")


@pytest.mark.one_database
def test_all_versions_are_a_file_with_how_many_accepted_each(admin, signed_in, make_person, charlie, new_rules):
    new_rules()
    answer = admin.post("/organisation/documents/export")
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    found = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["document"], row["version"], row["language"]) for row in found] == [
        ("rules", number, locale) for number in "12" for locale in ("en", "fr")
    ]
    assert [row["text"] for row in found[2:]] == ["Be **kind**.", "Soyez bons."]
    assert (found[2]["reason"], found[2]["by"], found[2]["accepted_by"]) == ("Kindness was missing.", "Ada", "1")
    assert signed_in(charlie).post("/organisation/documents/export").status_code == 403
    assert "exported" in admin.get("/activity?verb=exported").text
