"""A model evaluated to many digits, node by node of its graph, on decimals as the file has them.

Where the residuals are so small beside the data that extended precision would not hold eleven of their digits (and
even the rounding of the cells to doubles would show), the last steps are taken with mpmath. Small tables only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.learn.curve_kernel import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel, Theta
    from calcopt.learn.curve_rows import Rows

    Array = NDArray[Any]

DIGITS = 40
_MOST = 400_000
"""Operations on rows: about a second."""


def is_small(kernel: CurveKernel, rows: int) -> bool:
    """Whether a pass over so many rows costs less than a second or so."""
    return rows * len(kernel.graph.reachable(kernel.roots(2))) <= _MOST


def decimal_columns(rows: Rows) -> Array:
    """The cells as exact decimals (columns, rows) of mpf, where they agree with the doubles."""
    from mpmath import mpf

    doubles = np.concatenate(list(rows.blocks()), axis=1)
    exact = np.empty(doubles.shape, dtype=object)
    texts = rows.texts()
    for place, values in enumerate(doubles.T):
        cells = next(texts, None)
        for column, value in enumerate(values):
            exact[column, place] = mpf(float(value))
            # a number has no comma but for its decimals
            text = cells[column].replace(",", ".") if cells is not None else ""
            try:
                if float(text) == value:
                    exact[column, place] = mpf(text.strip())
            except ValueError:  # written otherwise than Python writes numbers: the double it was read as is kept
                continue
    return exact


def precise_rows(kernel: CurveKernel, columns: Array, *, weighted: bool) -> Callable[[Theta], Iterator[Values]]:
    """What ``curve_polish`` asks for, in objects of mpmath."""
    data, root = columns, None
    if weighted:
        data, root = columns[:-1], np.frompyfunc(lambda w: w**0.5, 1, 1)(columns[-1])
    functions = _functions()

    def rows(theta: Theta) -> Iterator[Values]:
        results = _run(kernel, [*theta, *data], functions)
        values = kernel.gather(results, data.shape[1], object, 2)
        if root is not None:
            values.residual = values.residual * root
            assert values.jacobian is not None
            assert values.second is not None
            values.jacobian = values.jacobian * root[:, None]
            values.second = {pair: entry * root for pair, entry in values.second.items()}
        yield values

    return rows


def _run(kernel: CurveKernel, variables: Sequence[Any], functions: dict[str, Any]) -> list[Any]:
    graph, roots = kernel.graph, kernel.roots(2)
    values: dict[int, Any] = {}
    for node in graph.reachable(roots):
        op, payload = graph.ops[node], graph.payloads[node]
        args = [values[arg] for arg in graph.args[node]]
        if op == "var":
            assert isinstance(payload, int)
            values[node] = variables[payload]
        elif op == "const":
            values[node] = _constant(payload)
        elif op in ("true", "false"):
            values[node] = op == "true"
        elif op in ("powi", "root"):
            values[node] = functions[op](*args, payload)
        else:
            values[node] = functions[op](*args)
    return [values[root] for root in roots]


def _constant(value: Any) -> Any:
    from mpmath import mp, mpf

    if isinstance(value, Fraction):
        return mpf(value.numerator) / value.denominator
    if isinstance(value, float):
        for known, exact in ((math.pi, mp.pi), (math.e, mp.e)):
            if value == known:
                return +exact
    return mpf(value)


def _root(x: Any, exponent: Fraction) -> Any:
    from mpmath import mp

    size = mp.power(abs(x), mp.mpf(exponent.numerator) / exponent.denominator)
    return -size if x < 0 and exponent.numerator % 2 else size


def _functions() -> dict[str, Any]:
    """One function a primitive of ``calculus/primitives.py``, on arrays of objects."""
    from mpmath import mp

    from calcopt.calculus.precise import FUNCTIONS
    from calcopt.numeric.functions import SCALAR

    plain: dict[str, tuple[Callable[..., Any], int]] = {
        "add": (lambda a, b: a + b, 2),
        "sub": (lambda a, b: a - b, 2),
        "mul": (lambda a, b: a * b, 2),
        "div": (lambda a, b: a / b, 2),
        "neg": (lambda a: -a, 1),
        "powi": (lambda a, n: a**n, 2),
        "root": (_root, 2),
        "pow": (lambda a, b: mp.power(a, b), 2),
        "logaddexp": (lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))), 2),
        **{name: (SCALAR[name], 2) for name in ("lt", "le", "eq", "and", "or")},
        "not": (SCALAR["not"], 1),
        "select": (SCALAR["select"], 3),
    }
    table = {name: np.frompyfunc(function, count, 1) for name, (function, count) in plain.items()}
    for name, function in FUNCTIONS.items():
        table.setdefault(name, np.frompyfunc(function, 2 if name in ("min", "max", "atan2") else 1, 1))
    return table
