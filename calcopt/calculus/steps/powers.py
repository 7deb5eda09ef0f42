"""f^g and log_g(f), where both parts depend on the variable: rewritten with exp and log, then derived."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.calculus.steps.derivation import Part, Plan
from calcopt.calculus.steps.forms import call, log, over, times
from calcopt.calculus.steps.inverses import replaced
from calcopt.expression.tree import Call, Expr, Pow


def power_of_functions(function: Pow, part: Part) -> Plan:
    """f^g = exp(g·log f), for f > 0; in the result the exponential is written as the power again."""
    base, exponent = function.args
    rewritten = call("exp", times(exponent, log(base)))

    def combine(found: Sequence[Expr]) -> Expr:
        return replaced(found[0], {rewritten: function})

    note = f"{function} = {rewritten}, for {base} > 0"
    return Plan("rewrite", (Part(rewritten, part.variable, part.names),), combine, note)


def change_of_base(function: Call, part: Part) -> Plan:
    """log(f, g) = log(f)/log(g)."""
    rewritten = over(log(function.args[0]), log(function.args[1]))
    note = f"{function} = {rewritten}"
    return Plan("rewrite", (Part(rewritten, part.variable, part.names),), lambda found: found[0], note)
