"""How far rounding can have moved f, ∇f and ∇²f: what a stopping test must not ask for less than.

The elements' errors come from ``rounding.py``, on the very graphs that are evaluated; sums add γ_k Σ|terms| with k the
number of terms that meet in one place. For functions of inner sums the chain rule carries the errors of s, λ and T.

Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms (SIAM, 2002), ch. 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from calcopt.numeric.columns import Column, Floats
from calcopt.numeric.engine import Engine
from calcopt.numeric.groups import Group
from calcopt.numeric.rounding import UNIT, node_errors
from calcopt.records import Noise


class _Sum:
    """Components that collect terms: their values, the errors of the terms, and what adding up costs."""

    def __init__(self, values: Floats) -> None:
        self.values = values.copy()
        self.errors = np.where(values == np.rint(values), 0.0, UNIT * np.abs(values))
        self.sizes = np.abs(values)
        self.depth = np.ones(values.size)

    def add(self, column: Column | None, values: Any, errors: Any, count: int) -> None:
        values, errors = (np.broadcast_to(np.asarray(part, dtype=np.float64), (count,)) for part in (values, errors))
        column = Column(np.zeros(count, dtype=np.int64)) if column is None else column
        column.add_to(self.values, values)
        column.add_to(self.errors, errors)
        column.add_to(self.sizes, np.abs(values))
        if column.one is not None:
            self.depth[column.one] += 2 + min(count, 8 + np.log2(count))  # NumPy adds in pairs of blocks
        else:
            column.add_to(self.depth, 1.0)

    @property
    def bounds(self) -> Floats:
        return np.asarray(self.errors + UNIT * self.depth * self.sizes, dtype=np.float64)


def rounding_errors(engine: Engine, x: Floats) -> Noise:
    """Bounds at ``x``; the caller silences floating-point warnings."""
    n, size = engine.n, engine.size
    z, z_errors = np.zeros(size), np.zeros(size)
    z[:n] = x
    terms: list[list[list[tuple[Any, Any]]]] = []
    final = _Sum(np.zeros(1))
    for number, (block, groups) in enumerate(zip(engine.blocks, engine.groups, strict=True)):
        terms.append([_group_errors(group, z, z_errors) for group in groups])
        final = _Sum(block.constants)
        for group, results in zip(groups, terms[-1], strict=True):
            final.add(group.owners, *results[0], group.count)
        if number < len(engine.blocks) - 1:
            part = slice(engine.offsets[number], engine.offsets[number + 1])
            z[part], z_errors[part] = final.values, final.bounds
    adjoints, adjoint_errors = _adjoints(engine, terms)
    return Noise(float(final.bounds[0]), adjoint_errors[:n], _hessian_error(engine, terms, adjoints, adjoint_errors))


def _group_errors(group: Group, z: Floats, z_errors: Floats) -> list[tuple[Any, Any]]:
    variables = [(column.take(z), column.take(z_errors)) for column in group.columns]
    return node_errors(group.graph, group.roots(2), variables, group.data)


def _multiplier(engine: Engine, number: int, group: Group, vector: Floats, last: float) -> Any:
    if number == len(engine.blocks) - 1:
        return last
    components = vector[engine.offsets[number] : engine.offsets[number + 1]]
    return components[0] if group.owners is None else group.owners.take(components)


def _adjoints(engine: Engine, terms: list[list[list[tuple[Any, Any]]]]) -> tuple[Floats, Floats]:
    total = _Sum(np.zeros(engine.size))
    for number in range(len(engine.blocks) - 1, -1, -1):
        bounds = total.bounds
        for group, results in zip(engine.groups[number], terms[number], strict=True):
            factor = _multiplier(engine, number, group, total.values, 1.0)
            loose = _multiplier(engine, number, group, bounds, 0.0)
            for slot, (value, error) in zip(group.gradient_slots, results[1:], strict=False):
                spread = np.abs(factor) * error + np.abs(value) * loose + UNIT * np.abs(factor * value)
                total.add(group.columns[slot], factor * value, spread, group.count)
    return total.values, total.bounds


def _hessian_error(
    engine: Engine, terms: list[list[list[tuple[Any, Any]]]], adjoints: Floats, adjoint_errors: Floats
) -> float:
    """A bound of the 2-norm of the error: the largest row sum of the entries' bounds."""
    values: list[Any] = []
    errors: list[Any] = []
    places = []
    for number, groups in enumerate(engine.groups):
        for group, results in zip(groups, terms[number], strict=True):
            factor = _multiplier(engine, number, group, adjoints, 1.0)
            loose = _multiplier(engine, number, group, adjoint_errors, 0.0)
            entries = list(group.hessian)
            for (i, j), (value, error) in zip(entries, results[len(results) - len(entries) :], strict=True):
                shape = (group.count,)
                values.append(np.broadcast_to(np.abs(factor * value), shape))
                spread = np.abs(factor) * error + np.abs(value) * loose + UNIT * np.abs(factor * value)
                errors.append(np.broadcast_to(spread, shape))
                places.append((group.columns[i].index, group.columns[j].index, i == j))
    if not values:
        return 0.0
    if engine.noise_pattern is None:  # where entries meet is the same at every point
        from calcopt.numeric.hessians import symmetric_pattern

        engine.noise_pattern = symmetric_pattern(places, engine.size)
    pattern = engine.noise_pattern
    rounding = pattern.largest_multiplicity * UNIT
    spread = pattern.row_sums(np.concatenate(errors) + rounding * np.concatenate(values))
    if engine.size == engine.n:
        return float(spread.max())
    return _through_inner_sums(
        engine, terms, float(spread.max()), float(pattern.row_sums(np.concatenate(values)).max())
    )


def _through_inner_sums(engine: Engine, terms: list[list[list[tuple[Any, Any]]]], spread: float, size: float) -> float:
    """‖δ(CᵀWC)‖ ≤ ‖C‖²‖δW‖ + 2‖C‖‖W‖‖δC‖ with C = (I; T), in Frobenius norms of T."""
    norm, error = 0.0, 0.0
    for number in range(len(engine.blocks) - 1):
        growth = 1.0 + norm
        for group, results in zip(engine.groups[number], terms[number], strict=True):
            for _, (value, loose) in zip(group.gradient_slots, results[1:], strict=False):
                value, loose = (np.broadcast_to(np.asarray(part), (group.count,)) for part in (value, loose))
                error += float(np.linalg.norm(loose)) * growth + float(np.linalg.norm(value)) * (
                    error + 4 * UNIT * growth
                )
                norm += float(np.linalg.norm(value)) * growth
    whole = 1.0 + norm
    return whole**2 * spread + 2 * whole * size * error + engine.size * UNIT * whole**2 * size
