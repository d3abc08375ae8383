from threading import Event, Thread

from threadpoolctl import ThreadpoolController

from clustering.threads import one_blas_thread


def blas_threads():
    import scipy.linalg  # noqa: F401 -- brings a BLAS of its own

    return {library["num_threads"] for library in ThreadpoolController().info() if library["user_api"] == "blas"}


def test_blocks_of_several_threads_may_overlap_while_an_outer_block_lasts():
    """As in the worker: the limit holds for the second thread when the first has left its block."""
    before = blas_threads()
    begun = [Event(), Event()]
    leave = [Event(), Event()]

    def compute(number):
        with one_blas_thread():
            begun[number].set()
            leave[number].wait(10)

    threads = [Thread(target=compute, args=(number,)) for number in (0, 1)]
    with one_blas_thread():
        for thread, there in zip(threads, begun, strict=True):
            thread.start()
            assert there.wait(10)
        for thread, goes in zip(threads, leave, strict=True):
            goes.set()
            thread.join()
            assert blas_threads() == {1}
    assert blas_threads() == before


def test_a_block_may_lie_within_another():
    before = blas_threads()
    with one_blas_thread():
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == before
