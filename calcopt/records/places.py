"""Where a function has no derivative, and what its derivatives say between these places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PlaceKind = Literal[
    "corner",
    "cusp",
    "jump",
    "vertical tangent",
    "removable",
    "domain edge",
    "undefined",
    "undetermined",
    "smooth",
]
"""``undefined``: no value and no limit there (a pole, or an oscillation, as ``detail`` says). ``removable``: the limits
of both sides agree, the value does not (or there is none). ``smooth``: a switch where f is differentiable after all."""


@dataclass(frozen=True, slots=True)
class Place:
    """One switch of a formula at a point: ``left`` and ``right`` are the one-sided slopes (±inf, or None without one).

    ``left_limit`` and ``right_limit`` are those of f. With a ``period`` the place repeats at that distance, and
    ``family`` writes all of them: ``pi/2 + k*pi``. ``order``
    (of a smooth place): how often f is differentiable there; None where the expansion found no end to it.
    """

    at: Mapping[str, float]
    kind: PlaceKind
    left: float | None
    right: float | None
    left_limit: float | None = None
    right_limit: float | None = None
    value: float | None = None
    exact: Mapping[str, str] | None = None
    detail: str = ""
    period: str | None = None
    family: str | None = None
    order: int | None = None


@dataclass(frozen=True, slots=True)
class SwitchingSet:
    """Several variables: a curve or surface ``equation`` where f switches; ``kind`` is None where it is not one kind.

    ``samples`` points of it were examined. ``at``: the set is this single point, as for sqrt(x^2 + y^2).
    """

    equation: str
    kind: PlaceKind | None
    detail: str = ""
    samples: int = 0
    at: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Singularities:
    """Every place without a derivative. ``complete`` False: ``note`` says what was not examined."""

    places: tuple[Place, ...] = ()
    smooth: tuple[Place, ...] = ()
    sets: tuple[SwitchingSet, ...] = ()
    smooth_sets: tuple[SwitchingSet, ...] = ()
    complete: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """An interval: ``low`` and ``high`` (±inf without an end), the same as exact texts, and which ends belong to it."""

    low: float
    high: float
    ends: tuple[str, str]
    closed: tuple[bool, bool] = (False, False)

    @property
    def text(self) -> str:
        """``(-inf, -1)``, ``[0, sqrt(2)]``; ``{0}`` for a single point."""
        if self.low == self.high:
            return f"{{{self.ends[0]}}}"
        return f"{'[' if self.closed[0] else '('}{self.ends[0]}, {self.ends[1]}{']' if self.closed[1] else ')'}"


@dataclass(frozen=True, slots=True)
class Inflection:
    """A point where the graph changes from bending up to bending down or back; ``exact`` texts where there are any."""

    x: Mapping[str, float]
    value: float
    exact: Mapping[str, str] | None = None
    exact_value: str | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """Where a function of one variable is defined, rises and falls, and how it bends.

    A list is None where it is not known, and ``omitted`` says why. ``window`` is the part of the line that is meant,
    where it is not the whole line: the box, or one period. ``domain`` is its text, ``pieces`` its intervals.
    """

    domain: str | None = None
    pieces: tuple[Span, ...] | None = None
    increasing: tuple[Span, ...] | None = None
    decreasing: tuple[Span, ...] | None = None
    constant: tuple[Span, ...] = ()
    concave_up: tuple[Span, ...] | None = None
    concave_down: tuple[Span, ...] | None = None
    inflections: tuple[Inflection, ...] = ()
    window: str | None = None
    omitted: str = ""
