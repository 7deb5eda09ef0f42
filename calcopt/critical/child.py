"""SymPy's solvers in a process of their own, ended when they take too long.

``python -m calcopt.critical.child`` reads a JSON object {function, names} and writes the fields of :class:`Solved`:
formulas travel as text in calcopt's own language, through calcopt's own parser.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calcopt.expression import parse
from calcopt.expression.tree import Expr


@dataclass(frozen=True, slots=True)
class Solved:
    """Solutions in order of the names: an expression, or the decimal digits of one where there is no exact form."""

    points: tuple[tuple[Expr | str, ...], ...]
    curves: tuple[tuple[Expr, ...], ...]
    complete: bool
    solved: bool
    notes: tuple[str, ...]


def solve_in_child(function: Expr, names: Sequence[str], *, seconds: float) -> Solved | None:
    """Solutions of ∇f = 0 by SymPy, unverified; None when the time was up or nothing came back."""
    question = json.dumps({"function": str(function), "names": list(names)})
    command = [sys.executable, "-m", "calcopt.critical.child"]
    try:
        answer = subprocess.run(command, input=question, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None
    if answer.returncode != 0 or not answer.stdout:
        return None
    fields: dict[str, Any] = json.loads(answer.stdout)
    points = tuple(tuple(_read(coordinate) for coordinate in point) for point in fields["points"])
    curves = tuple(tuple(parse(equation).body for equation in curve) for curve in fields["curves"])
    return Solved(points, curves, bool(fields["complete"]), bool(fields["solved"]), tuple(fields["notes"]))


def _read(coordinate: dict[str, str]) -> Expr | str:
    return parse(coordinate["exact"]).body if "exact" in coordinate else coordinate["digits"]


def main() -> None:
    """The child: one question on standard input, one answer on standard output."""
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.algebra.solver import solve_anything

    question = json.load(sys.stdin)
    zeros = solve_anything(Partials(parse(question["function"]).body, question["names"]))
    points = [
        [_write(exact, number) for exact, number in zip(zero.exact, zero.coordinates, strict=True)]
        for zero in zeros.points
    ]
    answer = {
        "points": points,
        "curves": [[str(equation) for equation in curve.equations] for curve in zeros.curves],
        "complete": zeros.complete,
        "solved": zeros.solved,
        "notes": zeros.notes,
    }
    json.dump(answer, sys.stdout)


def _write(exact: Expr | None, number: Any) -> dict[str, str]:
    from mpmath import nstr

    return {"exact": str(exact)} if exact is not None else {"digits": nstr(number, 80)}


if __name__ == "__main__":
    main()
