"""Solvers on the given problems and hard cases, beside SciPy's; and extended Rosenbrock at n = 10⁴, 10⁵, 10⁶.

    python benchmarks/solvers.py [problems] [profile] [time] [size]

Every side gets the same function and the same exact derivatives (ours), the standard start and its own defaults but for
the tolerance 1e-8. A run is *solved* when it claims success and f is f_min or a known local minimum (for problems of
many minima: any point that the referee finds to be a minimum); a claim is *false* when success is claimed where the
referee, at 60 digits, finds a gradient that is not zero or a Hessian that is not positive. ``profile`` writes
the performance profile (Dolan & Moré 2002) of evaluations as ``profile.csv`` and ``profile.svg``.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))
from referee import Referee  # noqa: E402

from calcopt.errors import MathError  # noqa: E402
from calcopt.expression import parse  # noqa: E402
from calcopt.numeric.objective import FunctionObjective, function_objective  # noqa: E402

FILE = HERE.parent / "tests/problems/optimization.yaml"
TABLE = YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8"))
PEERS = ("BFGS", "L-BFGS-B", "Newton-CG", "trust-exact")
OURS = ("auto", "safeguarded", "line-search", "trust-region", "truncated-newton", "l-bfgs")
ZERO = (1e-6, 1e-8)
"""What counts as a zero gradient when a success is judged: absolute, and relative to the gradient at the start."""


class Answer(NamedTuple):
    """What a solver said: whether it claims success, where, and what it cost: evaluations up to the last
    iterate, and those of the checks after it (kinks, second order)."""

    claims: bool
    minimum: bool
    x: np.ndarray
    value: float
    cost: float
    checks: float = 0.0


def objective_of(problem: dict[str, Any]) -> FunctionObjective:
    formula = parse(problem["expression"].strip(), variables=problem["variables"])
    return function_objective(formula.body, formula.variables)


def cost_of(objective: FunctionObjective) -> float:
    """Evaluations: f, gradients and Hessians, each counted once."""
    counts = objective.counts
    return float(counts.value + counts.gradient + counts.hessian)


def ours(problem: dict[str, Any], method: str) -> Answer:
    from calcopt.numeric.squares import residual_system
    from calcopt.solve import Stopping, solve
    from calcopt.solve.choose import choose

    objective, x0 = objective_of(problem), np.array(problem["start"], dtype=float)
    formula = parse(problem["expression"].strip(), variables=problem["variables"])
    system = residual_system(formula.body, formula.variables) if method == "auto" else None
    reached = [0.0]

    def note(_: object) -> None:
        reached[0] = cost_of(objective)

    try:
        chosen = choose(objective, x0, name=method, residuals=system)
        found = solve(
            objective, x0, chosen.method, stop=Stopping(max_iterations=5000), command="minimize", on_iteration=note
        )
    except MathError:
        return Answer(False, False, x0, math.nan, math.inf)
    minimum = found.verdict.classification == "local minimum"
    return Answer(found.reached_goal, minimum, found.x, found.value, reached[0], cost_of(objective) - reached[0])


def scipys(problem: dict[str, Any], method: str) -> Answer:
    """SciPy with exact derivatives. Every success it claims is a claim to have found a minimum."""
    import scipy.optimize

    objective, x0 = objective_of(problem), np.array(problem["start"], dtype=float)
    jac = lambda x: objective.evaluate(x, 1).gradient  # noqa: E731
    hess = (lambda x: objective.evaluate(x, 2).hessian) if method in ("Newton-CG", "trust-exact") else None
    options = {"gtol": 1e-8} if method != "Newton-CG" else {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = scipy.optimize.minimize(
                lambda x: objective.evaluate(x, 0).value, x0, jac=jac, hess=hess, method=method, options=options
            )
        except (ValueError, np.linalg.LinAlgError, OverflowError):
            return Answer(False, False, x0, math.nan, math.inf)
    x = np.asarray(found.x, dtype=float)
    return Answer(
        bool(found.success),
        bool(found.success),
        x,
        float(found.fun),
        float(found.nfev + found.njev) + found.get("nhev", 0),
    )


def casadis(problem: dict[str, Any], method: str) -> Answer:
    """CasADi and IPOPT, where CasADi is installed and the formula has a form there."""
    from casadi_peer import ipopt

    answer = ipopt(problem)
    if answer is None:
        return Answer(False, False, np.array(problem["start"], dtype=float), math.nan, math.inf)
    success, x, value, cost = answer
    return Answer(success, success, x, value, cost)


def has_casadi() -> bool:
    return find_spec("casadi") is not None


def known_minima(problem: dict[str, Any]) -> list[float]:
    """f_min, and the values of other local minima on record."""
    known = [problem["f_min"]] if problem.get("f_min") is not None else []
    return known + [other["f"] for other in problem.get("other_stationary", ()) if other["kind"] == "local minimum"]


def reaches(problem: dict[str, Any], answer: Answer) -> bool:
    """Whether f is that of a known minimum, whatever the solver says of it."""
    return any(abs(answer.value - f) <= 1e-7 * max(1.0, abs(f)) for f in known_minima(problem))


def judge(problem: dict[str, Any], answer: Answer) -> tuple[bool, bool]:
    """(solved, false claim)."""
    if not answer.claims:
        return False, False
    if not (np.isfinite(answer.x).all() and math.isfinite(answer.value)):
        return False, True
    if reaches(problem, answer):
        return True, False
    referee = Referee(problem)
    slope = float(np.linalg.norm(referee.gradient(answer.x)))
    start = float(np.linalg.norm(objective_of(problem).evaluate(np.array(problem["start"], dtype=float), 1).gradient))
    flat = slope <= max(ZERO[0], ZERO[1] * start)
    positive = flat and len(answer.x) <= 11 and referee.extreme_eigenvalues(answer.x)[0] > 0
    return (positive and "multi-minima" in problem.get("tags", ())), not positive


def table(problems: list[dict[str, Any]], title: str) -> dict[str, list[float]]:
    sides: list[tuple[str, Callable[[dict[str, Any], str], Answer], str]] = []
    sides += [(f"calcopt {name}", ours, name) for name in OURS] + [(f"SciPy {name}", scipys, name) for name in PEERS]
    sides += [("CasADi + IPOPT", casadis, "ipopt")] if has_casadi() else []
    print(f"\n{title}: {len(problems)}")
    print(
        f"{'':<28}{'f reached':>10}{'and said so':>13}{'false claims':>14}{'evaluations':>13}{'checks':>8}   false on"
    )
    costs: dict[str, list[float]] = {}
    for label, solver, method in sides:
        solved, reached, false, cost, checks = 0, 0, [], [], []
        for problem in problems:
            answer = solver(problem, method)
            good, lie = judge(problem, answer)
            solved += good
            false += [problem["name"]] if lie else []
            reached += good or reaches(problem, answer)
            cost.append(answer.cost if good else math.inf)
            checks.append(answer.checks)
        costs[label] = cost
        median, after = float(np.median(cost)), float(np.median(checks))
        row = f"{label:<28}{reached:>10}{solved:>13}{len(false):>14}{median:>13.0f}{after:>8.0f}"
        print(f"{row}   {', '.join(false)}".rstrip())
    return costs


def profile(costs: dict[str, list[float]]) -> None:
    """ρ(τ): the share of problems that a solver solves with at most τ times the evaluations of the best."""
    labels = list(costs)
    matrix = np.array([costs[label] for label in labels])
    best = matrix.min(axis=0)
    ratios = matrix[:, np.isfinite(best)] / best[np.isfinite(best)]
    taus = np.geomspace(1, 64, 61)
    shares = np.array([[float(np.mean(row <= tau)) for tau in taus] for row in ratios])
    lines = [",".join(["tau", *labels])] + [
        ",".join([f"{tau:.4g}", *(f"{share:.4f}" for share in column)])
        for tau, column in zip(taus, shares.T, strict=True)
    ]
    (HERE / "profile.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (HERE / "profile.svg").write_text(picture(labels, taus, shares), encoding="utf-8")
    print("\nperformance profile: share solved within τ times the fewest evaluations")
    print(f"{'':<28}" + "".join(f"{f'τ = {tau}':>10}" for tau in (1, 2, 4, 8, 64)))
    for label, row in zip(labels, ratios, strict=True):
        print(f"{label:<28}" + "".join(f"{float(np.mean(row <= tau)):>10.2f}" for tau in (1, 2, 4, 8, 64)))


def picture(labels: list[str], taus: np.ndarray, shares: np.ndarray) -> str:
    colours = ["#0b6", "#084", "#690", "#09c", "#06a", "#a6c", "#c33", "#e80", "#b80", "#777"]
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" font-family="sans-serif" font-size="12">']
    parts.append('<rect width="720" height="420" fill="white"/><path d="M50 20V380H520" fill="none" stroke="#444"/>')
    for tau in (1, 2, 4, 8, 16, 32, 64):
        parts.append(f'<text x="{50 + 470 * math.log2(tau) / 6:.0f}" y="398" text-anchor="middle">{tau}</text>')
    for share in (0, 0.5, 1):
        parts.append(f'<text x="42" y="{384 - 360 * share:.0f}" text-anchor="end">{share:g}</text>')
    for number, (label, row) in enumerate(zip(labels, shares, strict=True)):
        points = " ".join(
            f"{50 + 470 * math.log2(tau) / 6:.1f},{380 - 360 * share:.1f}" for tau, share in zip(taus, row, strict=True)
        )
        colour = colours[number % len(colours)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="535" y="{40 + 20 * number}" fill="{colour}">{label}</text>')
    parts.append('<text x="285" y="415" text-anchor="middle">evaluations, relative to the fewest (τ)</text></svg>')
    return "\n".join(parts) + "\n"


# -- from string to answer ----------------------------------------------------------------------------------------

SCRIPT = """
import json, sys
import numpy, scipy.optimize, sympy
text, names, start = json.loads(sys.argv[1])
symbols = sympy.symbols(names, real=True)
symbols = symbols if isinstance(symbols, (list, tuple)) else [symbols]
f = sympy.sympify(text, locals=dict(zip(names, symbols)))
value = sympy.lambdify([symbols], f, cse=True)
gradient = sympy.lambdify([symbols], [f.diff(s) for s in symbols], cse=True)
found = scipy.optimize.minimize(lambda x: float(value(x)), start, jac=lambda x: numpy.array(gradient(x), dtype=float),
                                method="BFGS", options={"gtol": 1e-8})
