"""All critical points, with proof: our times beside SymPy's and Maxima's, and what each of them found.

Times are computing times without the start of a process: ours from the parsed formula to certified points. Peers run
in processes of their own under a time limit; theirs is the time they report, or the limit.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from calcopt.certify.critical_search import Budget, CriticalSearch
from calcopt.certify.inertia import kind
from calcopt.expression import parse
from calcopt.numeric.intervals import IntervalFunction

LIMIT = 30  # seconds for a peer
ROUNDS = 7
WOOD = "100*(x1^2-x2)^2 + (x1-1)^2 + (x3-1)^2 + 90*(x3^2-x4)^2 + 10.1*((x2-1)^2 + (x4-1)^2) + 19.8*(x2-1)*(x4-1)"
GOLDSTEIN = (
    "(1 + (x+y+1)^2*(19 - 14*x + 3*x^2 - 14*y + 6*x*y + 3*y^2))"
    "*(30 + (2*x-3*y)^2*(18 - 32*x + 12*x^2 + 48*y - 36*x*y + 27*y^2))"
)
# name, formula, variables, half-widths of the box (or its ends), points known, goal in seconds
CASES: list[tuple[str, str, str, Sequence[tuple[float, float]], int, float | None]] = [
    ("six-hump camel", "(4-2.1*x^2+x^4/3)*x^2+x*y+(-4+4*y^2)*y^2", "x y", [(-3, 3), (-2, 2)], 15, 0.1),
    ("Himmelblau", "(x^2+y-11)^2+(x+y^2-7)^2", "x y", [(-6, 6)] * 2, 9, 0.1),
    ("Goldstein-Price", GOLDSTEIN, "x y", [(-2, 2)] * 2, 9, 1.0),
    ("Rastrigin, ±5.12", "20+x^2+y^2-10*cos(2*pi*x)-10*cos(2*pi*y)", "x y", [(-5.12, 5.12)] * 2, 441, 0.5),
    ("Rastrigin, ±1.6", "20+x^2+y^2-10*cos(2*pi*x)-10*cos(2*pi*y)", "x y", [(-1.6, 1.6)] * 2, 49, 0.5),
    ("Wood", WOOD, "x1 x2 x3 x4", [(-3, 3)] * 4, 3, 2.0),
    ("Rosenbrock", "100*(y-x^2)^2+(1-x)^2", "x y", [(-5, 5)] * 2, 1, None),
    ("Beale", "(1.5-x+x*y)^2+(2.25-x+x*y^2)^2+(2.625-x+x*y^3)^2", "x y", [(-4.5, 4.5)] * 2, 3, None),
    ("sin(x)·exp(−x/5)", "sin(x)*exp(-x/5)", "x", [(0, 20)], 6, None),
    ("x y exp(−x²−y²)", "x*y*exp(-x^2-y^2)", "x y", [(-3, 3)] * 2, 5, None),
    ("x²+y²+z²+xyz", "x^2+y^2+z^2+x*y*z", "x y z", [(-3, 3)] * 3, 5, None),
]


def ours(formula: str, names: list[str], box: Sequence[tuple[float, float]]) -> tuple[float, Any]:
    """Median seconds and the points' enclosures; everything is derived anew in each round."""
    body = parse(formula).body
    low, high = (np.array([side[end] for side in box], dtype=float) for end in (0, 1))
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        search = CriticalSearch(IntervalFunction(body, names), low, high, Budget())
        search.run()
        over = search.f.hessian(search.found.lo, search.found.hi)
        kinds = [kind(over.hessian_lo[k], over.hessian_hi[k]) for k in range(len(search.found))]
        times.append(time.perf_counter() - begin)
    assert search.complete
    assert None not in kinds
    return statistics.median(times), 0.5 * (search.found.lo + search.found.hi)


