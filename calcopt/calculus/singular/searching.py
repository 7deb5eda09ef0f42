"""All zeros of a function of one variable in a window, by bisection of intervals; each found one to 150 digits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate, sign_of
from calcopt.calculus.singular.germs import DIGITS, NoValues, Undecided
from calcopt.calculus.singular.intervals import Empty, Interval, Unknown, enclose
from calcopt.expression.tree import Expr

MOST_BOXES = 3000
MOST_ZEROS = 100
NARROWEST = 1e-9
BISECTIONS = 60
STEPS = 14
HIGHEST_ORDER = 8


@dataclass(slots=True)
class Found:
    """``complete`` when every other point of the window is proved not to be a zero; ``everywhere`` when that holds on
    the whole line."""

    numbers: list[Any] = field(default_factory=list)
    complete: bool = True
    everywhere: bool = False


def zeros_in_window(tree: Expr, name: str, window: tuple[Fraction, Fraction]) -> Found:
    """Every zero of ``tree`` in the window, and beyond it where enclosures on half-lines show that there is none.

    An interval is dropped where the enclosure of the values excludes 0; where that of the slope does, the signs at the
    ends tell whether there is one zero or none. Intervals too small to cut are kept as candidates, ``complete`` false.
    """
    found = Found()
    low, high = float(window[0]), float(window[1])
    left, right = _tail(tree, name, low), _tail(tree, name, high)
    found.everywhere = None not in (left, right)
    work: list[Interval] = [(low, high)]
    if left is not None and right is not None:
        work += [(left, low)] if left < low else []
        work += [(high, right)] if right > high else []
    work = [piece for interval in work for piece in _around_multiple_zero(tree, name, interval, found)]
    smallest = NARROWEST * (high - low)
    if not _is_known(tree, name, (low, high)):
        return Found(complete=False)
    boxes = 0
    while work:
        a, b = work.pop()
        boxes += 1
        if boxes > MOST_BOXES or len(found.numbers) > MOST_ZEROS:
            found.complete = False
            break
        if _decided(tree, name, (a, b), found):
            continue
        if b - a <= smallest:
            _keep_candidate(tree, name, (a, b), found)
            continue
        middle = a + 0.496 * (b - a)
        work += [(middle, b), (a, middle)]
    found.numbers.sort()
    return found


def _is_known(tree: Expr, name: str, interval: Interval) -> bool:
    """False for formulas with operations that are not enclosed: no bisection would help."""
    try:
        enclose(tree, name, interval)
    except Unknown:
        return False
    except Empty:
        return True
    return True


def _around_multiple_zero(tree: Expr, name: str, interval: Interval, found: Found) -> list[Interval]:
    """The interval without the surroundings of a multiple zero at 0, such as those of x cos x − sin x.

    There f has a zero of order m; on an interval where f^(m) has no zero there is no other one, by Rolle's theorem.
    """
    if not interval[0] < 0 < interval[1]:
        return [interval]
    order = _order_of_zero(tree, name)
    if order is None or not 2 <= order <= HIGHEST_ORDER:
        return [interval]
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.errors import MathError

    try:
        derivative = Partials(tree, [name]).tree((name,) * order)
    except MathError:
        return [interval]
    for width in (1.0, 0.25, 0.05, 0.01, 0.001):
        try:
            near = enclose(derivative, name, (-width, width))
        except (Empty, Unknown):
            continue
        if near.smooth and (near.value[0] > 0 or near.value[1] < 0):
            _add(found, mpf(0))
            return [piece for piece in ((interval[0], -width), (width, interval[1])) if piece[0] < piece[1]]
    return [interval]


def _order_of_zero(tree: Expr, name: str) -> int | None:
    """m with f = c·x^m + … on both sides of 0, or None."""
    from calcopt.calculus.singular.expansion import germ_along

    try:
        leads = [germ_along(tree, {name: (mpf(0), mpf(side))}).lead() for side in (-1, 1)]
    except (NoValues, Undecided):
        return None
    (e, b, _), (f, d, _) = leads
    return int(e) if e == f and not b and not d and e.denominator == 1 else None


def _tail(tree: Expr, name: str, end: float) -> float | None:
    """A point at or beyond ``end`` (±10, ±100 …) past which the enclosure on the half-line excludes a zero."""
    for point in (end, end * 10, end * 100):
        half_line = (-math.inf, point) if end < 0 else (point, math.inf)
        try:
            low, high = enclose(tree, name, half_line).value
        except Empty:
            return point
        except Unknown:
            return None
        if low > 0 or high < 0:
            return point
    return None


def _decided(tree: Expr, name: str, interval: Interval, found: Found) -> bool:
    try:
        enclosure = enclose(tree, name, interval)
    except Empty:
        return True
    except Unknown:
        return False
    low, high = enclosure.value
    if low > 0 or high < 0:
        return True
    if not enclosure.smooth or enclosure.slope[0] <= 0 <= enclosure.slope[1]:
        return False
    ends = [sign_of(tree, {name: Fraction(x)}) for x in interval]
    if None in ends:
        return False
    for x, sign in zip(interval, ends, strict=True):
        if sign == 0:
            _add(found, mpf(x))
    if ends[0] and ends[1] and ends[0] != ends[1]:
        _add(found, refined(tree, name, _bisected(tree, name, interval, ends[0])))
    return True


def _add(found: Found, number: Any) -> None:
    with workdps(DIGITS):
        if not any(abs(number - other) <= mpf(10) ** -40 * (1 + abs(number)) for other in found.numbers):
            found.numbers.append(number)


def _bisected(tree: Expr, name: str, interval: Interval, sign_left: int) -> Any:
    a, b = mpf(interval[0]), mpf(interval[1])
    for _ in range(BISECTIONS):
        middle = (a + b) / 2
        value = evaluate(tree, {name: middle}, digits=40)
        if value is None or value == 0:
            return middle
        a, b = (middle, b) if (value > 0) == (sign_left > 0) else (a, middle)
    return (a + b) / 2


def _keep_candidate(tree: Expr, name: str, interval: Interval, found: Found) -> None:
    """A double zero, or a point that intervals cannot decide: a zero only when the value there says so."""
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.errors import MathError

    found.complete = False
    if any(abs(number - interval[0]) <= 1e-5 * (1 + abs(interval[0])) for number in found.numbers):
        return
    start = mpf(interval[0] + interval[1]) / 2
    try:
        slope = Partials(tree, [name]).tree((name,))
    except MathError:
        return
    for number in (refined(tree, name, start), refined(slope, name, start)):
        with workdps(DIGITS):
            value = evaluate(tree, {name: number}, digits=DIGITS)
            if value is not None and abs(value) <= mpf(10) ** -100 and abs(number - start) <= mpf(10) ** -5:
                _add(found, number)
                return


def refined(tree: Expr, name: str, number: Any) -> Any:
    """A simple zero near ``number``, to 150 digits, by secant steps; ``number`` itself where they do not settle."""
    with workdps(DIGITS + 20):
        x, before = mpf(number), mpf(number) + mpf(10) ** -12 * (1 + abs(number))
        value, value_before = (evaluate(tree, {name: at}, digits=DIGITS + 20) for at in (x, before))
        for _ in range(STEPS):
            if value is None or value_before is None or value == value_before or value == 0:
                break
            step = value * (x - before) / (value - value_before)
            before, value_before = x, value
            x = x - step
            value = evaluate(tree, {name: x}, digits=DIGITS + 20)
            if abs(step) <= mpf(10) ** -(DIGITS + 5) * (1 + abs(x)):
                break
        settled = value is not None and mp.isfinite(x) and abs(x - number) <= mpf(10) ** -5 * (1 + abs(number))
        return x if settled else mpf(number)
