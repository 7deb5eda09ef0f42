"""Secants towards a tangent, and limits: each number is confirmed by the table beside it before it is claimed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from calcopt.errors import UsageError, did_you_mean
from calcopt.expression.tree import Expr, Formula, Sum, free_names, postorder

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.approach import Target
    from calcopt.records.steps import Limit, SecantTable

POWERS = range(7)
"""The table goes through 10⁰ … 10⁶ towards infinity, and through distances of 10⁰ … 10⁻⁶ towards a number."""
SAMPLES = 3
"""Points of the other letters at which a limit that holds them is confirmed."""
INFINITIES: dict[str, Literal["inf", "-inf"]] = {
    spelling: "-inf" if spelling.startswith("-") else "inf"
    for word in ("inf", "infinity", "oo", "∞")
    for spelling in (word, f"+{word}", f"-{word}")
}


def secants_of(partials: Partials, points: Sequence[Mapping[str, Expr]]) -> tuple[SecantTable, ...]:
    """A table for every point and variable."""
    return tuple(_secants(partials, name, point) for point in points for name in partials.names)


def _secants(partials: Partials, name: str, point: Mapping[str, Expr]) -> SecantTable:
    from calcopt.calculus.algebra.at_point import PointValues
    from calcopt.calculus.approach import as_float
    from calcopt.calculus.precise import evaluate_float
    from calcopt.calculus.secants import STEPS, secant_slopes, tends_to
    from calcopt.records.steps import Secant, SecantTable

    slopes = secant_slopes(partials.body, name, point)
    left, right = _one_sided(partials, name, point)
    left = left if left is not None and tends_to([pair[0] for pair in slopes], left) else None
    right = right if right is not None and tends_to([pair[1] for pair in slopes], right) else None
    values = PointValues(partials, point)
    slope = values.derivative((name,)).number
    if slope is not None and (left is None or right is None):
        slope = None
    rows = [Secant(float(h), as_float(pair[1]), as_float(pair[0])) for h, pair in zip(STEPS, slopes, strict=True)]
    return SecantTable(
        variable=name,
        at={key: evaluate_float(value, {}) for key, value in point.items()},
        rows=tuple(rows),
        left=as_float(left),
        right=as_float(right),
        slope=slope,
        message=_said(as_float(left), as_float(right), slope, values.remarks),
    )


def _one_sided(partials: Partials, name: str, point: Mapping[str, Expr]) -> tuple[Any | None, Any | None]:
    """Limits of f' from the left and right, where f itself comes to its value; at most points that is f'."""
    from calcopt.calculus.sides import one_sided

    sides = one_sided(partials.body, [partials.tree((name,))], name, point)
    found = [side.limits[0] if side.approach == "continuous" else None for side in (sides.left, sides.right)]
    return found[0], found[1]


def _said(left: float | None, right: float | None, slope: float | None, remarks: Sequence[str]) -> str:
    if slope is not None:
        return f"both sides tend to {_shown(slope)}, the slope of the tangent"
    if left is not None and right is not None:
        return f"no tangent: the slopes tend to {_shown(left)} from the left and to {_shown(right)} from the right"
    return "no tangent was found" + (f": {remarks[0]}" if remarks else "")


def _shown(number: float) -> str:
    text = f"{number:.10g}"
    return text.replace("-", "−")


def limits_of(formula: Formula, text: str) -> tuple[Limit, ...]:
    """The limit of the function as ``text`` says (``n=inf``, ``x=0``, ``x=0+``): one, or one for each side.

    Raises UsageError for a place that makes no sense.
    """
    variable, target, sides = _asked(formula, text)
    found = [_limit(formula.body, variable, target, side) for side in sides]
    if len(found) == 1:
        return (found[0],)
    left, right = found
    if left.value == right.value and left.exact == right.exact and left.message == right.message:
        return (replace(left, side="both", rows=(*left.rows, *right.rows)),)
    if left.exact is not None and right.exact is not None:
        apart = f"; the other side tends to something else, so there is no limit as {variable} → {target}"
        return (replace(left, message=left.message + apart), replace(right, message=right.message + apart))
    return (left, right)


def _asked(formula: Formula, text: str) -> tuple[str, Target, tuple[int, ...]]:
    """The variable, where it goes, and from which sides."""
    from calcopt.problem.assignments import value_of

    name, mark, place = (part.strip() for part in text.rpartition("="))
    present = tuple(name for name in free_names(formula.body) if not name.endswith("[]"))
    known = present or ("x",)
    if not mark:
        if len(known) > 1:
            raise UsageError("--limit needs the name of a variable", hint=f"type --limit {known[0]}={place or 0}")
        name = known[0]
    if name not in known:
        close = did_you_mean(name, known)
        raise UsageError(f"the function has no variable {name!r}", hint=f"did you mean {close!r}?" if close else None)
    _refuse_long_sums(formula.body, name)
    if place in INFINITIES:
        return name, INFINITIES[place], (-1,)
    sides: tuple[int, ...] = (-1, 1)
    if place[-1:] in "+-" and len(place) > 1:
        place, sides = place[:-1].strip(), (1,) if place.endswith("+") else (-1,)
    start = len(text) - len(text.rpartition("=")[2].lstrip())
    return name, value_of(text, (start, start + len(place))), sides


def _refuse_long_sums(function: Expr, variable: str) -> None:
    """A sum up to n has 10³⁰ terms at n = 10³⁰: its limit cannot be confirmed."""
    for node in postorder(function):
        if isinstance(node, Sum) and variable in {*free_names(node.lower), *free_names(node.upper)}:
            raise UsageError(f"the limit of a sum whose bound is {variable} is beyond --limit")


def _limit(function: Expr, variable: str, target: Target, side: int) -> Limit:
    from calcopt.calculus.algebra.limits import limit_in_child
    from calcopt.calculus.approach import as_float, borne_out, settled
    from calcopt.calculus.precise import evaluate
    from calcopt.expression.latex import to_latex
    from calcopt.records.steps import Limit

    others = sorted({*free_names(function)} - {variable})
    rows = () if others else _rows(function, variable, target, side)
    claimed = limit_in_child(function, variable, target, 1 if side > 0 else -1)
    samples = _samples(others) if others else [{}]
    sure = claimed is not None and all(borne_out(function, variable, target, side, claimed, at) for at in samples)
    exact, value = claimed if sure else None, None
    if isinstance(exact, Expr):
        message = "exact, and confirmed by the values" if not others else "exact, and confirmed at sample values"
        value = None if others else as_float(evaluate(exact, {}))
    elif exact is not None:
        message = f"the values grow beyond all bounds{', downwards' if exact == '-inf' else ''}"
    else:
        rest = None if others else settled(function, variable, target, side)
        nowhere = bool(rows) and all(value is None for _, value in rows)
        message = "not found: the function has no values there" if nowhere else "not found"
        if rest is not None:
            message = f"not found exactly; the values settle at {_shown(float(rest))}"
    return Limit(
        function=str(function),
        variable=variable,
        target=str(target),
        side="both" if isinstance(target, str) else "right" if side > 0 else "left",
        exact=None if exact is None else str(exact),
        latex=to_latex(exact) if isinstance(exact, Expr) else {"inf": r"\infty", "-inf": r"-\infty"}.get(str(exact)),
        value=value,
        rows=rows,
        message=message,
    )


def _rows(function: Expr, variable: str, target: Target, side: int) -> tuple[tuple[float, float | None], ...]:
    from calcopt.calculus.approach import as_float, value_at

    found = []
    for power in POWERS:
        at, value = value_at(function, variable, target, side, power, {})
        found.append((float(at), as_float(value)))
    return tuple(found)


def _samples(names: Sequence[str]) -> list[dict[str, Fraction]]:
    source = random.Random(0)
    return [{name: Fraction(source.randint(200, 2000), 1009) for name in names} for _ in range(SAMPLES)]
