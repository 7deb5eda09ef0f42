"""How a step is written in either notation: the derivative that is asked for, and the rule that gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from calcopt.records import Name, Step
from calcopt.render.notation import Notation, symbol

LAGRANGE = {
    "scalar multiple": "c·f'",
    "product": "f'·g + f·g'",
    "quotient": "(f'·g − f·g')/g²",
    "inverse function": "1/f'(f⁻¹)",
}
LEIBNIZ = {
    "scalar multiple": "c·{d}f/{d}x",
    "product": "{d}f/{d}x·g + f·{d}g/{d}x",
    "quotient": "({d}f/{d}x·g − f·{d}g/{d}x)/g²",
    "inverse function": "1/(df/du)",
}


def operator(formula: str, variable: str, variables: Sequence[str], style: Notation) -> str:
    """``[x^2]'`` or ``d/dx[x^2]``; for several variables ``[x*y]_x`` or ``∂/∂x[x*y]``."""
    partial = len(variables) > 1 and variable in variables
    if style == "leibniz":
        mark = "∂" if partial else "d"
        return f"{mark}/{mark}{variable}[{formula}]"
    return f"[{formula}]_{variable}" if partial else f"[{formula}]'"


def conclusion(step: Step, variables: Sequence[str], style: Notation) -> str:
    """What the rule says the derivative is, such as ``f'·g + f·g'``; nothing where it only puts parts together."""
    by = step.with_respect_to[-1]
    if step.rule == "chain":
        return chain([item.name for item in step.names], by, variables, style)
    if style == "lagrange":
        return LAGRANGE.get(step.rule, "")
    mark = "∂" if len(variables) > 1 and by in variables else "d"
    other = "u" if step.rule == "inverse function" else by
    return LEIBNIZ.get(step.rule, "").replace("{d}x", f"{mark}{other}").replace("{d}", mark)


def chain(names: Sequence[str], variable: str, variables: Sequence[str], style: Notation) -> str:
    """``f'(u)·u'`` or ``dy/du·du/dx``; a long chain without its middle."""
    if style == "lagrange":
        links = [f"f'({names[0]})", *(f"{a}'({b})" for a, b in pairwise(names)), f"{names[-1]}'"]
    else:
        mark = "∂" if len(variables) > 1 and variable in variables else "d"
        links = [f"dy/d{names[0]}", *(f"d{a}/d{b}" for a, b in pairwise(names))]
        links.append(f"{mark}{names[-1]}/{mark}{variable}")
    return "·".join(links if len(links) <= 6 else [*links[:3], "…", *links[-2:]])


def abbreviated(root: Step) -> Step:
    """``root`` with the names of its short form for the functions they stand for: s for sigmoid(w*x + b)."""
    names = [] if root.short_form is None else [name for name in root.short_form.names if name.name.isidentifier()]
    pairs = [name for name in names if name.formula.endswith(")") and name.formula.startswith("sigmoid(")]
    return _abbreviated(root, pairs) if pairs else root


def _abbreviated(step: Step, names: Sequence[Name]) -> Step:
    def text(formula: str) -> str:
        for item in names:
            formula = formula.replace(item.formula, item.name)
        return formula

    def latex(formula: str) -> str:
        for item in names:
            formula = formula.replace(item.latex, symbol(item.name))
        return formula

    inner = tuple(replace(item, formula=text(item.formula), latex=latex(item.latex)) for item in step.names)
    return replace(
        step,
        function=text(step.function),
        derivative=text(step.derivative),
        function_latex=latex(step.function_latex),
        derivative_latex=latex(step.derivative_latex),
        note=text(step.note),
        names=inner,
        steps=tuple(_abbreviated(part, names) for part in step.steps),
    )
