"""The page of the logo and the colours, and what the other pages show of them."""

from io import BytesIO

import pytest
from PIL import Image

from ideas.organisation.organisation import the_organisation

PAGE = "/organisation/appearance"
SENT = {"light": "#7a1f5c", "dark": "#f0a0d0", "version": "1"}


@pytest.fixture
def admin(signed_in, make_person):
    return signed_in(make_person("Ada", is_admin=True))


def _picture(kind="PNG", size=(900, 300)):
    out = BytesIO()
    Image.new("RGB", size, "purple").save(out, kind)
    return out.getvalue()


def test_the_colour_is_a_style_sheet_that_browsers_keep_and_the_policy_allows(admin, client):
    assert admin.post(PAGE, data=SENT).status_code == 303
    page = client.get("/campaigns").text
    assert 'href="/brand/7a1f5c-f0a0d0.css"' in page
    sheet = client.get("/brand/7a1f5c-f0a0d0.css")
    assert sheet.mimetype == "text/css"
    assert "--accent: light-dark(#7a1f5c, #f0a0d0);" in sheet.text
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "style-src 'self'" in sheet.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["ffcc00-f0a0d0", "7a1f5c-0b6066", "red-blue", "7a1f5c-f0a0d0;x", "7a1f5c-"])
def test_no_style_sheet_is_made_of_anything_else(client, address):
    assert client.get(f"/brand/{address}.css").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"light": "#ffcc00"}, "too pale for the light appearance: its contrast is 1.2"),
        ({"dark": "#0b6066"}, "too dark for the dark appearance"),
        ({"light": "javascript:1"}, "such as #0b6066"),
        ({"light": ""}, "Choose a colour."),
    ],
)
def test_a_colour_that_nobody_could_read_is_refused(admin, session, wrong, sentence):
    answer = admin.post(PAGE, data=SENT | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert the_organisation(session).accent is None


def test_two_administrators_at_once_see_both_colours(admin, signed_in, make_person):
    zoe = signed_in(make_person("Zoe", is_admin=True))
    admin.post(PAGE, data=SENT)
    conflict = zoe.post(PAGE, data=SENT | {"light": "#000000"})
    assert conflict.status_code == 409
    for words in ("There are two versions", "Ada saved another version on", "#7a1f5c", "#000000"):
        assert words in conflict.text
    assert admin.post(f"{PAGE}/reset").status_code == 303
    assert "/brand/" not in admin.get("/campaigns").text


def test_the_logo_is_drawn_again_and_shown_on_each_page(admin, client, session, uploads):
    answer = admin.post("/organisation/logo", data={"file": (BytesIO(_picture()), "../logo.png")})
    assert answer.status_code == 303, answer.text
    stamp = the_organisation(session).logo_id
    assert f'src="/brand/logo-{stamp}.webp"' in client.get("/campaigns").text
    shown = client.get(f"/brand/logo-{stamp}.webp", buffered=True)
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/webp", "public, max-age=31536000, immutable")
    assert Image.open(BytesIO(shown.data)).size == (480, 160)
    admin.post("/organisation/logo", data={"file": (BytesIO(_picture("JPEG")), "new.jpg")})
    assert client.get(f"/brand/logo-{stamp}.webp").status_code == 404
    assert admin.post("/organisation/logo/remove").status_code == 303
    assert "/brand/" not in client.get("/campaigns").text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg onload=alert(1)>", "be used"),
        (b"%PDF-1.7", "be used"),
        (b"", "be used"),
    ],
)
def test_what_is_no_picture_is_no_logo(admin, session, content, sentence):
    answer = admin.post("/organisation/logo", data={"file": (BytesIO(content), "logo.png")})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert the_organisation(session).logo_id is None


def test_only_administrators_choose_them(signed_in, alice, campaign, client):
    for address in (PAGE, f"{PAGE}/reset", "/organisation/logo", "/organisation/logo/remove"):
        assert signed_in(alice).post(address).status_code == 403
    assert client.get(f"/brand/logo-{campaign.portrait_id}.webp").status_code == 404
