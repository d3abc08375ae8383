"""Vectors that a caller gives, checked before they are used."""

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Vectors, normalize_rows
from clustering.errors import UnusableVectors

MAX_SCALE = 1e6  # a row with a larger number, or with none above its inverse, is brought to scale before it is squared


def check_vectors(vectors: NDArray[np.generic], count: int | None = None, width: int | None = None) -> None:
    """Raises UnusableVectors unless `vectors` is an (n, d) array of finite numbers.

    `count`, `width`: what n and d must be, where given; d is at least 1.
    """
    fits = vectors.ndim == 2 and vectors.shape[1] == (width or max(vectors.shape[1], 1))  # noqa: PLR2004 - rows, columns
    if not fits or vectors.dtype.kind not in "fiu":
        raise UnusableVectors(
            f"The vectors must be an array of numbers of shape (ideas, {width or 'dimensions'}); "
            f"theirs is {vectors.shape}.",
            code="vectors_shape",
        )
    if count is not None and len(vectors) != count:
        raise UnusableVectors(
            f"There are {len(vectors)} vectors for {count} ideas: give one for each, in the same order.",
            code="vectors_count",
        )
    if not np.isfinite(vectors).all():
        raise UnusableVectors("Some vectors hold NaN or infinite values.", code="vectors_finite")


def sound_rows(vectors: NDArray[np.generic], width: int | None = None) -> Vectors:
    """Returns (n, d) float32 unit rows, a copy; a row of zeros stays zeros. Raises UnusableVectors, as check_vectors.

    `vectors`: numbers of any type and scale.
    """
    check_vectors(vectors, width=width)
    peaks = np.abs(vectors).max(axis=1, initial=0)
    odd = (peaks > 0) & ((peaks > MAX_SCALE) | (peaks < 1 / MAX_SCALE))  # their squares would not be numbers
    if odd.any():
        vectors = vectors.astype(np.float64)
        vectors[odd] /= peaks[odd, None].astype(np.float64)
    return normalize_rows(vectors.astype(np.float32))
