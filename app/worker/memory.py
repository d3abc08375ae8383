"""The memory of the worker, which goes on after a large job."""

import ctypes
import gc
import sys


def give_back() -> None:
    """Give the memory that a job used back to the system. Without this, glibc keeps most of it for the next one."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
