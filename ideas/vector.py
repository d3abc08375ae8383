"""What texts mean, as numbers kept from run to run: found again by a digest, without the text."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import LargeBinary, String, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base

# At most so many values in one statement: every database takes them.
CHUNK = 500


class TextVector(Base):
    """The vector that a model gives a text. `digest`: SHA-256 of model and cleaned text."""

    __tablename__ = "text_vector"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    values: Mapped[bytes] = mapped_column(LargeBinary)


def known_vectors(session: Session, model: str, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """The vectors that are kept of these texts."""
    found: dict[bytes, bytes] = {}
    for chunk in _chunks(list(digests)):
        rows = session.execute(
            select(TextVector.digest, TextVector.values).where(TextVector.model == model, TextVector.digest.in_(chunk))
        )
        found.update((digest, values) for digest, values in rows)
    return found


def keep_vectors(session: Session, model: str, vectors: Mapping[bytes, bytes]) -> None:
    """Keep vectors by their digests; one that is kept already stays as it is."""
    for chunk in _chunks(list(vectors)):
        known = known_vectors(session, model, chunk)
        new = [{"digest": digest, "model": model, "values": vectors[digest]} for digest in chunk if digest not in known]
        if new:
            try:
                with session.begin_nested():
                    session.execute(insert(TextVector), new)
            except IntegrityError:  # someone keeps the same texts at this very moment
                continue


def forget_vectors(session: Session, model: str, *, used: Collection[bytes]) -> int:
    """Let go of all vectors but this model's of the texts in use. Returns how many went."""
    stale = session.execute(select(TextVector.digest).where(TextVector.model != model)).scalars().all()
    session.execute(delete(TextVector).where(TextVector.model != model))
    wanted = set(used)
    kept = session.scalars(select(TextVector.digest).where(TextVector.model == model))
    unused = [digest for digest in kept if digest not in wanted]
    for chunk in _chunks(unused):
        session.execute(delete(TextVector).where(TextVector.model == model, TextVector.digest.in_(chunk)))
    return len(stale) + len(unused)


def _chunks(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(digests), CHUNK):
        yield digests[start : start + CHUNK]
