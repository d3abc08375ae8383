"""The cover of a campaign, and the card that other sites show of it."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageFont
from sqlalchemy import select

from app.pictures.uploads.cover import HEIGHT, MAX_BYTES, MAX_SMALL_BYTES, SMALL_HEIGHT, SMALL_WIDTH, WIDTH
from ideas.files import File, Purpose
from ideas.spaces.audience import Audience


def has_font():
    try:
        ImageFont.truetype("DejaVuSans-Bold.ttf", 20)
    except OSError:
        return False
    return True


def noise(size=(800, 500)):
    """A picture that takes many bytes."""
    out = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def picture():
    out = BytesIO()
    Image.new("RGB", (700, 300), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def sent(signed_in, campaign, alice):
    """Sends the form of the cover, with a picture or without."""
    browser = signed_in(alice)

    def send(content=None, alternative="A nurse at a desk"):
        files = {"file": (BytesIO(content), "cover.jpg")} if content is not None else {}
        form = {"alternative": alternative} | files
        return browser.post(f"/campaigns/{campaign.id}/cover", data=form, content_type="multipart/form-data")

    return send


def test_a_cover_is_small_described_replaced_and_removed(session, client, signed_in, sent, campaign, alice, uploads):
    page = f"/campaigns/{campaign.id}"
    assert sent().status_code == 422, "a description alone describes nothing"
    assert sent(b"no picture").status_code == 422
    assert sent(noise()).location == page
    file, small = session.scalars(select(File).where(File.purpose == Purpose.COVER).order_by(File.id)).all()
    for one, size, most in ((file, (WIDTH, HEIGHT), MAX_BYTES), (small, (SMALL_WIDTH, SMALL_HEIGHT), MAX_SMALL_BYTES)):
        content = (uploads / one.stored_as).read_bytes()
        with Image.open(BytesIO(content)) as drawn:
            assert (drawn.format, drawn.size, len(content) <= most) == ("WEBP", size, True)
    for address in (page, "/campaigns"):
        shown = signed_in(alice).get(address).text
        assert re.search(rf'src="/files/{file.id}"\s+alt="A nurse at a desk"', shown)
        assert f'<source media="(max-width: 40rem)" srcset="/files/{small.id}">' in shown
    assert sent(alternative="Two nurses").location == page
    assert campaign.cover_id == file.id
    assert sent(picture()).location == page
    session.expire_all()
    assert campaign.cover_id != file.id
    assert not any((uploads / one.stored_as).exists() for one in (file, small))
    signed_in(alice).post(f"{page}/cover/remove")
    session.expire_all()
    assert (campaign.cover_id, campaign.cover_small_id, campaign.cover_alternative) == (None, None, "")
    assert session.scalars(select(File).where(File.purpose == Purpose.COVER, File.removed_at.is_(None))).all() == []


def test_a_public_campaign_and_its_ideas_have_a_card_and_a_restricted_one_has_none(
    session, client, signed_in, sent, campaign, idea, alice
):
    campaign.open_to_visitors = True
    session.commit()
    page, card = f"/campaigns/{campaign.id}", f"/campaigns/{campaign.id}/card.png"
    for address in (page, f"{page}/ideas/{idea.id}"):
        shown = client.get(address).text
        assert re.search(rf'property="og:image" content="https?://[^"]*{card}\?v=', shown), address
    assert 'property="og:title" content="' + idea.text[:20] in shown
    if has_font():
        plain = client.get(card).data
        sent(picture())
        covered = client.get(card).data
        for content in (plain, covered):
            with Image.open(BytesIO(content), formats=["PNG"]) as drawn:
                assert drawn.size == (1200, 630)
        assert len(plain) != len(covered) < 500_000, "the cover is in it"
    idea.withdrawn_at = idea.submitted_at
    campaign.audience, campaign.open_to_visitors = Audience.MEMBERS, False
    session.commit()
    assert client.get(card).status_code in {302, 303, 404}
    assert signed_in(alice).get(card).status_code == 303
    assert "og:image" not in signed_in(alice).get(page).text
