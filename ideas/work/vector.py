"""What texts mean, as numbers kept from run to run: found again by a digest, without the text."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import LargeBinary, String, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, chunks


class TextVector(Base):
    """The vector that a model gives a text. `digest`: SHA-256 of model and cleaned text."""

    __tablename__ = "text_vector"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    values: Mapped[bytes] = mapped_column(LargeBinary)


def known_vectors(session: Session, model: str, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """The vectors that are kept of these texts."""
    found: dict[bytes, bytes] = {}
    for chunk in chunks(list(digests)):
        rows = session.execute(
            select(TextVector.digest, TextVector.values).where(TextVector.model == model, TextVector.digest.in_(chunk))
        )
        found.update((digest, values) for digest, values in rows)
    return found


def keep_vectors(session: Session, model: str, vectors: Mapping[bytes, bytes]) -> None:
    """Keep vectors by their digests; one that is kept already stays as it is."""
    for chunk in chunks(list(vectors)):
        known = known_vectors(session, model, chunk)
        new = [{"digest": digest, "model": model, "values": vectors[digest]} for digest in chunk if digest not in known]
        if new:
            try:
                with session.begin_nested():
                    session.execute(insert(TextVector), new)
            except IntegrityError:  # someone keeps the same texts at this very moment
                continue


def unused_vectors(session: Session, model: str, *, used: Collection[bytes]) -> dict[str, list[bytes]]:
    """The digests, by model, of all vectors that are kept but this model's of the texts in use."""
    found: dict[str, list[bytes]] = {}
    for kept_for, digest in session.execute(select(TextVector.model, TextVector.digest)):
        if kept_for != model or digest not in used:
            found.setdefault(kept_for, []).append(digest)
    return found


def forget_vectors(session: Session, model: str, digests: Sequence[bytes]) -> None:
    """Delete these vectors of a model: at most a chunk of them."""
    session.execute(delete(TextVector).where(TextVector.model == model, TextVector.digest.in_(digests)))
