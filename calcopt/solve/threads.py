"""How many threads the linear algebra of a run may use."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

FEW = 16
"""Below, the libraries use one thread anyway, and looking them up is not worth its milliseconds."""
WORTH = (400, 2000)
"""Dense matrices of these orders gain from several threads. Smaller ones are done before the threads have met; larger
problems are sparse: vector sums, where waiting for a busy second core costs more than it brings."""


def threads_for(n: int) -> AbstractContextManager[object]:
    """A context for a run in ``n`` variables: one BLAS thread where several would only wait for each other."""
    if n < FEW or WORTH[0] <= n <= WORTH[1]:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits
