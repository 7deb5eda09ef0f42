"""One iteration worked out on a blackboard: point, gradient, Hessian, linear system, test, new point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from calcopt.errors import printable
from calcopt.render.numbers import align, number
from calcopt.render.people.iterations import LETTERS
from calcopt.render.people.layout import Column, Layout, grid, heading, matrix, note, paragraph, stack

if TYPE_CHECKING:
    from calcopt.records import Matrix, Vector
    from calcopt.records.explained import Explained, Inequality, LinearSystem

MOST_NAMED = 12
"""Vectors are shown up to so many variables; of more, the first ones."""
MOST_SQUARE = 6
"""Matrices are shown up to so many variables."""


def explained_view(record: Explained, layout: Layout) -> Iterator[RenderableType]:
    """A heading and the working, each part beneath its name."""
    letter = LETTERS.get(record.step, "")
    tag = f"  {record.step} {letter}" if letter else ""
    yield heading((f"iteration {record.iteration} worked out", "bold"), (tag, "cyan"))
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, part in _parts(record, layout):
        table.add_row(Text(name), part)
    yield table


def _parts(record: Explained, layout: Layout) -> Iterator[tuple[str, RenderableType]]:
    if record.new_x is not None:
        yield "rule", paragraph(_indexed(record.rule, record.iteration))
    yield "point", _point(record)
    if record.residual is not None:
        yield from _residual(record)
    if record.gradient is not None and (record.residual is None or record.jacobian is None or _squares(record)):
        yield ("slope" if len(record.variables) == 1 else "gradient"), _gradient(record, layout)
    if record.hessian is not None:
        yield ("curvature" if len(record.variables) == 1 else "Hessian"), _hessian(record, layout)
    if record.system is not None:
        yield ("step" if record.system.matrix.shape == (1, 1) else "system"), _system(record.system, layout)
    if record.quantities:
        listed = ",  ".join(f"{name} = {number(value)}" for name, value in record.quantities.items())
        yield "with", paragraph(listed)
    if record.new_x is not None:
        yield "new point", _new_point(record)
    for test in record.inequalities:
        yield "test", _test(test, record.iteration)
    for remark in record.notes:
        yield "", note(_indexed(remark, record.iteration))


def _squares(record: Explained) -> bool:
    """Whether the residuals are those of a sum of squares rather than of equations."""
    return record.gradient_norm is not None


def _indexed(text: str, k: int) -> str:
    """x_k, x_{k−1} and x_{k−2} with the numbers of this iteration."""
    return text.replace("_{k−1}", f"_{k - 1}").replace("_{k−2}", f"_{k - 2}").replace("_k", f"_{k}")


def _few(names: Sequence[str]) -> range:
    return range(min(len(names), MOST_NAMED))


def _rest(names: Sequence[str]) -> RenderableType | None:
    left = len(names) - MOST_NAMED
    return note(f"… {left} more variables; --json has all") if left > 0 else None


def _point(record: Explained) -> RenderableType:
    names = record.variables
    cells = [f"{names[i]} = {number(float(record.x[i]))}" for i in _few(names)]
    label = "‖F‖" if record.residual is not None and not _squares(record) and len(record.residual) > 1 else "f"
    return stack(paragraph(f"{',  '.join(cells)}:  {label} = {number(record.value, 10)}"), _rest(names))


def _equal(rows: Sequence[tuple[str, str | None, str]], width: int) -> RenderableType:
    """``name = formula = value`` lines, the formula left out where there is none, beneath where it is long."""
    longest = max((len(formula) for _, formula, _ in rows if formula), default=0)
    room = width - max(len(name) for name, _, _ in rows) - max(len(value) for _, _, value in rows) - 20
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    if longest and longest <= room:
        table.add_column(no_wrap=True, style="dim")
        table.add_column(no_wrap=True, justify="right")
        for name, formula, value in rows:
            table.add_row(*map(Text, (name, "=", printable(formula or ""), "=", value)))
        return table
    for name, formula, value in rows:
        if formula:
            table.add_row(Text(name), Text("="), Text(printable(formula)))
            table.add_row(Text(""), Text("="), Text(value))
        else:
            table.add_row(Text(name), Text("="), Text(value))
    return table


def _gradient(record: Explained, layout: Layout) -> RenderableType:
    gradient, names = record.gradient, record.variables
    assert gradient is not None
    one = len(names) == 1
    labels = ["f'"] if one else [f"∂f/∂{names[i]}" for i in _few(names)]
    values = align([number(float(gradient[i])) for i in _few(names)])
    formulas = record.gradient_formulas
    rows = [(label, formulas[i] if formulas else None, values[i]) for i, label in enumerate(labels)]
    length = None if one or record.gradient_norm is None else paragraph(f"‖∇f‖ = {number(record.gradient_norm)}")
    return stack(_equal(rows, layout.width), length, _rest(names))


def _residual(record: Explained) -> Iterator[tuple[str, RenderableType]]:
    """F and J with their formulas, where they are few."""
    residual, jacobian = record.residual, record.jacobian
    assert residual is not None
    assert jacobian is not None
    if residual.size == 1 and len(record.variables) == 1:
        formulas = record.hessian_formulas
        row = ("f'", formulas[0][0] if formulas else None, number(float(jacobian[0, 0])))
        yield "slope", _equal([row], 80)
        return
    name = "r" if _squares(record) else "F"
    if residual.size <= MOST_NAMED:
        yield name, matrix([[number(float(value))] for value in residual])
    if residual.size <= MOST_NAMED and len(record.variables) <= MOST_SQUARE:
        shown: RenderableType = matrix(_cells(jacobian))
        if record.hessian_formulas is not None:
            shown = stack(matrix(record.hessian_formulas, formulas=True), shown)
        yield "J", shown


def _cells(values: Any) -> list[list[str]]:
    return [[number(float(value)) for value in row] for row in values]


def _dense(values: Matrix) -> Any:
    """The entries, where they are few enough to be shown."""
    shape = values.shape
    if shape[0] > MOST_SQUARE or shape[1] > MOST_SQUARE:
        return None
    return values if not hasattr(values, "toarray") else values.toarray()


def _hessian(record: Explained, layout: Layout) -> RenderableType:
    assert record.hessian is not None
    shown = _dense(record.hessian)
    if len(record.variables) == 1:
        formulas = record.hessian_formulas
        row = ("f''", formulas[0][0] if formulas else None, number(float(shown[0, 0])))
        return _equal([row], layout.width)
    parts: list[RenderableType | None] = []
    if record.hessian_formulas is not None:
        written = matrix(record.hessian_formulas, formulas=True)
        if max(len(line) for line in written.plain.splitlines()) <= layout.width - 14:
            parts.append(written)
    size = record.hessian.shape[0]
    parts.append(note(f"a {size}×{size} matrix; --json has it") if shown is None else matrix(_cells(shown)))
    if record.eigenvalues is not None and size <= MOST_NAMED:
        parts.append(paragraph(f"eigenvalues {_listed(record.eigenvalues)}: {_signs(record.eigenvalues)}"))
    return stack(*parts)


def _listed(values: Vector) -> str:
    return ", ".join(number(float(value)) for value in values)


def _signs(values: Vector) -> str:
    if (values > 0).all():
        return "all > 0, f curves upwards here"
    if (values < 0).all():
        return "all < 0, f curves downwards here"
    return "both signs, as at a saddle" if (values < 0).any() and (values > 0).any() else "some are 0"


def _system(system: LinearSystem, layout: Layout) -> RenderableType:
    """M p = right in numbers, and its solution; of one equation the quotient."""
    shown = _dense(system.matrix)
    p = [number(float(value)) for value in system.solution[:MOST_NAMED]]
    if system.matrix.shape == (1, 1):
        top, bottom = number(float(system.right[0])), number(float(shown[0, 0]))
        return paragraph(f"p = {_sheltered(top)}/{_sheltered(bottom)} = {p[0]}")
    solution = paragraph(f"p = ({', '.join(p)}{', …' if len(system.solution) > MOST_NAMED else ''})")
    formula = system.formula if system.exact else system.formula.replace(" p = ", " p ≈ ")
    if shown is None or system.right.size != shown.shape[0]:
        return stack(paragraph(formula), solution)
    left = matrix(_cells(shown)).plain.splitlines()
    right = matrix([[number(float(value))] for value in system.right]).plain.splitlines()
    middle = (len(left) - 1) // 2
    sign = " p = " if system.exact else " p ≈ "
    lines = [
        f"{a}{sign if i == middle else ' ' * len(sign)}{b}" for i, (a, b) in enumerate(zip(left, right, strict=True))
    ]
    if max(map(len, lines)) > layout.width - 14:
        return stack(paragraph(formula), solution)
    return stack(paragraph(formula), Text("\n".join(lines)), solution)


def _sheltered(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _new_point(record: Explained) -> RenderableType:
    """How each coordinate came about: as a sum for plain steps, else a table of what stands in the rule."""
    assert record.new_x is not None
    names, k = record.variables, record.iteration
    parts: list[RenderableType | None] = []
    if record.vectors:
        parts.append(_vectors(record))
    else:
        rows = [(names[i], _sum(record, i), number(float(record.new_x[i]))) for i in _few(names)]
        parts.append(_equal(rows, 80))
    f = (
        f"‖F(x_{k})‖"
        if record.residual is not None and not _squares(record) and len(record.residual) > 1
        else f"f(x_{k})"
    )
    line = f"{f} = {number(record.new_value, 10)}"
    if record.new_norm is not None:
        line += f",  {record.norm_name} = {number(record.new_norm)}"
    return stack(*parts, paragraph(line), _rest(names))


def _sum(record: Explained, i: int) -> str:
    """``0.05 − 0.005·(-18.948729)``, or ``4 + (-1.417)``."""
    assert record.new_x is not None
    x, new = float(record.x[i]), float(record.new_x[i])
    alpha, gradient, system = record.quantities.get("α", 1.0), record.gradient, record.system
    factor, sign = None, "+"
    if system is not None and system.solution.size == len(record.variables):
        factor = float(system.solution[i])
    elif record.rule.endswith("α ∇f(x_{k−1})") and gradient is not None:
        factor, sign = float(gradient[i]), "+" if "+ α" in record.rule else "−"
    if factor is not None:
        said = x + alpha * factor if sign == "+" else x - alpha * factor
        if abs(said - new) <= 1e-9 * max(abs(x), abs(new)):  # else a bound stopped it
            times = "" if alpha == 1.0 else f"{number(alpha)}·"
            return f"{number(x)} {sign} {times}{_sheltered(number(factor))}"
    return f"{number(x)} + {_sheltered(number(new - x))}"


def _vectors(record: Explained) -> RenderableType:
    assert record.new_x is not None
    k, few = record.iteration, _few(record.variables)
    columns = [Column("", [record.variables[i] for i in few], "left")]
    listed = {
        f"x_{k - 1}": record.x,
        **{_indexed(name, k): v for name, v in record.vectors.items()},
        f"x_{k}": record.new_x,
    }
    for name, vector in listed.items():
        columns.append(Column(name, align([number(float(vector[i]), 6) for i in few])))
    return grid(columns, rule=False)


def _test(test: Inequality, k: int) -> RenderableType:
    holds = ("holds", "green") if test.holds else ("does not hold", "yellow")
    numbers = f"{number(test.left, 10)} {test.relation if test.holds else _against(test)} {number(test.right, 10)}"
    return stack(
        paragraph(f"{test.name}:  {_indexed(test.formula, k)}"),
        Text.assemble((f"{numbers}  ", ""), holds),
    )


def _against(test: Inequality) -> str:
    return ">" if test.relation == "≤" else "<"
