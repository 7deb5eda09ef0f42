"""The formulas of ``diff`` and ``classify-critical`` as LaTeX, one a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from calcopt.errors import UsageError
from calcopt.records import CriticalPoint, CriticalPoints, Derivatives, Limit
from calcopt.render import notation as write_name
from calcopt.render.notation import Notation, default_notation, symbol


def lines(record: object, to_latex: Callable[[str], str], *, notation: Notation | None = None) -> Iterator[str]:
    """Lines such as ``f'\\left(x\\right) = 2 x``; ``to_latex`` turns a formula in calcopt's syntax into LaTeX."""
    match record:
        case Derivatives():
            style = notation or default_notation(record.variables)
            if record.steps:
                from calcopt.render import derivation

                yield from derivation.lines(record, style)
            else:
                for item in record.derivatives:
                    name = write_name.latex(item.with_respect_to, record.variables, record.name, style)
                    yield f"{name} = {item.latex}"
            yield from (_limit(found, record) for found in record.limits if found.exact is not None)
        case CriticalPoints():
            yield from (_point(point, to_latex) for point in record.points)
            for continuum in record.continua:
                yield (
                    r",\; ".join(_equation(text, to_latex) for text in continuum.equations)
                    + r" \quad \text{all critical}"
                )
        case _:
            raise UsageError("--latex prints formulas, and this command has none", hint="use --json, --csv or --quiet")


def _limit(found: Limit, record: Derivatives) -> str:
    """``\\lim_{n \\to \\infty} \\left(…\\right) = e``."""
    target = {"inf": r"\infty", "-inf": r"-\infty"}.get(found.target, found.target)
    side = {"both": "", "left": "^{-}", "right": "^{+}"}[found.side]
    return rf"\lim_{{{symbol(found.variable)} \to {target}{side}}} \left({record.latex}\right) = {found.latex}"


def _point(point: CriticalPoint, to_latex: Callable[[str], str]) -> str:
    """``x = \\frac{1}{2},\\; y = 0 \\quad \\text{local minimum}``: exact where it is known."""
    written: Mapping[str, object] = point.exact or point.x or {}
    place = r",\; ".join(f"{symbol(name)} = {to_latex(str(value))}" for name, value in written.items())
    return place + (rf" \quad \text{{{point.classification}}}" if point.classification else "")


def _equation(text: str, to_latex: Callable[[str], str]) -> str:
    """``x = 0`` with both sides in LaTeX."""
    return " = ".join(to_latex(side.strip()) for side in text.split("="))
