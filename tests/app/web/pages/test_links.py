"""Addresses of this site: what visitors write in them is not kept."""

import re
import tracemalloc

from app.mail.address import address_of
from app.web.pages import links
from app.web.pages.links import MAX_ADDRESS_LENGTH, local_address, url_for


def test_what_visitors_write_in_addresses_is_not_kept_in_memory(app):
    """The address to go to after signing in took 40 kB of the process each time, for 16,384 of them."""
    with app.test_request_context():
        url_for("person.sign_in", next="/me")
        tracemalloc.start()
        for number in range(50):
            url_for("person.sign_in", next=f"/me?{number}" + "é" * 1_900)
        kept, _most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert kept < 50_000


def test_a_made_up_host_is_in_no_address_of_a_page(app, client, campaign):
    """The first reader of a campaign named a host, and everybody who shared the campaign later shared that host."""
    links._url_for.cache_clear()  # noqa: SLF001 -- as after the start of the site
    with app.app_context():
        address = address_of("campaign.show", campaign_id=campaign.id)
    for host in ("evil.example", "localhost"):
        page = client.get(f"/campaigns/{campaign.id}", headers={"Host": host}).text
        shared = re.search('property="og:url" content="([^"]+)"', page)
        assert shared is not None
        assert shared[1] == address
        assert "evil.example" not in page


def test_an_address_to_go_to_has_a_length(app):
    with app.test_request_context():
        rest = MAX_ADDRESS_LENGTH - len("/me?")
        assert local_address("/me?" + "a" * rest) is not None
        assert local_address("/me?" + "a" * (rest + 1)) is None


def test_a_page_with_a_long_address_still_leads_to_sign_in(client):
    answer = client.get("/me?" + "a" * 10_000)
    assert (answer.status_code, answer.location.startswith("/sign-in")) == (303, True)
    assert '/sign-up"' in client.get(answer.location).text
