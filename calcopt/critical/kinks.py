"""Parts of a formula with kinks or jumps."""

from __future__ import annotations

from calcopt.calculus.precise import literal_fraction
from calcopt.expression.tree import Call, Expr, Piecewise, Pow, Sum, postorder

KINKS = frozenset({"abs", "sign", "floor", "ceil", "min", "max", "relu", "step", "cbrt"})


def kinks(body: Expr) -> tuple[Expr, ...]:
    """The terms with kinks or jumps, in order."""
    found: list[Expr] = []
    for node in postorder(body):
        match node:
            case Call(name) if name in KINKS:
                found.append(node)
            case Piecewise():
                found.append(node)
            case Pow(_, exponent):
                literal = literal_fraction(exponent)
                if literal is not None and literal.denominator % 2 == 1 and literal.denominator > 1:
                    found.append(node)
            case Sum():
                continue
    return tuple(found)
