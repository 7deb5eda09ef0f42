"""``predict`` and ``model``: using what was learned and saved, a perceptron, a network, a curve or a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from calcopt.api.tables import Missing, as_table
from calcopt.errors import UsageError

if TYPE_CHECKING:
    from typing import BinaryIO

    from calcopt.learn.models import Model, SavedFit
    from calcopt.learn.predict import Predictions
    from calcopt.learn.predict_fit import FitPredictions
    from calcopt.records.models import FitSummary, ModelSummary


def predict(
    model: str | Path | Model | SavedFit,
    data: object,
    *,
    delimiter: str | None = None,
    header: bool = True,
    decimal: str = ".",
    missing: Missing | None = None,
    unknown: Literal["error", "ignore"] = "error",
    interval: Literal["confidence", "prediction"] | None = None,
    level: float | None = None,
    stdin: BinaryIO | None = None,
) -> Predictions | FitPredictions:
    """The predictions of a saved ``model`` for every row of ``data``, as an iterator of dictionaries.

    Each holds ``row`` and ``prediction``; for a classification also ``probability`` (of the predicted class) and
    ``probability_<class>`` for every class. The iterator's ``fields`` names them, its ``warnings`` says afterwards
    what was ignored. Rows are read as the predictions are taken. A missing number is filled in where the model was
    trained so (``missing="mean"``), else an error, unless ``missing`` says otherwise; a level of a text column that
    the model does not know is an error with its row, or with ``unknown="ignore"`` none of the levels.

    For a model of ``fit`` or ``fit_line`` there is ``interval``: ``lower`` and ``upper`` at ``level`` (0.95) for the
    mean of the response (``"confidence"``) or for a new row (``"prediction"``). Where a function of a column was
    fitted, the field is named so, ``prediction_log(y)``, and ``prediction_y`` follows where there is a simple way back.

    >>> import tempfile, os
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "line.json")
    >>> from calcopt import fit_line
    >>> _ = fit_line({"x": [1, 2, 3], "y": [2, 4, 6]}, save=path)
    >>> [round(row["prediction"], 9) for row in predict(path, {"x": [4, 5]})]
    [8.0, 10.0]
    >>> folder.cleanup()
    """
    from calcopt.learn.models import SavedFit

    loaded = _loaded(model)
    if unknown not in ("error", "ignore"):
        raise UsageError(f"unknown way to treat unknown levels '{unknown}'", hint="use error or ignore")
    if level is not None and interval is None:
        raise UsageError("a level belongs to an interval", hint="add --interval confidence or --interval prediction")
    table = as_table(data, delimiter=delimiter, header=header, decimal=decimal, missing=missing or "error", stdin=stdin)
    if isinstance(loaded, SavedFit):
        from calcopt.learn.predict_fit import FitPredictions

        return FitPredictions(loaded, table, interval=interval, level=0.95 if level is None else level)
    if interval is not None:
        raise UsageError("a perceptron gives no intervals", hint="models of calcopt fit and fit-line do")
    from calcopt.learn.predict import predict as predictions

    return predictions(loaded, table, fill=missing is None, unknown=unknown)


def model(path: str | Path) -> ModelSummary | FitSummary:
    """A saved model as a record: inputs, weights or parameters, and ``formulas`` in calcopt's own syntax.

    >>> import tempfile, os
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "line.json")
    >>> from calcopt import fit_line
    >>> _ = fit_line({"x": [0, 2], "y": [1.0, 2.0]}, save=path)
    >>> model(path).formulas
    {'y': 'f(x) = 0.5*x + 1.0'}
    >>> folder.cleanup()
    """
    from calcopt.learn.model_summary import summarize

    return summarize(path)


def export(model: str | Path | Model | SavedFit, path: str | Path) -> None:
    """Write a saved perceptron or network as an ONNX file (``path`` ends in .onnx); needs the extra ``calcopt[onnx]``.

    Its input ``features`` is a matrix of doubles in the order of the metadata ``features``; its outputs are ``value``,
    or ``probabilities`` and ``label``. Raises ``MissingExtraError``, ``FileError``, ``UsageError``.
    """
    from calcopt.learn.model_summary import inputs_of
    from calcopt.learn.models import SavedFit

    loaded = _loaded(model)
    if isinstance(loaded, SavedFit):
        hint = "calcopt model FILE --quiet prints its formula"
        if loaded.kind == "line":
            hint = "train-perceptron --method newton finds the same line, and that can be exported"
        raise UsageError(f"--export writes perceptrons and networks, and this is a {loaded.kind}", hint=hint)
    from calcopt.learn.onnx_export import export as write

    write(loaded, tuple(item.feature for item in inputs_of(loaded)), path)


def _loaded(model: str | Path | Model | SavedFit) -> Model | SavedFit:
    from calcopt.learn.models import load_model

    return load_model(model) if isinstance(model, (str, Path)) else model
