"""What people see of ``train-perceptron``: the epochs, the loss, and the weights in the units of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from calcopt.records import Epoch, Metrics, TrainedPerceptron
from calcopt.records.models import ModelSummary
from calcopt.render.numbers import align, column, number, scientific
from calcopt.render.people.layout import (
    BLANK,
    Column,
    Layout,
    doubling,
    grid,
    heading,
    indented,
    matrix,
    note,
    pairs,
    status_line,
)

MOST_WEIGHTS = 20
MOST_CLASSES_SHOWN = 12


def perceptron_view(record: TrainedPerceptron, layout: Layout) -> Iterator[RenderableType]:
    """Title, epochs, how it ended, weights."""
    yield heading((record.task, "bold"), ("  ", ""), (f"{record.target} from {features_of(record.features)}", ""))
    rows = f"{record.rows} rows" + (f", {record.skipped} skipped" if record.skipped else "")
    yield note(f"{record.data}: {rows}; {_architecture(record)}; {record.method}")
    yield BLANK
    if record.trace:
        yield from _epochs(record.trace, layout, record.best_epoch)
        yield BLANK
    yield status_line(record.status, record.message, reached=record.reached_goal)
    yield indented(pairs(_summary(record)))
    yield BLANK
    yield from _confusion(record, layout)
    yield from weights_view(record)


def features_of(features: Sequence[str]) -> str:
    """The features by name, or the first of them."""
    names = list(features)
    return ", ".join(names if len(names) <= 6 else [*names[:5], f"… ({len(names)} features)"])


def _architecture(record: TrainedPerceptron) -> str:
    if not record.hidden:
        return "single perceptron"
    layers = "-".join(map(str, (len(record.features), *record.hidden, max(1, _outputs(record)))))
    return f"network {layers}, {record.activation}"


def _outputs(record: TrainedPerceptron) -> int:
    return len(record.classes) if len(record.classes) > 2 else 1


def _epochs(trace: Sequence[Epoch], layout: Layout, best: int | None) -> Iterator[RenderableType]:
    kept = {place for place, step in enumerate(trace) if step.epoch == best}
    shown = sorted({*doubling(len(trace), verbose=layout.verbose), *kept})
    steps = [trace[place] for place in shown]
    columns = [
        Column("epoch", [str(step.epoch) for step in steps]),
        Column("loss", column([step.loss for step in steps])),
    ]
    if any(step.accuracy is not None for step in steps):
        columns.append(Column("accuracy", _percent([step.accuracy for step in steps])))
    if any(step.gradient_norm is not None for step in steps):
        columns.append(Column("‖∇L‖", scientific([step.gradient_norm for step in steps])))
    if any(step.validation_loss is not None for step in steps):
        columns.append(Column("held-out loss", column([step.validation_loss for step in steps])))
    if any(step.validation_accuracy is not None for step in steps):
        columns.append(Column("held-out accuracy", _percent([step.validation_accuracy for step in steps])))
    yield grid(columns)
    if len(shown) < len(trace):
        yield note(f"{len(steps)} of {len(trace)} rows; --verbose shows all of them")


def _percent(values: Sequence[float | None]) -> list[str]:
    return align([number(None) if value is None else f"{100 * value:.1f} %" for value in values])


def _summary(record: TrainedPerceptron) -> list[tuple[str, str]]:
    rows = [("loss", number(record.loss))]
    if record.accuracy is not None:
        rows.append(("accuracy", f"{100 * record.accuracy:.4g} %"))
    rows += [*_measured(record.metrics, ""), *_held_out(record.validation)]
    if record.best_epoch is not None:
        rows.append(("best epoch", str(record.best_epoch)))
    if record.class_weights is not None:
        rows.append(("class weights", ", ".join(f"{name} {number(w, 4)}" for name, w in record.class_weights.items())))
    if record.separable is not None:
        rows.append(("separable", "yes" if record.separable else "no"))
    elif record.separation is not None:
        rows.append(("separable", "yes" if record.separation.kind == "perfect" else "quasi: rows are on the plane"))
    if record.resumed_from is not None:
        rows.append(("resumed", f"after epoch {record.resumed_from}"))
    for name, levels in record.categories.items():
        few = ", ".join(levels[:8]) + (f", … ({len(levels)} levels)" if len(levels) > 8 else "")
        rows.append(("one-hot", f"{name}: {few}"))
    if record.means is not None:
        rows.append(("filled in", f"{record.filled:,} missing cell{'s' * (record.filled != 1)}, by column means"))
    if record.l2:
        rows.append(("l2", number(record.l2)))
    if record.model is not None:
        rows.append(("saved as", record.model))
    return rows


def _measured(found: Metrics | None, prefix: str) -> list[tuple[str, str]]:
    named = {"AUC": found.area_under_curve, "R²": found.r_squared} if found is not None else {}
    return [(prefix + name, number(value, 6)) for name, value in named.items() if value is not None]


def _held_out(found: Metrics | None) -> list[tuple[str, str]]:
    """The same of the rows that were held out."""
    if found is None:
        return []
    rows = [("held out", f"{found.rows:,} rows")]
    if found.log_loss is not None and found.accuracy is not None:
        rows += [("  log loss", number(found.log_loss)), ("  accuracy", f"{100 * found.accuracy:.4g} %")]
    if found.root_mean_squared_error is not None:
        rows.append(("  RMSE", number(found.root_mean_squared_error)))
    return rows + _measured(found, "  ")


def _confusion(record: TrainedPerceptron, layout: Layout) -> Iterator[RenderableType]:
    """A row a class, a column for what it was taken for: of the rows held out, or where all is asked for."""
    found = record.validation or (record.metrics if layout.verbose else None)
    if found is None or found.confusion_matrix is None or len(record.classes) > MOST_CLASSES_SHOWN:
        return
    columns = [Column("is \\ taken for", list(record.classes), "left")]
    for place, name in enumerate(record.classes):
        columns.append(Column(name, align([str(row[place]) for row in found.confusion_matrix])))
    yield grid(columns)
    yield note(f"the {found.rows:,} rows {'held out' if record.validation else 'learned from'}, by class")
    yield BLANK


def weights_view(record: TrainedPerceptron | ModelSummary) -> Iterator[RenderableType]:
    """The weights by feature, by feature and class, or layer by layer."""
    weights: Any = record.weights
    if record.hidden or not isinstance(weights, Mapping):
        yield from _layers(record)
    elif all(isinstance(value, Mapping) for value in weights.values()):
        yield from _by_class(weights, record.bias)
    else:
        bias: Any = record.bias
        yield grid(_one_column(weights, bias))
        if len(record.classes) == 2:
            yield note(f"σ(w·x + b) is the probability of {record.classes[1]}")


def _one_column(weights: Mapping[str, float], bias: float) -> list[Column]:
    names = [*list(weights)[:MOST_WEIGHTS], "bias"]
    values = [*list(weights.values())[:MOST_WEIGHTS], bias]
    cells = align([number(value) for value in values])
    if len(weights) > MOST_WEIGHTS:
        names.insert(MOST_WEIGHTS, f"… {len(weights) - MOST_WEIGHTS} more (--quiet, --json)")
        cells.insert(MOST_WEIGHTS, "")
    return [Column("", names, "left"), Column("weight", cells)]


def _by_class(weights: Mapping[str, Mapping[str, float]], bias: Any) -> Iterator[RenderableType]:
    """Softmax: a column a class."""
    names = list(next(iter(weights.values())))
    columns = [Column("", [*names[:MOST_WEIGHTS], "bias"], "left")]
    for label, inner in weights.items():
        values = [*list(inner.values())[:MOST_WEIGHTS], bias[label]]
        columns.append(Column(label, align([number(value, 6) for value in values])))
    yield grid(columns)
    if len(names) > MOST_WEIGHTS:
        yield note(f"{MOST_WEIGHTS} of {len(names)} features; --quiet or --json gives all")


def _layers(record: TrainedPerceptron | ModelSummary) -> Iterator[RenderableType]:
    """W (inputs × outputs) and b of each layer, when they are small enough to be looked at."""
    matrices: Any = record.weights
    vectors: Any = record.bias
    for index, (weight, bias) in enumerate(zip(matrices, vectors, strict=True), start=1):
        rows = [[number(float(value), 6) for value in row] for row in weight]
        if len(rows) * len(rows[0]) > 64 or len(rows[0]) > 8:
            yield note(f"layer {index}: {len(rows)} × {len(rows[0])} weights (--json gives them)")
            continue
        yield heading((f"layer {index}", "bold"), (f"  {len(rows)} → {len(rows[0])}", "dim"))
        yield indented(matrix(rows))
        yield indented(note("bias  " + "  ".join(number(float(value), 6) for value in bias)))
