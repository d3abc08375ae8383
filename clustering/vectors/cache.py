"""Keeps vectors, so that a later run embeds only new texts. The key is a digest: no text is stored."""

import logging
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np

from clustering.arrays import Vectors
from clustering.errors import ClusteringError
from clustering.text.cleaning import encodable
from clustering.vectors.encoders import Encoder, Progress

log = logging.getLogger(__name__)

MAX_DIGESTS = 1 << 15  # looked up at once
CHUNK = 2048  # texts embedded before their vectors are kept: what a stopped run loses at most
TOLERANCE = 1e-2  # how far from 1 the length of a kept vector may be
DIGEST = 32  # bytes
LENGTH = 4  # bytes that hold the length of a vector


class Store(Protocol):
    """Where vectors are kept: bytes by a digest of 32 bytes."""

    def known(self, digests: Sequence[bytes], /) -> Mapping[bytes, bytes]:
        """Returns those of the digests that are kept."""
        ...

    def keep(self, vectors: Mapping[bytes, bytes], /) -> None:
        """Keeps these too."""
        ...


def digest(model: str, text: str) -> bytes:
    """Returns the 32 bytes that the vector of `text` is kept under: of the text as the model reads it."""
    return sha256(f"{model}\0{encodable(text)}".encode()).digest()


class KeptEncoder:
    """An Encoder that looks in a store first, and embeds each new text once.

    Vectors from the store have the same bits as when they were embedded. A stopped run loses the last chunk at most.
    `asked`: distinct texts of the last call; `embedded`: those of them that were new.
    """

    def __init__(self, encoder: Encoder, store: Store) -> None:
        self.name = encoder.name
        self.asked = 0
        self.embedded = 0
        self.encoder = encoder  # for texts whose vectors are not worth keeping
        self._store = store

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See Encoder."""
        digests = [digest(self.name, text) for text in texts]
        row_of: dict[bytes, int] = {}
        for one in digests:
            row_of.setdefault(one, len(row_of))
        self.asked, self.embedded = len(row_of), 0
        nothing = self.encoder.encode([])
        result = np.empty((len(row_of), nothing.shape[1]), dtype=np.float32)
        new = self._fill(result, row_of)
        text_of = dict(zip(digests, texts, strict=True))
        for chunk in _chunks(new, CHUNK):
            done = len(row_of) - len(new) + self.embedded
            report = None if progress is None else _part(progress, done, len(chunk), len(row_of))
            vectors = self.encoder.encode([text_of[one] for one in chunk], report)
            result[[row_of[one] for one in chunk]] = vectors
            self._store.keep({one: _as_bytes(row) for one, row in zip(chunk, vectors, strict=True)})
            self.embedded += len(chunk)
        if progress is not None and texts and not new:
            progress(1.0)
        return result if len(result) == len(texts) else result[[row_of[one] for one in digests]]

    def _fill(self, result: Vectors, row_of: Mapping[bytes, int]) -> list[bytes]:
        """Writes what is kept and sound into its rows; returns the other digests, in order."""
        new: list[bytes] = []
        for chunk in _chunks(row_of, MAX_DIGESTS):
            kept = self._store.known(chunk)
            whole = [one for one in chunk if len(kept.get(one, b"")) == 4 * result.shape[1]]
            rows = np.frombuffer(b"".join(kept[one] for one in whole), dtype="<f4").reshape(-1, result.shape[1])
            with np.errstate(over="ignore", invalid="ignore"):
                sound = np.abs(np.linalg.norm(rows, axis=1) - 1) < TOLERANCE
            good = [one for one, is_sound in zip(whole, sound.tolist(), strict=True) if is_sound]
            result[[row_of[one] for one in good]] = rows[sound]
            known = set(good)
            new.extend(one for one in chunk if one not in known)
        return new


class FileStore:
    """Keeps vectors in a folder. Two processes may share it; a file that isn't whole counts as not there.

    Each `keep` writes one file under the digest of what it holds, whole or not at all. Raises ClusteringError when the
    folder can't be made or written to; a disk that is full later on is logged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._places: dict[bytes, tuple[str, int, int]] = {}  # file, where its vector starts, and how long it is
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, (error.strerror or str(error)).lower()) from error
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise _unwritable(folder, "it allows no writing")

    def known(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """See Store."""
        self._look()
        wanted: dict[str, list[bytes]] = defaultdict(list)
        for one in digests:
            if one in self._places:
                wanted[self._places[one][0]].append(one)
        found: dict[bytes, bytes] = {}
        for name, there in wanted.items():
            content = self._read(name)
            for one in there:
                _, start, length = self._places[one]
                if len(content) >= start + length:
                    found[one] = content[start : start + length]
        return found

    def keep(self, vectors: Mapping[bytes, bytes]) -> None:
        """See Store."""
        if not vectors:
            return
        body = b"".join(one + len(values).to_bytes(LENGTH, "little") + values for one, values in vectors.items())
        name = f"{sha256(body).hexdigest()}.vectors"
        try:
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as file:
                beside = Path(file.name)
                try:
                    file.write(body)
                    file.flush()
                    beside.replace(self._folder / name)
                except BaseException:
                    beside.unlink(missing_ok=True)
                    raise
        except OSError as error:
            log.warning("%s can't keep more vectors: %s", self._folder, error.strerror or error)

    def _look(self) -> None:
        """Reads the index of the files that were added since the last call."""
        for path in sorted(self._folder.glob("*.vectors")):
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            content = self._read(path.name)
            if sha256(content).hexdigest() == path.stem:
                self._places |= {one: (path.name, start, length) for one, start, length in _entries(content)}

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return b""


def _entries(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yields digest, start and length of each vector in a file."""
    at = 0
    while at + DIGEST + LENGTH <= len(content):
        start = at + DIGEST + LENGTH
        length = int.from_bytes(content[at + DIGEST : start], "little")
        yield content[at : at + DIGEST], start, length
        at = start + length


def _as_bytes(row: Vectors) -> bytes:
    return row.astype("<f4", copy=False).tobytes()


def _part(progress: Progress, done: int, count: int, whole: int) -> Progress:
    """Returns a progress of a chunk of `count` texts that reports the share of the whole, `done` texts before it."""
    return lambda share: progress((done + share * count) / whole)


def _chunks(digests: Sequence[bytes] | Mapping[bytes, int], size: int) -> Iterator[list[bytes]]:
    left = iter(digests)
    while chunk := list(islice(left, size)):
        yield chunk


def _unwritable(folder: Path, reason: str) -> ClusteringError:
    return ClusteringError(f"Vectors can't be kept in {folder}: {reason}.", code="cache_unwritable", folder=folder)
