"""Which plane separates two classes, wholly or but for rows on it, and which features it is made of.

Perfect: every row strictly on its own side. Quasi: none on the wrong side, some on the plane itself (Albert &
Anderson 1984, *Biometrika* 71). Found by two linear programs (Konis 2007, *Linear programming algorithms for
detecting separated data*), and measured again on the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from calcopt.learn.network import Layer
from calcopt.learn.network_functions import Array
from calcopt.learn.perceptron_scaling import Scaling
from calcopt.learn.shares import Block
from calcopt.learn.training_problem import TrainingProblem
from calcopt.learn.training_separation import proven_margin
from calcopt.records import Separation

MOST_CELLS = 200_000
"""Rows × features up to which the linear programs are solved (about a second)."""
ON_PLANE = 1e-9
"""A row this near the plane (largest standardized weight: 1) counts as on it: what the program resolves."""
NEGLIGIBLE = 1e-9


def find_separation(
    problem: TrainingProblem, theta: Array, scaling: Scaling, names: Sequence[str], *, proved: bool
) -> Separation | None:
    """The separating plane of a σ-perceptron's classes, in the units of the data; None where none is known.

    θ itself where it separates; else, unless a plane is already ``proved`` to exist, the linear programs' answer.
    """
    if problem.network.output != "sigmoid" or problem.network.hidden:
        return None
    margin = proven_margin(problem, theta)
    if margin is not None:
        return replace(_named("perfect", theta, scaling, names, on_plane=0), margin=margin)
    if problem.size * problem.features > MOST_CELLS:
        return None
    signed = problem.shares.total(_signed_rows, _one_below_the_other)
    widest = _program(problem, signed, shared_margin=True)
    margin = None if widest is None else proven_margin(problem, widest)
    if widest is not None and margin is not None:
        return replace(_named("perfect", widest, scaling, names, on_plane=0), margin=margin)
    if proved:
        return None
    best = _program(problem, signed, shared_margin=False)
    if best is None:
        return None
    sides = signed @ best
    if sides.min() < -ON_PLANE or sides.max() <= 1e3 * ON_PLANE:
        return None
    return _named("quasi", best, scaling, names, on_plane=int((sides <= ON_PLANE).sum()))


def in_words(found: Separation, positive: str) -> str:
    """``'sad' lies where na − ya − 0.3 > 0``, the weightiest features first."""
    sign = ">" if found.kind == "perfect" else "≥"
    terms = [_term(weight, name) for name, weight in list(found.direction.items())[:4]]
    if len(found.direction) > 4:
        terms.append(f"+ … ({len(found.direction)} features)")
    if found.bias:
        terms.append(f"{'−' if found.bias < 0 else '+'} {abs(found.bias):.4g}")
    plane = " ".join(terms).removeprefix("+ ").replace("− ", "−", 1 if terms[0].startswith("−") else 0)
    rows = f", {found.on_plane} of the rows being on it" if found.on_plane else ""
    return f"'{positive}' lies where {plane} {sign} 0{rows}"


def _term(weight: float, name: str) -> str:
    size = "" if abs(weight) == 1.0 else f"{abs(weight):.4g}·"
    return f"{'−' if weight < 0 else '+'} {size}{name}"


def _named(kind: str, theta: Array, scaling: Scaling, names: Sequence[str], *, on_plane: int) -> Separation:
    """The plane in the units of the data, its largest weight 1, features sorted by what they move in the data."""
    weights, bias = theta[:-1].copy(), theta[-1:]
    weights[np.abs(weights) <= NEGLIGIBLE * np.abs(weights).max(initial=0.0)] = 0.0
    layer = scaling.fold_back([Layer(weights[:, None], bias.copy())], scaled_target=False)[0]
    raw = layer.weights[:, 0]
    largest = np.abs(raw).max(initial=0.0) or 1.0
    order = [place for place in np.argsort(-np.abs(weights), kind="stable") if raw[place] != 0.0]
    direction = {names[place]: float(raw[place] / largest) for place in order}
    return Separation("perfect" if kind == "perfect" else "quasi", direction, float(layer.bias[0] / largest), on_plane)


def _signed_rows(blocks: Iterator[Block]) -> Array:
    """sᵢ (xᵢ, 1) of a share, with s = 1 for the second class and −1 for the first: (n, p+1)."""
    return np.concatenate(
        [(2.0 * targets - 1.0)[:, None] * np.column_stack([rows, np.ones(len(rows))]) for rows, targets in blocks]
    )


def _one_below_the_other(above: Array, below: Array) -> Array:
    return np.concatenate([above, below])


def _program(problem: TrainingProblem, signed: Array, *, shared_margin: bool) -> Array | None:
    """v in [−1, 1]ᵖ⁺¹ that maximizes t with sᵢ x̄ᵢ·v ≥ t for all i, or else the mean of sᵢ x̄ᵢ·v ≥ 0."""
    from scipy.optimize import linprog

    bounds = [(-1.0, 1.0)] * signed.shape[1]
    for place in problem.redundant:
        bounds[place] = (0.0, 0.0)
    if shared_margin:
        objective = np.append(np.zeros(signed.shape[1]), -1.0)
        rows = np.concatenate([-signed, np.ones((len(signed), 1))], axis=1)
        bounds.append((0.0, 1.0))
    else:
        objective, rows = -signed.mean(axis=0), -signed
    found = linprog(objective, A_ub=rows, b_ub=np.zeros(len(rows)), bounds=bounds, method="highs")
    if found.status != 0 or found.x is None or objective @ found.x >= -NEGLIGIBLE:
        return None
    result: Array = np.asarray(found.x[: signed.shape[1]], dtype=np.float64)
    return result
