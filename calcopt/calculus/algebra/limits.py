"""Limits by SymPy (Gruntz's algorithm), in a process of its own, for it may not end.

``python -m calcopt.calculus.algebra.limits`` reads a JSON object {function, variable, target, side} and writes
{exact, infinite}: formulas travel as text through calcopt's own parser. What comes back is to be checked.

Reference: D. Gruntz, On Computing Limits in a Symbolic Manipulation System (ETH Zürich, 1996).
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Literal

from calcopt.expression import parse
from calcopt.expression.tree import Expr

SECONDS = 10.0
Infinite = Literal["inf", "-inf"]


def limit_in_child(
    function: Expr, variable: str, target: Expr | Infinite, side: Literal[1, -1], *, seconds: float = SECONDS
) -> Expr | Infinite | None:
    """The limit as SymPy has it, unverified: a formula, an infinity, or None when it found none in time."""
    question = {"function": str(function), "variable": variable, "target": str(target), "side": side}
    command = [sys.executable, "-m", "calcopt.calculus.algebra.limits"]
    try:
        answer = subprocess.run(
            command, input=json.dumps(question), capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if answer.returncode != 0 or not answer.stdout:
        return None
    found = json.loads(answer.stdout)["limit"]
    return found if found in ("inf", "-inf", None) else parse(found).body


def limit_by_sympy(function: Expr, variable: str, target: Expr | Infinite, side: int) -> Expr | Infinite | None:
    """The same in this process."""
    import sympy

    from calcopt.calculus.algebra.into import symbol, to_sympy
    from calcopt.calculus.algebra.outof import NotExpressible, from_sympy

    place = {"inf": sympy.oo, "-inf": -sympy.oo}.get(target) if isinstance(target, str) else to_sympy(target)
    try:
        found = sympy.limit(_plain(to_sympy(function)), symbol(variable), place, "+" if side > 0 else "-")
        if found in (sympy.oo, -sympy.oo):
            return "inf" if found == sympy.oo else "-inf"
        return from_sympy(sympy.simplify(found))
    except (NotExpressible, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    """SymPy's own functions for ours where it knows their limits."""
    import sympy

    from calcopt.calculus.algebra import special

    def root(base: Any, exponent: Any) -> Any:
        return sympy.sign(base) ** (exponent.p % 2) * sympy.Abs(base) ** exponent

    ours = {
        special.Sigmoid: lambda u: 1 / (1 + sympy.exp(-u)),
        special.Softplus: lambda u: sympy.log(1 + sympy.exp(u)),
        special.RealAbs: sympy.Abs,
        special.Sign: sympy.sign,
        special.Floor: sympy.floor,
        special.Ceiling: sympy.ceiling,
        special.RealPower: root,
    }
    for kind, plain in ours.items():
        value = value.replace(kind, plain)
    return value


def main() -> None:
    """The child: one question on standard input, one answer on standard output."""
    question = json.load(sys.stdin)
    target = question["target"] if question["target"] in ("inf", "-inf") else parse(question["target"]).body
    found = limit_by_sympy(parse(question["function"]).body, question["variable"], target, question["side"])
    json.dump({"limit": None if found is None else str(found)}, sys.stdout)


if __name__ == "__main__":
    main()
