"""What the page of an error offers."""

from app.web.errors import error_page


def test_whoever_has_to_sign_in_is_led_there(app):
    with app.test_request_context("/me", headers={"Accept-Language": "en"}):
        page, code = error_page(401)
    assert code == 401
    assert "Sign in to continue" in page
    assert 'class="button button--primary" href="/sign-in"' in page


def test_the_page_of_another_error_leads_to_the_campaigns(app):
    with app.test_request_context("/me", headers={"Accept-Language": "en"}):
        page, code = error_page(405)
    assert code == 405
    assert 'class="button button--primary" href="/campaigns"' in page


def test_a_visitor_who_finds_nothing_may_sign_in_or_read_the_campaigns(app):
    with app.test_request_context("/campaigns/7", headers={"Accept-Language": "en"}):
        page, code = error_page(404)
    assert code == 404
    assert 'class="button button--primary" href="/sign-in?next=/campaigns/7"' in page
    assert 'class="button" href="/campaigns"' in page
