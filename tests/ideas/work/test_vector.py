from sqlalchemy import select

from ideas.base import CHUNK
from ideas.work.vector import TextVector, forget_vectors, keep_vectors, known_vectors, unused_vectors

A, B, C = (bytes([letter]) * 32 for letter in b"abc")


def test_vectors_are_found_again_by_digest_and_model(session):
    keep_vectors(session, "small", {A: b"1", B: b"2"})
    keep_vectors(session, "large", {A: b"3"})
    assert known_vectors(session, "small", [A, B, C]) == {A: b"1", B: b"2"}
    assert known_vectors(session, "large", [A, B]) == {A: b"3"}
    assert known_vectors(session, "small", []) == {}


def test_a_vector_that_is_kept_already_stays(session):
    keep_vectors(session, "small", {A: b"1"})
    keep_vectors(session, "small", {A: b"other", B: b"2"})
    assert known_vectors(session, "small", [A, B]) == {A: b"1", B: b"2"}


def test_many_are_kept_and_found_at_once(session):
    many = {number.to_bytes(32, "big"): b"v" for number in range(2 * CHUNK + 1)}
    keep_vectors(session, "small", many)
    assert known_vectors(session, "small", many) == many


def test_what_no_text_uses_and_what_other_models_left_is_forgotten(session):
    keep_vectors(session, "small", {A: b"1", B: b"2"})
    keep_vectors(session, "large", {A: b"3"})
    unused = unused_vectors(session, "small", used=[A, C])
    assert unused == {"small": [B], "large": [A]}
    for model, digests in unused.items():
        forget_vectors(session, model, digests)
    assert session.execute(select(TextVector.model, TextVector.digest)).all() == [("small", A)]