print(found.fun, found.x)
"""


def string_to_answer() -> None:
    """Both sides in turn as whole processes, start-up included, over the problems of up to eleven variables."""
    import json

    mine = theirs = 0.0
    problems = [problem for problem in TABLE["problems"] if len(problem["variables"]) <= 11]
    for problem in problems:
        text, names, x0 = problem["expression"].strip(), problem["variables"], [float(v) for v in problem["start"]]
        point = ",".join(f"{name}={value!r}" for name, value in zip(names, x0, strict=True))
        command = [sys.executable, "-m", "calcopt", "minimize", text, "--start", point, "--quiet"]
        for side, arguments in (
            ("ours", command),
            ("peer", [sys.executable, "-c", SCRIPT, json.dumps([text, names, x0])]),
        ):
            begin = time.perf_counter()
            subprocess.run(arguments, capture_output=True, check=False)
            taken = time.perf_counter() - begin
            mine, theirs = (mine + taken, theirs) if side == "ours" else (mine, theirs + taken)
    ratio = mine / theirs
    verdict = "reached" if ratio <= 0.5 else "MISSED"
    print(
        f"\nfrom string to answer, {len(problems)} problems: {mine:.1f} s against {theirs:.1f} s (SymPy + SciPy's BFGS)"
    )
    print(f"ratio {ratio:.3f}   goal ≤ 0.5   {verdict}")


# -- size ---------------------------------------------------------------------------------------------------------

CHAINED = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2, i, 1, n-1)"
PAIRED = "sum(100*(x[2*i]-x[2*i-1]^2)^2 + (1-x[2*i-1])^2, i, 1, n/2)"
START = "x[i]=-0.1+1.1*(-1)^i"
"""−1.2, 1, −1.2, 1 …"""


def measured(arguments: list[str]) -> tuple[float, float, str]:
    """Seconds, peak memory in GiB, and the output of a whole process, start-up included."""
    script = (
        "import resource,subprocess,sys,time;t=time.perf_counter();"
        "p=subprocess.run(sys.argv[1:],capture_output=True,text=True);"
        "print(time.perf_counter()-t,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);print(p.stdout[-3000:])"
    )
    out = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True).stdout
    first, _, rest = out.partition("\n")
    seconds, kilobytes = first.split()
    return float(seconds), float(kilobytes) / 2**20, rest


def rosenbrock(x: np.ndarray) -> tuple[float, np.ndarray]:
    """The chained function and its gradient, as one writes them in NumPy."""
    d, e = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * d - 2 * e
    g[1:] += 200 * d
    return float(100 * (d @ d) + e @ e), g


def paired(x: np.ndarray) -> tuple[float, np.ndarray]:
    a, b = x[::2], x[1::2]
    d, e = b - a**2, 1 - a
    g = np.empty_like(x)
    g[::2], g[1::2] = -400 * a * d - 2 * e, 200 * d
    return float(100 * (d @ d) + e @ e), g


def size() -> None:
    import scipy.optimize

    print("\nextended Rosenbrock from (−1.2, 1, …), whole process: text to answer")
    for name, text, hand in (("pairs", PAIRED, paired), ("chain", CHAINED, rosenbrock)):
        seconds = {}
        for n in (10_000, 100_000, 1_000_000):
            command = [sys.executable, "-m", "calcopt", "minimize", text, "--let", f"n={n}", "--start", START]
            seconds[n], memory, out = measured(command)
            last = next((line.strip() for line in out.splitlines() if line.startswith("converged")), "NOT SOLVED")
            print(f"  {name} n = {n:>9,}  {seconds[n]:8.2f} s {memory:6.2f} GiB   {last}")
            x0 = np.ones(n)
            x0[::2] = -1.2
            begin = time.perf_counter()
            found = scipy.optimize.minimize(
                hand,
                x0,
                jac=True,
                method="L-BFGS-B",
                options={"gtol": 1e-8 / math.sqrt(n), "ftol": 0, "maxiter": 2000 if n < 10**6 else 200, "maxfun": 4000},
            )
            taken, slope = time.perf_counter() - begin, float(np.linalg.norm(found.jac))
            reached = "solved" if slope <= 1e-8 else "not solved"
            end = f"‖g‖ = {slope:.1e}, {reached}, f = {found.fun:.3g}"
            print(f"      SciPy L-BFGS-B, gradient by hand: {taken:8.2f} s   {end}")
        growth = seconds[1_000_000] / seconds[10_000]
        verdict = "reached" if growth <= 130 else "MISSED"
        print(f"  {name}: time from n = 10⁴ to 10⁶ grows {growth:.0f} times   goal ≤ 130   {verdict}")
    gradient_ratio()


def gradient_ratio() -> None:
    import peers

    n = 1_000_000
    formula = parse(CHAINED, constants={"n": parse(str(n)).body})
    objective = function_objective(formula.body)
    x = np.ones(n)
    x[::2] = -1.2
    np.testing.assert_allclose(objective.evaluate(x, 1).gradient, rosenbrock(x)[1], rtol=1e-12)
    peers.compare(
        "gradient, n = 10⁶, against NumPy by hand", lambda: objective.evaluate(x, 1), lambda: rosenbrock(x), goal=2
    )


def main() -> None:
    asked = sys.argv[1:] or ["problems", "profile", "time", "size"]
    if "problems" in asked or "profile" in asked:
        costs = table(TABLE["problems"], "given problems")
        table(TABLE["hard_cases"], "hard cases")
        if "profile" in asked:
            profile(costs)
    if "time" in asked:
        string_to_answer()
    if "size" in asked:
        size()


if __name__ == "__main__":
    main()
