"""What is kept of an exception is useful to administrators and holds nothing that people wrote."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.sandbox.reading import ReadersBusy
from app.worker.failure import code_of, detail_of, may_pass
from clustering.errors import ModelUnavailable
from ideas.errors import Conflict
from ideas.store import DiskFull
from ideas.work.job import JobError


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "code", "again"),
    [
        (ModelUnavailable("No model.", code="model_unavailable", model="m"), JobError.MODEL_UNAVAILABLE, False),
        (Conflict(), JobError.REFUSED, False),
        (ReadersBusy(), JobError.REFUSED, True),
        (DiskFull(), JobError.REFUSED, True),
        (OperationalError("SELECT 1", {}, Exception("locked")), JobError.DATABASE, True),
        (IntegrityError("INSERT", {}, Exception("taken")), JobError.DATABASE, True),
        (KeyError("name"), JobError.UNEXPECTED, True),
        (MemoryError(), JobError.UNEXPECTED, True),
    ],
)
def test_each_error_has_its_code_and_only_what_may_pass_is_tried_again(error, code, again):
    assert (code_of(error), may_pass(error)) == (code, again)


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ValueError("too long: 'Rose wants a bus'"), "ValueError: too long: …"),
        (KeyError("Rose wants a bus"), "KeyError: …"),
        (ValueError("rose@example.org is unknown\nsecond line"), "ValueError: … is unknown"),
        (RuntimeError(), "RuntimeError"),
        (ValueError("« Un bus le soir » n’est pas un thème"), "ValueError: … n’est pas un thème"),
        (ValueError("x" * 900), "ValueError: " + "x" * 200),
    ],
)
def test_a_detail_holds_the_class_and_no_word_of_people(error, kept):
    assert detail_of(error) == kept


def test_a_detail_says_where_in_our_code_the_error_came_from():
    assert detail_of(raised(ValueError("no"))).startswith("ValueError: no, tests/app/worker/test_failure.py:")


def test_the_detail_of_a_database_error_holds_no_parameters(session, campaign, alice):
    statement = text("INSERT INTO person (id, email, name) VALUES (:id, :email, :name)")
    with pytest.raises(IntegrityError) as caught:
        session.execute(statement, {"id": alice.id, "email": "rose@example.org", "name": "Rose"})
    detail = detail_of(caught.value)
    assert "Rose" not in detail
    assert "rose" not in detail
    assert "INSERT" not in detail
    assert detail
