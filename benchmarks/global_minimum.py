"""The global minimum over a box, proved: seconds of computing, without start-up; SciPy's searches (no proof) beside.

Run as ``python benchmarks/global_minimum.py``. Every row is the median of five runs in one process, taken in turn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import calcopt
from calcopt.numeric.objective import function_objective

PROBLEMS = {
    "six-hump camel": ("4x^2 - 2.1x^4 + x^6/3 + x*y - 4y^2 + 4y^4", (-3, 3), -1.0316284534898774),
    "Himmelblau": ("(x^2+y-11)^2+(x+y^2-7)^2", (-5, 5), 0.0),
    "Rosenbrock": ("100(y-x^2)^2+(1-x)^2", (-5, 5), 0.0),
    "Rastrigin": ("20+x^2+y^2-10cos(2pi x)-10cos(2pi y)", (-5.12, 5.12), 0.0),
    "Ackley": ("-20exp(-0.2 sqrt(0.5(x^2+y^2))) - exp(0.5(cos(2pi x)+cos(2pi y))) + e + 20", (-5, 5), 0.0),
    "Goldstein-Price": (
        "(1+(x+y+1)^2*(19-14x+3x^2-14y+6x*y+3y^2))*(30+(2x-3y)^2*(18-32x+12x^2+48y-36x*y+27y^2))",
        (-2, 2),
        3.0,
    ),
    "Wood, 4 variables": (
        "100(b-a^2)^2+(1-a)^2+90(d-c^2)^2+(1-c)^2+10.1((b-1)^2+(d-1)^2)+19.8(b-1)(d-1)",
        (-10, 10),
        0.0,
    ),
}


def seconds(task: Callable[[], object], runs: int = 5) -> float:
    """The median of several runs, after one that warms up."""
    task()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        task()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    from scipy.optimize import differential_evolution, shgo

    print(
        f"{'':20} {'calcopt':>9} {'gap':>9} {'boxes':>7} {'shgo':>9} {'error':>9} {'diff. evolution':>16} {'error':>9}"
    )
    for name, (function, (low, high), least) in PROBLEMS.items():
        proved = calcopt.minimize(function, box=f"{low}..{high}")
        assert isinstance(proved, calcopt.Result)
        proof = proved.proof
        assert proof is not None
        assert proof.lower is not None
        assert proof.upper is not None
        objective = function_objective(calcopt.parse(function).body)

        def value(x: np.ndarray, objective: object = objective) -> float:
            return float(objective.evaluate(x, 0).value)  # type: ignore[attr-defined]

        bounds = [(low, high)] * len(objective.variables)
        ours = seconds(lambda: calcopt.minimize(function, box=f"{low}..{high}"))  # noqa: B023
        theirs = seconds(lambda: shgo(value, bounds))  # noqa: B023
        evolved = seconds(lambda: differential_evolution(value, bounds, rng=1))  # noqa: B023
        print(
            f"{name:20} {ours:8.3f}s {proof.upper - proof.lower:9.1e} {proof.boxes:7d} "
            f"{theirs:8.3f}s {shgo(value, bounds).fun - least:9.1e} "
            f"{evolved:15.3f}s {differential_evolution(value, bounds, rng=1).fun - least:9.1e}"
        )


if __name__ == "__main__":
    main()
