"""Functions of one argument, and the chain rule where that argument is itself a function.

(f∘g∘h)' = f'(g(h)) · g'(h) · h': a chain of any length is one step, with a name for each inner function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from calcopt.calculus.steps.derivation import Part, Plan
from calcopt.calculus.steps.forms import ONE, ZERO, one_less, over, power, times
from calcopt.calculus.steps.functions import FLAT, NOTES, SLOPES, exponential_slope
from calcopt.calculus.steps.inverses import INVERSES, Inverse, base_of, domain_note, logarithm, replaced
from calcopt.calculus.steps.scope import Scope, is_variable
from calcopt.expression.tree import Call, Constant, Expr, Pow, Symbol, postorder, substitute


class Layer(NamedTuple):
    """A function of the one argument that depends on the variable, at ``place`` among the arguments."""

    function: Expr
    place: int

    @property
    def argument(self) -> Expr:
        return self.function.args[self.place]

    def of(self, argument: Expr) -> Expr:
        """The same function of another argument."""
        args = list(self.function.args)
        args[self.place] = argument
        return self.function.rebuild(tuple(args))


def layer(node: Expr, variable: str, scope: Scope) -> Layer | None:
    """``node`` as a function of one varying argument, None where it is none."""
    if isinstance(node, Call):
        known = node.name in SLOPES or node.name in INVERSES or base_of(node) is not None
        if not known or (len(node.args) == 2 and scope.depends(node.args[1], variable)):
            return None
        return Layer(node, 0)
    if not isinstance(node, Pow):
        return None
    varying = [scope.depends(arg, variable) for arg in node.args]
    return None if all(varying) else Layer(node, varying.index(True))


def layered(part: Part, scope: Scope) -> Plan | None:
    """The rule for a function of one argument, or the chain rule; None where it is none."""
    if isinstance(part.function, Call) and part.function.name in FLAT:
        return Plan(FLAT[part.function.name][0], (), lambda found: ZERO, FLAT[part.function.name][1])
    outer = layer(part.function, part.variable, scope)
    if outer is None:
        return None
    if is_variable(outer.argument, part.variable):
        return _basic(outer, part, scope)
    chain = [outer]
    while True:
        argument = chain[-1].argument
        deeper = layer(argument, part.variable, scope) if scope.depends(argument, part.variable) else None
        if deeper is None or is_variable(deeper.argument, part.variable):
            return _chain(chain, argument, part, scope)
        chain.append(deeper)


def _chain(chain: Sequence[Layer], innermost: Expr, part: Part, scope: Scope) -> Plan:
    names = scope.names(len(chain), part.names)
    used = part.names + len(chain)
    symbols: list[Expr] = [Symbol(name) for name in names]
    outside = [one.of(symbol) for one, symbol in zip(chain, symbols, strict=True)]
    parts = [Part(function, name, used) for function, name in zip(outside, names, strict=True)]
    inside = [*outside[1:], innermost]

    def combine(found: Sequence[Expr]) -> Expr:
        slopes = [
            substitute(slope, {name: one.argument}) for slope, name, one in zip(found[:-1], names, chain, strict=True)
        ]
        return times(*slopes, found[-1])

    named = tuple(zip(names, inside, strict=True))
    return Plan("chain", (*parts, Part(innermost, part.variable, used)), combine, names=named)


def _basic(outer: Layer, part: Part, scope: Scope) -> Plan:
    """The rule of the function itself, of the bare variable."""
    function, x = outer.function, outer.argument
    if isinstance(function, Pow):
        return _of_power(function, outer.place)
    assert isinstance(function, Call)
    base = base_of(function)
    if base is not None:
        return _logarithm(function, base, part, scope)
    if function.name in INVERSES:
        return _inverse(function, INVERSES[function.name], part, scope)
    rule, slope = SLOPES[function.name]
    return Plan(rule, (), lambda found: slope(x), NOTES.get(function.name, "").format(u=x))


def _of_power(function: Pow, place: int) -> Plan:
    base, exponent = function.args
    if place == 0:
        return Plan("power", (), lambda found: times(exponent, power(base, one_less(exponent))))
    rule = "exponential" if base is Constant("e") else "exponential base a"
    return Plan(rule, (), lambda found: exponential_slope(base, exponent))


def _logarithm(function: Call, base: Expr, part: Part, scope: Scope) -> Plan:
    """log_a(x)' = 1/(x·log a), because the logarithm undoes the exponential."""
    if part.proof:
        return _inverse(function, logarithm(base), part, scope)
    return Plan("logarithm", (replace(part, proof=True),), lambda found: found[0])


def _inverse(function: Call, inverse: Inverse, part: Part, scope: Scope) -> Plan:
    """g'(y) = 1/f'(g(y)) for the inverse g of f."""
    (name,) = scope.names(1, part.names)
    u: Expr = Symbol(name)
    undone = inverse.undone(u)
    argument = function.args[0]
    identities = inverse.identities(function, argument)

    def raw(found: Sequence[Expr]) -> Expr:
        return over(ONE, substitute(found[0], {name: function}))

    def combine(found: Sequence[Expr]) -> Expr:
        return replaced(raw(found), identities)

    def note(found: Sequence[Expr]) -> str:
        where = domain_note(function.name).replace("u", name)
        undoes = f"{function} undoes f({name}) = {undone}{' ' if where else ''}{where}"
        inside = set(postorder(raw(found)))
        equal = ", ".join(f"{left} = {right}" for left, right in identities.items() if left in inside)
        return f"{undoes}; 1/f'({function}) = {raw(found)}, where {equal}" if equal else undoes

    return Plan("inverse function", (Part(undone, name, part.names + 1),), combine, note)
