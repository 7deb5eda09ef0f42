"""A derivation as it is shown: a tree of steps, one rule each; and tables of slopes and values that tend to a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Name:
    """A name for a part of a formula: u = x²."""

    name: str
    formula: str
    latex: str


@dataclass(frozen=True, slots=True)
class ShortForm:
    """The same result with names for its parts: −x·(y − s), where s = σ(w·x + b). Formulas in calcopt's syntax."""

    expression: str
    latex: str
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """∂ ``function`` / ∂ ``with_respect_to`` = ``derivative`` by ``rule``, which follows from ``steps``.

    ``names`` are the abbreviations of the chain rule, outermost first, each in terms of the next; ``held_fixed`` the
    other variables of a partial derivative.
    """

    rule: str
    function: str
    derivative: str
    with_respect_to: tuple[str, ...]
    function_latex: str
    derivative_latex: str
    note: str = ""
    names: tuple[Name, ...] = ()
    held_fixed: tuple[str, ...] = ()
    short_form: ShortForm | None = None
    steps: tuple[Step, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Step]]:
        """(depth, step) for this step and all below, parts before wholes."""
        for step in self.steps:
            yield from step.walk(depth + 1)
        yield depth, self


@dataclass(frozen=True, slots=True)
class Secant:
    """The slopes (f(a + h) − f(a))/h and (f(a) − f(a − h))/h of secants; None where f has no value."""

    step: float
    right: float | None
    left: float | None


@dataclass(frozen=True, slots=True)
class SecantTable:
    """Secants along ``variable`` through the point ``at``, and what their slopes tend to from both sides.

    ``slope`` is that of the tangent, None where both sides do not agree; ``message`` says why.
    """

    variable: str
    at: Mapping[str, float]
    rows: tuple[Secant, ...]
    left: float | None
    right: float | None
    slope: float | None
    message: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit of a formula as ``variable`` → ``target``, with the values that approach it.

    ``exact`` is SymPy's answer, kept only where the table agrees with it; ``value`` is None where none was found.
    ``side`` is the side from which the target is approached.
    """

    function: str
    variable: str
    target: str
    side: Literal["both", "left", "right"]
    exact: str | None
    latex: str | None
    value: float | None
    rows: tuple[tuple[float, float | None], ...]
    message: str
