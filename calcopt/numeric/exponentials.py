"""Logarithms of long sums of exponentials, shifted so that nothing overflows: log Σ eᵘ = m + log Σ eᵘ⁻ᵐ for any m.

The engine takes m = ⌊max u⌋ at each point. Short sums need none of this: the graph has a primitive for them.

Reference: P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions (2021).
"""

from __future__ import annotations

from calcopt.expression.tree import Add, Call, Div, Expr, Mul, Neg, Number, Sum

_DEEPEST = 8  # sums, products and signs between the logarithm and its exponentials


def exponents(node: Expr, depth: int = _DEEPEST) -> Expr | None:
    """The same sums over u instead of c·eᵘ, and over 0 for other terms; None when there is no exponential.

    Each u is the argument of a ``max`` of one, which keeps its own sums together.
    """
    found: list[Expr | None]
    if isinstance(node, Call) and node.name == "exp":
        return Call("max", *node.args)  # type: ignore[no-any-return]
    if not depth:
        return None
    if isinstance(node, Add):
        found = [exponents(term, depth - 1) for term in node.args]
        terms = [Call("max", Number(0)) if term is None else term for term in found]
        return Add(*terms) if any(found) else None
    if isinstance(node, Sum):
        body = exponents(node.body, depth - 1)
        return body and Sum(node.index, body, node.lower, node.upper)
    if isinstance(node, (Mul, Div, Neg)):
        found = [exponents(factor, depth - 1) for factor in (node.args[:1] if isinstance(node, Div) else node.args)]
        several = [factor for factor in found if factor is not None]
        return several[0] if len(several) == 1 else None
    return None


def shifted(node: Expr, m: Expr) -> Expr:
    """e⁻ᵐ · node, with the factor taken into the exponentials that ``exponents`` finds."""
    if exponents(node) is None:
        return Mul(node, Call("exp", Neg(m)))  # type: ignore[no-any-return]
    if isinstance(node, Call):
        return Call("exp", Add(node.args[0], Neg(m)))  # type: ignore[no-any-return]
    if isinstance(node, Sum):
        return Sum(node.index, shifted(node.body, m), node.lower, node.upper)  # type: ignore[no-any-return]
    if isinstance(node, Add):
        return Add(*[shifted(term, m) for term in node.args])  # type: ignore[no-any-return]
    # a product, a quotient or a sign: of its parts one alone holds exponentials
    part = next(arg for arg in node.args if exponents(arg) is not None)
    return node.rebuild(tuple(shifted(arg, m) if arg is part else arg for arg in node.args))
