"""Well-conditioned columns for models linear in their parameters, and the exact way back.

J = T K with T computed in extended precision from the data and K rational: powers xᵐ … xᵈ of one column become
xᵐ T₀(t) … xᵐ T_{d−m}(t), Chebyshev polynomials of t = (x − a)/h ∈ [−1, 1]; beside a constant, other columns are
centred.
T is fitted; θ = K⁻¹ c is then solved in rational arithmetic, so that no digit is lost on the way back.

Reference: Björck 1996, Numerical Methods for Least Squares Problems, §1.6 and §8.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calcopt.learn.curve_kernel import CurveKernel
    from calcopt.learn.curve_rows import Source

    Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Powers:
    """Parameters that multiply ``factors[k]`` · x^(lowest + k), k = 0 … of the data column ``column``."""

    column: int
    lowest: int
    slots: tuple[int, ...]
    factors: tuple[Fraction, ...]
    middle: float
    half: float


@dataclass(slots=True)
class Basis:
    """``rows[j]`` holds the entries of K in row j, K[j, slot]; upper triangular in the order ``order`` of the slots."""

    parameters: int
    powers: tuple[Powers, ...]
    means: dict[int, float]
    order: tuple[int, ...]
    rows: list[dict[int, Fraction]] = field(default_factory=list)

    def transform(self, jacobian: Array, columns: Array) -> Array:
        """T (n, p) from J and the data columns (m, n), in their precision."""
        out = jacobian.copy()
        for group in self.powers:
            x = columns[group.column]
            t = (x - group.middle) / group.half
            head = x**group.lowest if group.lowest else np.ones_like(x)
            before, current = head, head * t
            for k, slot in enumerate(group.slots):
                if k == 0 and group.lowest == 0:
                    out[:, slot] = jacobian[:, slot]  # the constant itself, whatever its factor
                elif k == 0:
                    out[:, slot] = head
                else:
                    out[:, slot] = current
                    before, current = current, 2 * t * current - before
        for slot, mean in self.means.items():
            out[:, slot] -= mean
        return out

    def back(self, coordinates: Sequence[Fraction]) -> list[Fraction]:
        """θ with K θ = c."""
        theta = [Fraction(0)] * self.parameters
        for slot in reversed(self.order):
            row = self.rows[slot]
            rest = coordinates[slot] - sum((row[k] * theta[k] for k in row if k != slot), Fraction(0))
            theta[slot] = rest / row[slot]
        return theta


def find_basis(kernel: CurveKernel, source: Source, *, weighted: bool) -> Basis:
    """The basis for a linear model; one pass over the data for ranges and means."""
    p = kernel.parameters
    monomials = [_monomial(kernel, slot) for slot in range(p)]
    constant = next((slot for slot, found in enumerate(monomials) if found is not None and found[1] == 0), None)
    found = source.total(RangesOf(kernel, weighted), _joined)
    means = found.total / found.rows
    groups = _groups(monomials, constant, found.low, found.high)
    taken = {slot for group in groups for slot in group.slots}
    centred = {}
    if constant is not None:
        node = monomials[constant]
        assert node is not None
        centred = {slot: float(means[slot]) for slot in range(p) if slot not in taken and slot != constant}
    order = [constant] if constant is not None else []
    order += [slot for group in groups for slot in group.slots if slot not in order]
    order += [slot for slot in range(p) if slot not in order]
    basis = Basis(p, tuple(groups), centred, tuple(order))
    basis.rows = _matrix(basis, monomials, constant)
    return basis


def _matrix(basis: Basis, monomials: Sequence[Any], constant: int | None) -> list[dict[int, Fraction]]:
    rows: list[dict[int, Fraction]] = [{slot: Fraction(1)} for slot in range(basis.parameters)]
    one = Fraction(1) if constant is None else monomials[constant][2]
    for group in basis.powers:
        expansion = _chebyshev(len(group.slots) - 1, Fraction(group.middle), Fraction(group.half))
        for k, slot in enumerate(group.slots):
            for i, entry in enumerate(expansion[k]):
                row = group.slots[i]
                # the constant's own column is `one`, not 1
                share = entry * group.factors[k] / (one if row == constant and group.lowest == 0 else 1)
                if row != constant or slot != constant:
                    rows[row][slot] = share
    for slot, mean in basis.means.items():
        assert constant is not None
        rows[constant][slot] = Fraction(mean) / one
    return [{slot: entry for slot, entry in row.items() if entry} for row in rows]


def _chebyshev(degree: int, middle: Fraction, half: Fraction) -> list[list[Fraction]]:
    """Row k: x^k = (a + h t)^k in T₀(t) … T_k(t)."""
    rows = [[Fraction(1)]]
    for _ in range(degree):
        last = rows[-1]
        new = [Fraction(0)] * (len(last) + 1)
        for i, entry in enumerate(last):
            new[i] += middle * entry
            # t·T_i = (T_{i+1} + T_{|i−1|})/2, and t·T_0 = T_1
            if i == 0:
                new[1] += half * entry
            else:
                new[i + 1] += half * entry / 2
                new[i - 1] += half * entry / 2
        rows.append(new)
    return rows


def _groups(
    monomials: Sequence[tuple[int, int, Fraction] | None], constant: int | None, low: Array, high: Array
) -> list[Powers]:
    """Complete runs of powers of one column; a run that is interrupted is left as it is."""
    groups: list[Powers] = []
    for column in sorted({found[0] for found in monomials if found is not None and found[1] > 0}):
        slots = {found[1]: slot for slot, found in enumerate(monomials) if found is not None and found[0] == column}
        repeated = sum(found is not None and found[0] == column for found in monomials) != len(slots)
        if constant is not None:
            slots[0] = constant
        degrees = sorted(slots)
        run = degrees[-1] - degrees[0] + 1 == len(degrees)
        if repeated or not run or len(degrees) < 2 or not low[column] < high[column]:
            continue
        middle, half = float(low[column] / 2 + high[column] / 2), float(high[column] / 2 - low[column] / 2)
        factors = tuple(found[2] for degree in degrees if (found := monomials[slots[degree]]) is not None)
        groups.append(
            Powers(column, degrees[0], tuple(slots[degree] for degree in degrees), factors, middle, half or 1.0)
        )
    return groups


def _monomial(kernel: CurveKernel, slot: int) -> tuple[int, int, Fraction] | None:
    """(data column, power, factor) of ∂f/∂θ_slot; column −1 for a constant; None for anything else."""
    graph, node = kernel.graph, kernel.gradient[slot]
    factor = Fraction(1)
    while node is not None:
        op, payload, args = graph.ops[node], graph.payloads[node], graph.args[node]
        if op == "const":
            return (-1, 0, factor * Fraction(payload)) if payload else None
        if op == "var":
            assert isinstance(payload, int)
            return payload - kernel.parameters, 1, factor
        if op == "neg":
            factor, node = -factor, args[0]
        elif op == "mul" and graph.ops[args[0]] == "const":
            factor *= Fraction(graph.payloads[args[0]])  # type: ignore[arg-type]
            node = args[1]
        elif op == "div" and graph.ops[args[1]] == "const":
            factor /= Fraction(graph.payloads[args[1]] or 1)
            node = args[0]
        elif op == "powi" and graph.ops[args[0]] == "var" and isinstance(payload, int) and payload > 0:
            place = graph.payloads[args[0]]
            assert isinstance(place, int)
            return place - kernel.parameters, payload, factor
        else:
            return None
    return None


class Ranges(NamedTuple):
    """Least and largest value of each data column (m,), sums of J's columns (p,), and the number of rows."""

    low: Array
    high: Array
    total: Array
    rows: int


@dataclass(frozen=True, slots=True)
class RangesOf:
    """The ranges of some rows."""

    kernel: CurveKernel
    weighted: bool

    def __call__(self, blocks: Iterator[Array]) -> Ranges:
        found: Ranges | None = None
        for block in blocks:
            data = block[:-1] if self.weighted else block
            jacobian = self.kernel.evaluate(data, [0.0] * self.kernel.parameters, 1).jacobian
            assert jacobian is not None
            part = Ranges(data.min(axis=1), data.max(axis=1), jacobian.sum(axis=0), data.shape[1])
            found = part if found is None else _joined(found, part)
        assert found is not None
        return found


def _joined(a: Ranges, b: Ranges) -> Ranges:
    return Ranges(np.minimum(a.low, b.low), np.maximum(a.high, b.high), a.total + b.total, a.rows + b.rows)
