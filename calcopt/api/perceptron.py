"""``train_perceptron``: learning from a table. What is done with saved models is in ``models``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from calcopt.api.models import export, model, predict
from calcopt.api.tables import Missing, as_table
from calcopt.errors import UsageError
from calcopt.records import OnEpoch, TrainedPerceptron

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["export", "model", "predict", "train_perceptron"]


def train_perceptron(
    data: object,
    *,
    target: str | None = None,
    features: str | Sequence[str] | None = None,
    text: str | None = None,
    task: str = "auto",
    hidden: str | int | Sequence[int] = (),
    activation: str = "sigmoid",
    method: str = "gd",
    rate: float | None = None,
    schedule: str | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    l2: float = 0.0,
    class_weights: str | Mapping[str, float] | None = None,
    scale: bool = True,
    validation: float = 0.0,
    patience: int | None = None,
    seed: int = 0,
    tolerance: float = 1e-8,
    save: str | Path | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
    cluster: str | None = None,
    delimiter: str | None = None,
    header: bool = True,
    decimal: str = ".",
    missing: Missing | Literal["mean"] = "error",
    stdin: BinaryIO | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainedPerceptron:
    """Train a perceptron, or a network with ``hidden`` layers, on a table.

    Minimizes (1/n) Σ L + ½ l2 ‖w‖², with L = ½(y−ŷ)² for a regression and the log loss for a classification
    (ŷ = σ(w·x + b) for two classes, softmax for more).

    Rows are kept as numbers of 8 bytes: up to 256 MiB of them in memory, more in an unnamed temporary file (where
    TMPDIR says) that every pass reads block by block, so memory does not grow with the rows. Levels, words and rows
    held out are sorted into a second copy of the same kind, and the first is given back. With ``text`` every word is a
    column, and each of its counts a number. sgd and adam shuffle rows that fit 256 MiB wholly, more of them within a
    buffer of that size (:mod:`calcopt.learn.shuffling`).

    Parameters
    ----------
    data: a path, glob, folder or ``"-"``; or a mapping of columns, a data frame, a 2-D array.
    target, features, text: the columns; without ``features`` all others, or only the words of the column ``text``.
        A text column named in ``features`` becomes a feature of 0 and 1 for each of its levels (one-hot).
    missing: what an empty cell does: ``"error"``, ``"skip"`` (the row), or ``"mean"``: the mean of its column over the
        rows learned from stands in for it, and is kept in the model.
    delimiter, header, decimal: how delimited text is read: what separates columns, whether the first line names them
        (else they are c1, c2 …), and what begins decimals (with ``","`` columns are separated by ``;``).
    task: ``"auto"`` classifies where the target is text or holds only 0 and 1.
    hidden: sizes of the hidden layers, as numbers or as ``"8,4"``; ``activation``: sigmoid, tanh or relu.
    method: ``"gd"`` (all rows a step), ``"sgd"`` and ``"adam"`` (``batch`` rows a step: 32 unless given, 1 is per
        sample, 0 is all; shuffled by ``seed``), ``"newton"`` (no hidden layers).
    rate: constant where given; else from the curvature of the loss (see ``calcopt.learn.perceptron_options``).
    schedule: how the rate of sgd and adam falls from epoch to epoch: constant, 1/t, sqrt, or cosine (to 0 in the last).
    class_weights: ``"balanced"`` (n/(K nₖ)), or weights by class name: rows of these classes count so many times.
    epochs: passes over the data at most (default gd 10,000, sgd and adam 1,000, newton 100). On separable classes
        without ``l2`` training stops at the proof that they are, unless ``epochs`` is given.
    scale: standardize the columns for training and fold that back into the reported weights. ``rate``, ``l2``,
        ``tolerance`` and the gradient norm then belong to the standardized columns.
    validation: share of the rows held out, drawn by ``seed``, and reported at each epoch; with ``patience`` training
        stops (``stopped_early``) when the loss on them has reached no new low for so many epochs, and the weights are
        those of the best epoch. ``metrics`` and ``validation`` of the record hold accuracy, AUC, R² …
    tolerance: on the gradient's norm; below it the status is ``converged``.
    save: where to write the model for :func:`predict`.
    checkpoint: a file that is replaced in one step after every epoch; ``resume`` goes on from such a file (and writes
        there, unless ``checkpoint`` names another). The weights are then, to the last bit, those of a run that was
        never stopped. ``epochs``, ``tolerance`` and ``patience`` may differ, other options and the data may not.

    cluster: the address of a Dask cluster whose workers keep the rows and sum over them (``"tcp://host:8786"``,
        ``"file:scheduler.json"``, ``"local:2"``), for gd and newton: the result has the same bits.

    >>> table = {"x": [1, 2, 3], "y": [2, 5, 3]}
    >>> line = train_perceptron(table, target="y", method="newton")
    >>> line.status, round(line.weights["x"], 9), round(line.bias, 9)
    ('converged', 0.5, 2.333333333)
    """
    from calcopt.api.clusters import working_on
    from calcopt.learn.perceptron import train
    from calcopt.learn.perceptron_options import Options

    table = as_table(
        data,
        delimiter=delimiter,
        header=header,
        decimal=decimal,
        missing="error" if missing == "mean" else missing,
        stdin=stdin,
    )
    options = Options(
        task=task,
        hidden=tuple(_sizes(hidden)),
        activation=activation,
        method=method,
        rate=rate,
        schedule=schedule,
        epochs=epochs,
        batch=batch,
        l2=l2,
        class_weights=class_weights,
        scale=scale,
        validation=validation,
        patience=patience,
        seed=seed,
        tolerance=tolerance,
        fill_missing=missing == "mean",
    )
    with working_on(table, cluster):
        return train(
            table,
            target=target,
            features=_names(features),
            text=text,
            options=options,
            save=save,
            checkpoint=checkpoint,
            resume=resume,
            on_epoch=on_epoch,
        )


def _names(features: str | Sequence[str] | None) -> list[str] | None:
    if isinstance(features, str):
        return [name.strip() for name in features.split(",")]
    return None if features is None else list(features)


def _sizes(hidden: str | int | Sequence[int]) -> list[int]:
    if isinstance(hidden, int):
        return [hidden]
    if not isinstance(hidden, str):
        return list(hidden)
    try:
        return [int(size) for size in hidden.split(",")] if hidden.strip() else []
    except ValueError:
        raise UsageError(f"--hidden '{hidden}' is not a list of sizes", hint="for example --hidden 8,4") from None
