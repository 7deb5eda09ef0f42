"""Taking a predicted response back to what was measured: log(y) → y.

Only where one function of one column stands on the left side and its inverse is exact and simple. A value outside the
range of the function (sqrt(y) = −1) belongs to no y: NaN. The inverse of a mean is not the mean: exp of the mean of
log(y) is the median of y where the errors of log(y) are symmetric.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calcopt.expression.tree import Call, Div, Expr, Number, Symbol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Inverse:
    """y = g(z) for the column ``name``: ``text`` is g in calcopt's syntax, with ``z`` for the response."""

    name: str
    text: str
    values: Callable[[Array], Array]


def _square(z: Array) -> Array:
    return np.where(z >= 0, z * z, np.nan)


_INVERSES: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "log": ("exp(z)", np.exp),
    "log10": ("10^z", lambda z: np.power(10.0, z)),
    "log2": ("2^z", np.exp2),
    "exp": ("log(z)", np.log),
    "sqrt": ("z^2", _square),
    "cbrt": ("z^3", lambda z: z * z * z),
}


def inverse_of(response: Expr) -> Inverse | None:
    """The way back from ``response``, or None."""
    if isinstance(response, Call) and len(response.args) == 1 and response.name in _INVERSES:
        inner = response.args[0]
        if isinstance(inner, Symbol):
            return Inverse(inner.name, *_INVERSES[response.name])
    if isinstance(response, Div) and isinstance(response.args[0], Number) and response.args[0].value == 1:
        inner = response.args[1]
        if isinstance(inner, Symbol):
            return Inverse(inner.name, "1/z", lambda z: 1 / z)
    return None


def is_plain(response: Expr) -> bool:
    """Whether the response is a column as it is."""
    return isinstance(response, Symbol)
