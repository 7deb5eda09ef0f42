"""Flags of a box, operation by operation: where f may be undefined, jump, be endlessly steep, or have a kink.

Flags are bits that gather upwards through the nodes of f itself (never of its derivatives); no bit means: defined and
twice continuously differentiable on the whole box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calcopt.numeric.intervals.arithmetic import Interval
from calcopt.numeric.intervals.elementary import has_pole_of_tan, on_cut_of_atan2

UNDEFINED, NOWHERE, JUMP, KINK, STEEP = 1, 2, 4, 8, 16
ROUGH = JUMP | STEEP | KINK
Flags: TypeAlias = "NDArray[np.uint8] | int"


def _flags(**bits: Any) -> Any:
    """The sum of the named bits where their conditions hold."""
    total: Any = 0
    for name, condition in bits.items():
        total = total | np.where(condition, np.uint8(_BITS[name]), np.uint8(0))
    return total


_BITS = {
    "partly": UNDEFINED | STEEP | KINK,
    "nowhere": UNDEFINED | NOWHERE | ROUGH,
    "jump": ROUGH,
    "steep": STEEP | KINK,
    "kink": KINK,
}


def _holds_zero(a: Interval) -> Any:
    return (a[0] <= 0.0) & (a[1] >= 0.0)


def _reciprocal(b: Interval) -> Any:
    return _flags(partly=_holds_zero(b), nowhere=(b[0] == 0.0) & (b[1] == 0.0))


def _above(least: float) -> Callable[[Interval], Any]:
    """A domain x > least, open."""
    return lambda a: _flags(partly=a[0] <= least, nowhere=a[1] <= least)


def _from(least: float) -> Callable[[Interval], Any]:
    """A domain x ≥ least, with an infinite slope at its end."""
    return lambda a: _flags(partly=a[0] < least, nowhere=a[1] < least, steep=a[0] <= least)


def _between(a: Interval) -> Any:
    """[−1, 1], with infinite slopes at its ends."""
    return _flags(
        partly=(a[0] < -1.0) | (a[1] > 1.0),
        nowhere=(a[1] < -1.0) | (a[0] > 1.0),
        steep=(a[0] <= -1.0) | (a[1] >= 1.0),
    )


def _strictly_between(a: Interval) -> Any:
    return _flags(partly=(a[0] <= -1.0) | (a[1] >= 1.0), nowhere=(a[1] <= -1.0) | (a[0] >= 1.0))


def _integers(a: Interval) -> Any:
    """floor and ceil jump at integers."""
    return _flags(jump=np.floor(a[1]) >= np.ceil(a[0]))


def _root(a: Interval, exponent: Any) -> Any:
    if exponent < 0:
        return _reciprocal(a)
    if exponent >= 2:
        return 0
    return _flags(steep=_holds_zero(a)) if exponent < 1 else _flags(kink=_holds_zero(a))


def _general_power(a: Interval, b: Interval) -> Any:
    """a^b: a > 0, and a = 0 where b > 0."""
    empty = (a[1] < 0.0) | ((a[1] == 0.0) & (b[1] < 0.0))
    return _flags(partly=(a[0] < 0.0) | ((a[0] <= 0.0) & (b[0] <= 0.0)), nowhere=empty, steep=a[0] <= 0.0)


def _tie(a: Interval, b: Interval) -> Any:
    return _flags(kink=(a[0] <= b[1]) & (a[1] >= b[0]))


DOMAINS: dict[str, Callable[..., Any]] = {
    "div": lambda a, b: _reciprocal(b),
    "log": _above(0.0),
    "log10": _above(0.0),
    "log2": _above(0.0),
    "sqrt": _from(0.0),
    "acosh": _from(1.0),
    "asin": _between,
    "acos": _between,
    "atanh": _strictly_between,
    "tan": lambda a: _flags(partly=has_pole_of_tan(a)),
    "acot": lambda a: _flags(jump=_holds_zero(a)),
    "atan2": lambda y, x: _flags(jump=on_cut_of_atan2(y, x)),
    "pow": _general_power,
    "abs": lambda a: _flags(kink=_holds_zero(a)),
    "relu": lambda a: _flags(kink=_holds_zero(a)),
    "sign": lambda a: _flags(jump=_holds_zero(a)),
    "step": lambda a: _flags(jump=_holds_zero(a)),
    "floor": _integers,
    "ceil": _integers,
    "min": _tie,
    "max": _tie,
}
"""Operation → flags that its arguments' enclosures raise; what is not listed raises none."""


def raised(op: str, payload: Any, operands: Sequence[Any]) -> Any:
    """The flags of one operation, 0 where there is nothing to tell."""
    if op == "root":
        return _root(operands[0], payload)
    if op == "powi":
        return _reciprocal(operands[0]) if payload < 0 else 0
    rule = DOMAINS.get(op)
    return 0 if rule is None else rule(*operands)


def merged(flags: Sequence[Flags]) -> Any:
    """The flags of an operation's arguments together."""
    total: Any = 0
    for item in flags:
        total = total | item
    return total


def joined(a: Flags, b: Flags) -> Any:
    """The flags of ``and`` and ``or``, which may have a value where one part has none."""
    a, b = np.asarray(a, dtype=np.uint8), np.asarray(b, dtype=np.uint8)
    return ((a | b) & ~np.uint8(NOWHERE)) | (a & b & np.uint8(NOWHERE))


def selected(condition: NDArray[np.bool_], of_condition: Flags, a: Flags, b: Flags) -> Any:
    """A choice has the flags of the side that is chosen; on the switch those of both, and a jump."""
    certain, possible = condition[2], condition[3]
    a, b = np.asarray(a, dtype=np.uint8), np.asarray(b, dtype=np.uint8)
    both = joined(a, b) | np.uint8(ROUGH)
    return np.where(certain, a, np.where(possible, both, b)) | of_condition
