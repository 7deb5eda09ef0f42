"""Where a model is not finite: the row, its cells, and the part of the formula that has no value there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from calcopt.errors import DataError, MathError
from calcopt.expression.tree import And, Compare, Expr, Not, Or, Sum, postorder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel
    from calcopt.learn.curve_model import CurveModel
    from calcopt.learn.curve_rows import Rows

    Array = NDArray[np.float64]


_RANGE = (1e-140, 1e140)
"""Numbers whose squares, and sums of these, keep their digits in a double."""


class Response(NamedTuple):
    """Σ w y², max |y|, and whether all y are finite."""

    squares: float
    largest: float
    finite: bool


@dataclass(frozen=True, slots=True)
class ResponseOf:
    """The size of the response in some rows."""

    kernel: CurveKernel
    weighted: bool

    def __call__(self, blocks: Iterator[Array]) -> Response:
        total = largest = 0.0
        with np.errstate(all="ignore"):
            for block in blocks:
                y = self.kernel.response_values(block[:-1] if self.weighted else block)
                if not np.isfinite(y).all():
                    return Response(total, largest, finite=False)
                weights = block[-1] if self.weighted else 1.0
                total += float((weights * y * y).sum())
                largest = max(largest, float(np.abs(y).max()))
        return Response(total, largest, finite=True)


def _larger(a: Response, b: Response) -> Response:
    return Response(a.squares + b.squares, max(a.largest, b.largest), a.finite and b.finite)


def require_response(kernel: CurveKernel, rows: Rows, model: CurveModel) -> float:
    """√Σ w y² of the response; ``DataError`` for a row where it is not finite, and for sizes beyond all squares."""
    found = rows.total(ResponseOf(kernel, rows.weights is not None), _larger, ends=lambda part: not part.finite)
    if not found.finite:
        raise _no_response(kernel, rows, model)
    if not found.squares < _RANGE[1] ** 2 or 0 < found.largest < _RANGE[0]:
        what, unit = ("small", "smaller") if found.squares < 1 else ("large", "larger")
        raise DataError(
            f"the numbers of '{model.target}' are too {what} for their squares",
            rows.table.name,
            hint=f"measure it in a {unit} unit",
        )
    return math.sqrt(found.squares)


def _no_response(kernel: CurveKernel, rows: Rows, model: CurveModel) -> DataError:
    """The error for the first row where the response is not finite, found by reading on from the first one."""
    before = 0
    for block in rows.blocks():
        y = kernel.response_values(block if rows.weights is None else block[:-1])
        if not np.isfinite(y).all():
            row = before + int(np.argmax(~np.isfinite(y)))
            cells = rows.values(row)
            where = _said(model, cells)
            known = {name: cells[column] for name, column in zip(model.names, model.columns, strict=True)}
            part = _culprit(model.response, known)
            return DataError(
                f"'{part}' has no finite value in row {row + 1} of those used, where {where}",
                rows.table.name,
                hint="leave such rows out of the file, or change the model",
            )
        before += block.shape[1]
    raise AssertionError("the response is finite")


def not_finite(kernel: CurveKernel, rows: Rows, model: CurveModel, theta: Array, *, given: bool) -> MathError:
    """The error for a start at which the model or a derivative is not finite at some row."""
    before = 0
    at = ", ".join(f"{name} = {value:.6g}" for name, value in zip(model.parameters, theta.tolist(), strict=True))
    at = "" if kernel.linear else f" at the start {at}" if given else f" at {at}"
    for block in rows.blocks():
        data = block if rows.weights is None else block[:-1]
        values = kernel.evaluate(data, theta.tolist(), 1)
        assert values.jacobian is not None
        bad = ~(np.isfinite(values.residual) & np.isfinite(values.jacobian).all(axis=1))
        if bad.any():
            place = int(np.argmax(bad))
            cells = rows.values(before + place)
            known = dict(zip(model.parameters, theta.tolist(), strict=True))
            known |= {name: cells[column] for name, column in zip(model.names, model.columns, strict=True)}
            what = "a derivative of the model is" if np.isfinite(values.residual[place]) else None
            what = what or f"'{_culprit(model.body, known)}' is"
            return MathError(
                f"{what} not finite{at}, in row {before + place + 1} of those used, where {_said(model, cells)}",
                hint="start elsewhere, or keep the parameters away from there with --box" if given else None,
            )
        before += data.shape[1]
    return MathError(f"the sum of squares is too large for a double{at}", hint="start elsewhere" if given else None)


def _said(model: CurveModel, cells: Mapping[str, float]) -> str:
    return ", ".join(f"{column} = {cells[column]:.6g}" for column in model.columns) or "no column is used"


def _culprit(body: Expr, values: Mapping[str, float]) -> Expr:
    """The innermost part of the formula that is not finite although its own parts are."""
    from calcopt.numeric.evaluate import compile_functions

    names = list(values)
    point = np.array([[values[name] for name in names]])
    for node in postorder(body):
        if isinstance(node, (Compare, And, Or, Not, Sum)):
            continue
        try:
            value = compile_functions([node], names)(point)[0][0]
        except MathError:  # inside a sum: its index has no value here
            continue
        if not math.isfinite(value):
            return node
    return body
