"""The working of Newton's methods and of Levenberg–Marquardt (see :mod:`calcopt.solve.explain`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.records.explained import Inequality, LinearSystem
from calcopt.solve.explain import Fields, Made, armijo, curvature, drowned
from calcopt.solve.vectors import norm, short

if TYPE_CHECKING:
    from collections.abc import Callable

    from calcopt.records import Matrix, Vector
    from calcopt.solve.curvature import Step

OFF = "x_k = x_{k−1} + s, s along the eigenvector of the lowest eigenvalue: off a saddle or a maximum"
FREE = "the variables held at a bound are left out of the system"


def _pure(made: Made) -> Fields:
    from calcopt.solve.newton_step import newton_step

    hessian = made.before.hessian
    assert hessian is not None
    p = newton_step(hessian, made.before.gradient)
    assert p is not None
    return {
        "rule": _full(made, ""),
        **curvature(made),
        "system": _system(made, "H p = −∇f", hessian, made.before.gradient, p),
    }


def _full(made: Made, alpha: str) -> str:
    """Newton's rule."""
    if len(made.task.variables) == 1:
        return f"x_k = x_{{k−1}} − {alpha}f'(x_{{k−1}})/f''(x_{{k−1}})"
    return f"x_k = x_{{k−1}} + {alpha}p,  H p = −∇f(x_{{k−1}})"


def _system(
    made: Made, formula: str, matrix: Matrix, g: Vector, p: Vector, *, names: tuple[str, ...] | None = None
) -> LinearSystem:
    """M p = −g in the signs of f; ``exact`` where the residual is no more than rounding and iteration leave."""
    sign = made.sign
    of_f: Any = matrix
    error = norm(of_f @ p + g)
    exact = error <= 1e-6 * (norm(g) + norm(abs(of_f) @ abs(p)))
    return LinearSystem(formula, sign * of_f, -sign * g, p, names or tuple(made.task.variables), exact)


def _guarded(made: Made) -> Fields:
    """The family of safeguarded Newton: a line search, or a trust region."""
    found = curvature(made)
    if made.move.tag == "J":
        return {"rule": OFF, **found}
    working = _region(made) if "radius" in made.move.detail else _line(made)
    notes: list[str] = [*working.pop("notes", ())]
    if made.state.free is not None:
        notes.append(FREE)
    return {**found, **working, "notes": (*notes, *drowned(working["inequalities"]))}


def _parts(made: Made) -> tuple[Any, Vector, tuple[str, ...]]:
    """H, ∇f and the names of the variables that no bound holds."""
    free, names = made.state.free, made.task.variables
    hessian: Any = made.before.hessian
    if free is None:
        return hessian, made.before.gradient, tuple(names)
    return hessian[free][:, free], made.before.gradient[free], tuple(names[int(i)] for i in free)


def _line(made: Made) -> Fields:
    alpha = made.move.detail["alpha"]
    times = "" if alpha == 1.0 else "α "
    hessian, g, names = _parts(made)
    step: Step | None = made.method._propose(made.before, made.state, max(1.0, norm(made.before.x)))
    assert step is not None
    test = armijo(made, made.method.accept)
    cut = () if alpha == 1.0 else (f"the full step was refused and cut to α = {short(alpha)} by parabolas through f",)
    system = _system(made, "H p = −∇f", hessian, g, step.p, names=names)
    rule, notes = _full(made, times), list(cut)
    if step.shift > 0:
        shifted = hessian + step.shift * _squared(made.state.model.scale, hessian)
        system = _system(made, f"(H {_plus(made)} μD²) p = −∇f", shifted, g, step.p, names=names)
        rule = f"x_k = x_{{k−1}} + {times}p,  (H {_plus(made)} μD²) p = −∇f(x_{{k−1}})"
        notes.append("μD² makes the matrix positive definite; D = √|diag H|")
    elif made.method.name == "line-search" and isinstance(hessian, np.ndarray) and made.state.model.newton(g) is None:
        system = _system(made, "|H| p = " + ("−∇f" if made.sign > 0 else "∇f"), _flipped(made), g, step.p, names=names)
        system = _signless(system, made)
        rule = f"x_k = x_{{k−1}} + {times}p,  |H| p = {'−' if made.sign > 0 else ''}∇f(x_{{k−1}})"
        notes.append("H has negative eigenvalues: |H| has their absolute values (in variables scaled by √|diag H|)")
    elif not system.exact:
        rule = rule.replace("H p =", "H p ≈")
        notes.append("the system was solved by conjugate gradients, only as accurately as needed")
    quantities = ({} if alpha == 1.0 else {"α": alpha}) | ({"μ": step.shift} if step.shift > 0 else {})
    return {"rule": rule, "quantities": quantities, "system": system, "inequalities": (test,), "notes": notes}


