"""Array types that every package shares, and the few operations on them that all need.

An alias says what the numbers are and fixes their dtype; a docstring adds the shape.
"""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (n, d) embeddings or other features, or (d,) a single one
Scores = NDArray[np.float32]  # (n,) or (n, k): strengths, shares, worths
Floats = NDArray[np.float64]  # coordinates, weights, whatever sums up many small numbers
Ints = NDArray[np.intp]  # row numbers and counts
Labels = NDArray[np.intp]  # (n,) the group of each row, below 0 for none
Indices = NDArray[np.int32]  # (n, k) row numbers, where int64 would take too much memory
Bools = NDArray[np.bool_]

LEFT = -1  # the label of a row that is left over, in no group
MIN_NORM = 1e-12  # a row that is shorter counts as zeros
BLOCK = 4096  # rows summed at once


def normalize_rows(vectors: Vectors, *, copy: bool = True) -> Vectors:
    """Returns (n, d) float32 rows of length 1; a row of zeros stays zeros.

    `copy`: False changes `vectors` itself, which then must be float32, and returns it: for arrays of gigabytes.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Vectors = np.zeros_like(vectors, dtype=np.float32) if copy else vectors
    np.divide(vectors, norms, out=result, where=norms > MIN_NORM)
    if not copy:
        result[norms[:, 0] <= MIN_NORM] = 0.0
    return result


def weighted_mean(vectors: NDArray[np.floating], weights: Floats) -> Vectors:
    """Returns the weighted mean of (n, d) vectors: (d,) float32, zeros where all weights are 0.

    Block by block, because all of them as float64 would take too much memory.
    """
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(vectors), BLOCK):
        total += weights[start : start + BLOCK] @ vectors[start : start + BLOCK]
    return (total / max(float(weights.sum()), MIN_NORM)).astype(np.float32)


def rows_by_label(labels: Labels, count: int) -> list[Ints]:
    """Returns the rows of each group 0..count-1, in ascending order. `labels`: (n,), below 0 for none."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1))
    return [order[starts[label] : starts[label + 1]] for label in range(count)]
