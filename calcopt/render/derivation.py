"""Steps as LaTeX: an aligned derivation, a line a step, each after those it follows from (needs amsmath)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calcopt.records import Derivative, Derivatives, Step
from calcopt.render import notation as write_name
from calcopt.render.notation import Notation, symbol
from calcopt.render.reasons import abbreviated


def lines(record: Derivatives, style: Notation) -> Iterator[str]:
    """An ``align*`` environment for each derivative."""
    for root, item in zip(record.steps, record.derivatives, strict=True):
        rows = list(_rows(root, item, record, style))
        yield r"\begin{align*}"
        yield from (f"{row} \\\\" for row in rows[:-1])
        yield rows[-1]
        yield r"\end{align*}"


def _rows(root: Step, item: Derivative, record: Derivatives, style: Notation) -> Iterator[str]:
    """The steps, and each derivative under its own name once it is found."""
    short = abbreviated(root)
    if short is not root and root.short_form is not None:
        for given in root.short_form.names:
            yield f"{symbol(given.name)} &= {given.latex}"
    stages = short.steps if root.rule == "higher order" else (short,)
    for order, stage in enumerate(stages, start=1):
        for depth, step in stage.walk():
            if depth or step.rule != "simplify":
                by = step.with_respect_to[-1]
                yield _row(_operator(step.function_latex, by, record.variables, style), step)
        by_so_far = item.with_respect_to[:order]
        name = write_name.latex(by_so_far, record.variables, record.name, style)
        reason = rf" && \text{{{stage.rule}}}" if stage.rule == "simplify" else ""
        found = root.derivative_latex if order == len(stages) else stage.derivative_latex
        yield f"{name} &= {found}{reason}"
    if short is not root and root.short_form is not None:
        yield f"&= {root.short_form.latex}"
    elif root.short_form is not None:
        where = r",\; ".join(f"{symbol(given.name)} = {given.latex}" for given in root.short_form.names)
        yield f"&= {root.short_form.latex}" + (rf" && \text{{where }} {where}" if where else "")


def _row(left: str, step: Step) -> str:
    named = "".join(rf",\; {symbol(given.name)} = {given.latex}" for given in step.names)
    return rf"{left} &= {step.derivative_latex} && \text{{{step.rule}}}{named}"


def _operator(formula: str, variable: str, variables: Sequence[str], style: Notation) -> str:
    """``\\frac{d}{dx}\\left(…\\right)`` or ``\\left[…\\right]'``."""
    partial = len(variables) > 1 and variable in variables
    if style == "leibniz":
        mark = r"\partial" if partial else r"\mathrm{d}"
        return rf"\frac{{{mark}}}{{{mark} {symbol(variable)}}} \left({formula}\right)"
    return rf"\left[{formula}\right]" + (f"_{{{symbol(variable)}}}" if partial else "'")