SYMPY = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import sympy
formula, names, how = json.loads(sys.argv[1])
symbols = sympy.symbols(names, real=True)
symbols = symbols if isinstance(symbols, (list, tuple)) else [symbols]
f = sympy.sympify(formula.replace("^", "**"), locals={str(s): s for s in symbols}, rational=True)
begin = time.perf_counter()
slopes = [sympy.diff(f, s) for s in symbols]
if how == "solve":
    found = [[s[v] for v in symbols] for s in sympy.solve(slopes, symbols, dict=True) if all(v in s for v in symbols)]
else:
    answer = sympy.nonlinsolve(slopes, symbols)
    found = [list(s) for s in answer if isinstance(s, sympy.Tuple)] if answer.is_FiniteSet else []
seconds = time.perf_counter() - begin
points = []
for point in found:
    try:
        values = [complex(sympy.N(v, 15)) for v in point]
    except (TypeError, ValueError):
        continue
    if all(abs(v.imag) < 1e-9 for v in values):
        points.append([v.real for v in values])
print(json.dumps([seconds, points]))
"""


def sympy_points(formula: str, names: list[str], how: str) -> tuple[float, list[list[float]]] | None:
    command = [sys.executable, "-c", SYMPY, json.dumps([formula, " ".join(names), how])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None
    return (0.0, []) if done.returncode else tuple(json.loads(done.stdout))  # type: ignore[return-value]


def maxima_points(formula: str, names: list[str]) -> tuple[float, list[list[float]]] | None:
    text = formula.replace("pi", "%pi").replace("exp(", "%e^(") if "exp" in formula else formula.replace("pi", "%pi")
    slopes = ", ".join(f"diff({text}, {name})" for name in names)
    code = (
        "display2d:false$ ratprint:false$ t:elapsed_real_time()$ "
        f"s: errcatch(solve(rat([{slopes}]), [{', '.join(names)}]))$ u: elapsed_real_time()-t$ "
        "print(SECONDS, u)$ "
        f"for p in (if s=[] then [] else if listp(first(s)) then first(s) else []) do print(POINT, "
        f"errcatch(float(rectform(subst(p, [{', '.join(names)}])))))$"
    )
    try:
        command = ["maxima", "--very-quiet", f"--batch-string={code}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None
    seconds = re.search(r"^SECONDS\s+([\d.e+-]+)", done.stdout, re.M)
    points = []
    for line in re.findall(r"^POINT\s+(.*)$", done.stdout, re.M):
        try:
            values = [float(number) for number in re.sub(r"[\[\]\s]", "", line).split(",")]
        except ValueError:
            continue  # complex, or with a parameter
        if len(values) == len(names):
            points.append(values)
    return (float(seconds[1]) if seconds else math.nan), points


def judged(points: Sequence[Sequence[float]], known: Any, box: Sequence[tuple[float, float]]) -> str:
    """Found, missed and false points inside the box."""
    inside = [p for p in points if all(a - 1e-9 <= v <= b + 1e-9 for v, (a, b) in zip(p, box, strict=True))]
    hit = {k for p in inside for k, q in enumerate(known) if np.abs(np.array(p) - q).max() < 1e-6}
    false = sum(not any(np.abs(np.array(p) - q).max() < 1e-6 for q in known) for p in inside)
    return f"{len(hit)} found, {len(known) - len(hit)} missed, {false} false"


def main() -> None:
    peers = ["solve", "nonlinsolve", *(["Maxima"] if shutil.which("maxima") else [])]
    for name, formula, letters, box, count, goal in CASES:
        names = letters.split()
        seconds, known = ours(formula, names, box)
        told = "" if goal is None else f"goal ≤ {goal:g} s  {'reached' if seconds <= goal else 'MISSED'}"
        print(f"{name:<18} calcopt      {seconds:8.3f} s  {len(known)} of {count} certified, complete  {told}")
        for peer in peers:
            answer = maxima_points(formula, names) if peer == "Maxima" else sympy_points(formula, names, peer)
            shown = f"     > {LIMIT} s" if answer is None else f"{answer[0]:8.3f} s  {judged(answer[1], known, box)}"
            print(f"{'':<18} {peer:<12} {shown}", flush=True)


if __name__ == "__main__":
    main()
