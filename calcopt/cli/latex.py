"""A printed formula as LaTeX, for ``--latex``."""

from __future__ import annotations


def to_latex(formula: str) -> str:
    """LaTeX of a formula in calcopt's own syntax, as it stands."""
    from calcopt.expression import parse
    from calcopt.expression.latex import to_latex as structural

    return structural(parse(formula).body)
