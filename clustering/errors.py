"""Errors, each with one plain sentence that a person can act on.

Every error carries a `code` and its `params`, so that a caller can translate the sentence.
"""


class ClusteringError(Exception):
    """The family: `str(error)` is one plain English sentence, `code` names the case, `params` fills it in."""

    def __init__(self, message: str, *, code: str = "clustering", **params: object) -> None:
        super().__init__(message)
        self.code = code
        self.params = params


class UnreadableTable(ClusteringError):
    """The file isn't a table that can be read: see `code`."""


class ModelUnavailable(ClusteringError):
    """The embedding model can't be loaded; nothing is wrong with the ideas."""


class UnusableVectors(ClusteringError):
    """The vectors that were given don't fit the texts, or aren't finite numbers."""


class UnusablePrevious(ClusteringError):
    """What was given as an earlier run can't be read as one."""
