"""The iteration table: one row a step, fixed columns, a letter for what the step did, as Ipopt prints it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rich.console import RenderableType

from calcopt.records import Goal, Iteration
from calcopt.render.numbers import align, column, number, scientific
from calcopt.render.people.layout import Column, Layout, grid, note, stack, thinned

T = TypeVar("T")

LETTERS = {
    "N": "full Newton step",
    "B": "backtracked",
    "R": "Hessian regularized",
    "D": "cut back at the edge of the domain",
    "G": "gradient step",
    "M": "with momentum",
    "Q": "quasi-Newton step",
    "F": "full Gauss–Newton step",
    "L": "damped Gauss–Newton step",
    "C": "damped and curved along the geodesic",
    "A": "all variables moved together",
    "S": "middle of the bracket",
    "J": "along negative curvature, off a saddle",
}
MOST_VARIABLES = 6
GAP = "⋮"


def iteration_table(
    trace: Sequence[Iteration],
    variables: Sequence[str],
    goal: Goal,
    layout: Layout,
    *,
    symbol: str = "f",
    measure: str | None = None,
) -> RenderableType:
    """The table with its legend beneath; long traces are thinned unless ``layout.verbose``.

    ``measure`` names an entry of ``detail`` to be shown in the place of ‖∇f‖.
    """
    shown = thinned(len(trace), verbose=layout.verbose)
    before = [Column("iter", _cells(shown, trace, lambda steps: [str(step.iteration) for step in steps]))]
    after = _measures(shown, trace, goal, symbol, measure)
    room = layout.width - sum(item.width + 2 for item in before + after)
    places = _places(shown, trace, variables, room)
    return stack(grid([*before, *places, *after]), *_legend(shown, trace))


def _measures(
    shown: Sequence[int | None], trace: Sequence[Iteration], goal: Goal, symbol: str, measure: str | None
) -> list[Column]:
    """f, norms, step length and letter; a column that says nothing is left out."""
    columns = []
    if goal == "root":
        residuals = _cells(shown, trace, lambda steps: scientific([step.value for step in steps]))
        columns.append(Column("f" if len(trace[0].x) == 1 else "‖F‖", residuals))
    else:
        if measure is None:
            columns.append(
                Column(symbol, _cells(shown, trace, lambda steps: column([step.value for step in steps], 8)))
            )
            norms = _cells(shown, trace, lambda steps: scientific([step.gradient_norm for step in steps]))
            columns.append(Column(f"‖∇{symbol}‖" if len(trace[0].x) > 1 else f"|{symbol}'|", norms))
        else:  # a sum of squares falls by many powers of ten, and each value has its own digits
            cells = _cells(shown, trace, lambda steps: align([number(step.value) for step in steps]))
            columns.append(Column(symbol, cells))
            cells = _cells(shown, trace, lambda steps: [_measured(step.detail.get(measure)) for step in steps])
            columns.append(Column(measure, cells))
    steps = _cells(shown, trace, lambda steps: scientific([step.step_norm for step in steps], missing=""))
    columns.append(Column("‖step‖" if len(trace[0].x) > 1 else "|step|", steps))
    alphas = {step.detail["alpha"] for step in trace if "alpha" in step.detail}
    if len(alphas) > 1:
        cells = _cells(shown, trace, lambda steps: column([step.detail.get("alpha") for step in steps], 3, missing=""))
        columns.append(Column("α", cells))
    if _letters(trace) - {"G"}:
        columns.append(Column("", _cells(shown, trace, lambda steps: [step.step for step in steps]), "left", "cyan"))
    return columns


def _measured(value: float | None) -> str:
    """What is below rounding error has no digits worth showing."""
    return scientific([value])[0] if value is None or value >= 1e-15 else "< 1e-15"


def _places(
    shown: Sequence[int | None], trace: Sequence[Iteration], variables: Sequence[str], room: int
) -> list[Column]:
    """The first variables that fit, then an ellipsis."""
    columns: list[Column] = []
    for index, name in enumerate(variables[:MOST_VARIABLES]):
        cells = _cells(shown, trace, _coordinates(index))
        item = Column(name, cells)
        last = index + 1 == len(variables)
        if columns and item.width + 2 + (0 if last else 3) > room:
            break
        room -= item.width + 2
        columns.append(item)
    if len(columns) < len(variables):
        columns.append(Column("…", ["…" if place is not None else "" for place in shown], style="dim"))
    return columns


def _coordinates(index: int) -> Callable[[Sequence[Iteration]], list[str]]:
    return lambda steps: column([float(step.x[index]) for step in steps])


def _cells(
    shown: Sequence[int | None], trace: Sequence[Iteration], write: Callable[[Sequence[Iteration]], Sequence[str]]
) -> list[str]:
    """The texts of the rows shown, written together so that they align, and the mark in the gap."""
    written = iter(write([trace[place] for place in shown if place is not None]))
    cells = [None if place is None else next(written) for place in shown]
    width = max((len(cell) for cell in cells if cell is not None), default=0)
    return [GAP.center(width) if cell is None else cell for cell in cells]


def _letters(trace: Sequence[Iteration]) -> set[str]:
    return {step.step for step in trace if step.step.strip()}


def _legend(shown: Sequence[int | None], trace: Sequence[Iteration]) -> list[RenderableType]:
    letters = [letter for letter in LETTERS if letter in _letters(trace)] if _letters(trace) - {"G"} else []
    lines: list[RenderableType] = []
    if letters:
        lines.append(note(" · ".join(f"{letter} {LETTERS[letter]}" for letter in letters)))
    added = trace[-1].iteration + 1
    if added > len(trace):
        lines.append(note(f"{len(trace)} of {added} iterations were kept; --trace all keeps every one"))
    if None in shown:
        lines.append(note(f"{len(shown) - 1} of {len(trace)} rows; --verbose shows all of them"))
    return lines
