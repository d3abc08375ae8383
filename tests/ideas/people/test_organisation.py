"""The organisation that runs the site: one row."""

from ideas.people.organisation import DEFAULT_NAME, the_organisation


def test_a_new_site_has_an_organisation_with_the_name_of_the_product(session):
    organisation = the_organisation(session)
    assert (organisation.name, organisation.contact_email) == (DEFAULT_NAME, None)
