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
        page, code = error_page(404)
    assert code == 404
    assert 'class="button button--primary" href="/campaigns"' in page