def _plus(made: Made) -> str:
    return "+" if made.sign > 0 else "−"


def _signless(system: LinearSystem, made: Made) -> LinearSystem:
    """|H| p = −∇(sign·f): a matrix that has no sign to turn."""
    sign = made.sign
    matrix: Any = system.matrix
    return LinearSystem(system.formula, sign * matrix, sign * system.right, system.solution, system.names, system.exact)


def _squared(scale: Vector, like: Matrix) -> Any:
    """D², dense or sparse as ``like`` is."""
    if isinstance(like, np.ndarray):
        return np.diag(scale**2)
    from scipy.sparse import diags_array

    return diags_array(scale**2, format="csr")


def _flipped(made: Made) -> Vector:
    """|H| as the line search takes it: D V max(|Λ|, tiny) Vᵀ D."""
    from calcopt.solve.newton_line_search import SMALLEST

    model = made.state.model
    size = float(np.max(np.abs(model.eigenvalues), initial=0.0))
    raised = np.maximum(np.abs(model.eigenvalues), SMALLEST * size if size > 0 else 1.0)
    scaled = (model.vectors * raised) @ model.vectors.T
    flipped: Vector = scaled * model.scale[:, None] * model.scale[None, :]
    return flipped


def _region(made: Made) -> Fields:
    """The trust region: (H + μD²) p = −∇f with ‖Dp‖ ≤ Δ, and the ratio of the actual fall to the foretold one."""
    detail, before, after = made.move.detail, made.before, made.move.point
    hessian, g, names = _parts(made)
    d, whole = after.x - before.x, before.hessian
    assert whole is not None
    p = d if made.state.free is None else d[made.state.free]
    mu = detail["shift"]
    matrix = hessian + mu * _squared(made.state.model.scale, hessian)
    system = _system(made, f"(H {_plus(made)} μD²) p = −∇f", matrix, g, p, names=names)
    predicted = -float(before.gradient @ d) - 0.5 * float(d @ (whole @ d))
    fall = before.value - after.value
    ratio = fall / predicted if predicted else 0.0
    test = Inequality("trust region", "ρ = actual change of f / change foretold", ratio, "≥", made.method.accept)
    notes = ["D = √|diag H| measures each variable in its own units"]
    if not system.exact:
        notes.append("the step was ended at the radius, by the bounds, or along negative curvature: no exact solution")
    quantities = {"μ": mu, "Δ": detail["radius"], "actual": -made.sign * fall, "foretold": -made.sign * predicted}
    return {
        "rule": f"x_k = x_{{k−1}} + p,  (H {_plus(made)} μD²) p = −∇f(x_{{k−1}}),  ‖Dp‖ ≤ Δ",
        "quantities": quantities,
        "system": system,
        "inequalities": (test,),
        "notes": notes,
    }


def _least_squares(made: Made) -> Fields:
    if made.move.tag == "J":
        return {"rule": "x_k = x_{k−1} + s, s along negative curvature: the point was no minimum, f is lower beside it"}
    state, mu = made.state, made.move.detail["damping"]
    r, jacobian = state.residual, state.jacobian
    d = made.move.point.x - made.before.x
    scale = np.where(state.scale > 0, state.scale, 1.0)
    matrix = jacobian.T @ jacobian + mu * np.diag(scale**2)
    ahead = jacobian @ d
    foretold = -float(ahead @ (2 * r + ahead))
    fall = made.before.value - made.move.point.value
    ratio = fall / foretold if foretold else 0.0
    test = Inequality("ratio", "ρ = fall of f / fall foretold by ‖r + Jp‖²", ratio, "≥", made.method.accept)
    tests = (test,)
    return {
        "rule": "x_k = x_{k−1} + p,  (JᵀJ + μD²) p = −Jᵀr,  f = Σ rᵢ²",
        "residual": r,
        "jacobian": jacobian,
        "quantities": {"μ": mu, "Σ rᵢ²": float(r @ r), "fall": fall, "foretold": foretold},
        "system": _system(made, "(JᵀJ + μD²) p = −Jᵀr", matrix, jacobian.T @ r, d),
        "inequalities": tests,
        "notes": ("D: the largest norm that each column of J has had; solved by QR, never by JᵀJ", *drowned(tests)),
    }


WORKINGS: dict[str, Callable[[Made], Fields]] = {
    "PureNewton": _pure,
    "SafeguardedNewton": _guarded,
    "LineSearchNewton": _guarded,
    "TrustRegionNewton": _guarded,
    "TruncatedNewton": _guarded,
    "LevenbergMarquardt": _least_squares,
}
