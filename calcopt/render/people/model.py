"""What people see of ``model``: what it takes and gives, its weights, and its formula."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from calcopt.records.models import FitSummary, ModelSummary
from calcopt.render.numbers import number
from calcopt.render.people.layout import BLANK, Column, Layout, grid, heading, indented, note, pairs, paragraph
from calcopt.render.people.perceptron import features_of, weights_view

MOST_INPUTS = 30
LONGEST_SHOWN = 1_000


def model_view(record: ModelSummary, layout: Layout) -> Iterator[RenderableType]:
    """Title, training, inputs whose variable has another name, weights, formulas."""
    yield heading((record.task, "bold"), ("  ", ""), (f"{record.target} from {features_of(record.features)}", ""))
    yield note(f"{record.path}: {_architecture(record)}, {record.parameters:,} parameters; calcopt {record.calcopt}")
    yield BLANK
    yield indented(pairs(_training(record)))
    yield BLANK
    yield from weights_view(record)
    yield BLANK
    yield from renamed_view(record)
    yield from formulas_view(record, layout)


def _architecture(record: ModelSummary) -> str:
    if not record.hidden:
        return "single perceptron"
    outputs = len(record.classes) if len(record.classes) > 2 else 1
    return f"network {'-'.join(map(str, (len(record.inputs), *record.hidden, outputs)))}, {record.activation}"


def _training(record: ModelSummary) -> list[tuple[str, str]]:
    kept = record.training
    rows = [("trained on", f"{kept['data']}, {kept['rows']:,} rows")]
    rows.append(
        (
            "method",
            f"{kept['method']}, {kept['epochs']:,} epoch{'s' * (kept['epochs'] != 1)}: "
            f"{str(kept['status']).replace('_', ' ')}",
        )
    )
    loss, accuracy = kept["loss"], kept["accuracy"]
    rows.append(("loss", number(loss if isinstance(loss, float) else None)))
    if isinstance(accuracy, float):
        rows.append(("accuracy", f"{100 * accuracy:.4g} %"))
    if record.classes:
        rows.append(("classes", ", ".join(record.classes)))
    if record.means is not None:
        filled = ", ".join(f"{name} {number(mean, 6)}" for name, mean in list(record.means.items())[:MOST_INPUTS])
        rows.append(("if missing", filled))
    return rows


def renamed_view(record: ModelSummary | FitSummary) -> Iterator[RenderableType]:
    """What the variables of the formula are, where that is not plain from their names."""
    strange = [item for item in record.inputs if item.meaning is not None or item.feature != item.variable]
    if not strange or not record.formulas:
        return
    shown = strange[:MOST_INPUTS]
    names = [item.variable for item in shown]
    meanings = [item.meaning or f"the column '{item.feature}'" for item in shown]
    yield grid([Column("variable", names, "left"), Column("meaning", meanings, "left")])
    if len(strange) > len(shown):
        yield note(f"{len(shown)} of {len(strange)} variables; --csv gives all")
    yield BLANK


def formulas_view(record: ModelSummary | FitSummary, layout: Layout) -> Iterator[RenderableType]:
    """The formulas, or why there are none."""
    if record.formula_note is not None:
        yield note(f"no formula: {record.formula_note}")
    for label, text in record.formulas.items():
        what = f"the probability of {label}" if isinstance(record, ModelSummary) and record.classes else label
        yield note(f"{what}:")
        if len(text) > LONGEST_SHOWN and not layout.verbose:
            yield indented(note(f"a formula of {len(text):,} characters (--quiet and --verbose show it)"))
        else:
            yield indented(paragraph(text))
