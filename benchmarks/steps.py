"""What an explained derivative costs without the imports, beside SymPy's derivative and simplification alone.

    python benchmarks/steps.py

A formula of 50 nodes; the goal is 20 ms for its steps, their texts and LaTeX, and the checked short form.
"""

from __future__ import annotations

import statistics

from peers import compare, seconds

FUNCTION = "sin(x^2)*exp(-x/2)/(1 + x^2) + log(1 + sqrt(x))*atan(3x) - x^3*cos(2x + 1)^2 + 2^x + tan(x/5)/7 + 1"
LOSS = "-y*log(sigmoid(w1*x1 + w2*x2 + b)) - (1 - y)*log(1 - sigmoid(w1*x1 + w2*x2 + b))"
MILLISECONDS = 20
ROUNDS = 15


def main() -> None:
    """The goal in milliseconds, then the ratios."""
    import sympy

    from calcopt.api.steps import steps_of
    from calcopt.calculus.algebra.into import to_sympy
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.expression import parse

    for what, text, name in (("50 nodes", FUNCTION, "x"), ("log loss of a perceptron", LOSS, "w1")):
        body = parse(text).body
        partials = Partials(body, (name,))
        partials.tree((name,))  # plain diff needs the simplified derivative too: it is no cost of the steps

        def explain(body=body, partials=partials, name=name) -> object:  # type: ignore[no-untyped-def]
            return steps_of(body, (name,), partials, every=False)

        def derive(body=body, name=name) -> object:  # type: ignore[no-untyped-def]
            sympy.core.cache.clear_cache()
            return sympy.factor_terms(sympy.diff(to_sympy(body), sympy.Symbol(name, real=True)))

        explain()
        median = statistics.median(seconds(explain) for _ in range(ROUNDS)) * 1e3
        verdict = "reached" if median <= MILLISECONDS else "MISSED"
        print(f"{f'steps of {what}':<64} {median:10.3f} ms   goal ≤ {MILLISECONDS} ms  {verdict}")
        compare(f"steps of {what} / SymPy's derivative alone", explain, derive, goal=1, rounds=ROUNDS)


if __name__ == "__main__":
    main()
