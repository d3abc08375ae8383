"""The organisation that runs the site: one row, whose changes are in the activity log."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.errors import EmptyText, TooLong
from ideas.organisation.organisation import (
    DEFAULT_NAME,
    LanguageNotOffered,
    NoLanguage,
    OrganisationText,
    revise_organisation,
    the_organisation,
)
from ideas.people.person import EmailInvalid, NameReserved, check_name

GIVEN = OrganisationText(
    name="Health Together",
    contact_email="Hello@Example.org ",
    footer="Run by the regional agency.",
    welcome="**Welcome**",
    locales=["fr", "en"],
    locale="fr",
    timezone="Europe/Paris",
)


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def revise(session, ada, now):
    def revise(given=GIVEN, *, seen=1, by=ada):
        revise_organisation(session, given, by=by, now=now, seen=seen)
        session.commit()

    return revise


def _acts(session):
    return session.scalars(select(Activity).where(Activity.object_kind == "organisation").order_by(Activity.id)).all()


def test_a_new_site_has_an_organisation_with_the_name_of_the_product(session):
    organisation = the_organisation(session)
    assert (organisation.name, organisation.contact_email) == (DEFAULT_NAME, None)


def test_settings_are_cleaned_and_what_changed_is_in_the_log(session, revise, ada):
    revise()
    organisation = the_organisation(session)
    assert (organisation.name, organisation.contact_email) == ("Health Together", "hello@example.org")
    revise(replace(GIVEN, name="Health\n Together ", footer="", contact_email="  "), seen=2)
    first, second = _acts(session)
    assert (first.verb, first.actor_id, first.before["name"]) == (Verb.CHANGED, ada.id, DEFAULT_NAME)
    assert second.before == {"footer": "Run by the regional agency.", "contact_email": "hello@example.org"}
    assert second.after == {"footer": "", "contact_email": None}


def test_saving_the_same_settings_again_leaves_no_trace(session, revise):
    revise()
    revise(seen=2)
    assert the_organisation(session).version == 2
    assert len(_acts(session)) == 1


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": " \u200b "}, EmptyText),
        ({"name": "x" * 81}, TooLong),
        ({"contact_email": "nobody"}, EmailInvalid),
        ({"footer": "x" * 301}, TooLong),
        ({"welcome": "x" * 2001}, TooLong),
        ({"locales": []}, NoLanguage),
        ({"locales": ["en"]}, LanguageNotOffered),
    ],
)
def test_wrong_settings_are_refused_and_nothing_changes(session, revise, wrong, error):
    with pytest.raises(error):
        revise(replace(GIVEN, **wrong))
    session.rollback()
    assert the_organisation(session).name == DEFAULT_NAME


def test_the_second_of_two_administrators_does_not_replace_what_the_first_saved(session, revise, make_person):
    revise()
    with pytest.raises(ChangedMeanwhile):
        revise(replace(GIVEN, name="Another name"), by=make_person("Zoe", is_admin=True))
    session.rollback()
    assert the_organisation(session).name == "Health Together"


def test_nobody_takes_the_name_of_the_organisation(session, revise):
    revise()
    with pytest.raises(NameReserved):
        check_name(session, "HEALTH-together")
