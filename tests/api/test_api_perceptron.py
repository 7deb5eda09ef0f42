"""The Python face of training and prediction: inputs of every kind, lazy imports, the doctests."""

from __future__ import annotations

import doctest
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from calcopt.api import models, perceptron
from calcopt.api.perceptron import predict, train_perceptron
from calcopt.errors import UsageError
from calcopt.learn import text
from calcopt.learn.models import load_model

CSV = "x,y\n1,2\n2,5\n3,3\n"


def test_doctests() -> None:
    for module in (perceptron, models, text):
        outcome = doctest.testmod(module)
        assert outcome.attempted > 0
        assert outcome.failed == 0


def test_tables_of_every_kind_give_the_same_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(CSV, encoding="utf-8")
    sources = [path, str(path), {"x": [1, 2, 3], "y": [2, 5, 3]}, {"x": np.array([1, 2, 3]), "y": (2.0, 5.0, 3.0)}]
    fits = [train_perceptron(source, target="y", method="newton") for source in sources]
    fits.append(train_perceptron("-", target="y", method="newton", stdin=io.BytesIO(CSV.encode())))
    assert len({(fit.weights["x"], fit.bias) for fit in fits}) == 1


@pytest.mark.parametrize(("hidden", "expected"), [("8,4", (8, 4)), (3, (3,)), ([2, 2], (2, 2)), ("", ()), ((), ())])
def test_hidden_layers_as_text_number_or_sequence(hidden: object, expected: tuple[int, ...]) -> None:
    fit = train_perceptron({"x": [1, 2, 3], "y": [2, 5, 3]}, target="y", hidden=hidden, epochs=2)  # type: ignore[arg-type]
    assert fit.hidden == expected


def test_features_as_text_or_list() -> None:
    table = {"a": [1, 2, 4], "b": [3, 1, 1], "c": [0, 5, 1], "y": [1, 2, 3]}
    for features in ("a, c", ["a", "c"]):
        assert train_perceptron(table, target="y", features=features, epochs=2).features == ("a", "c")


def test_a_loaded_model_predicts_like_its_file(tmp_path: Path) -> None:
    train_perceptron({"x": [1, 2, 3], "y": [2, 5, 3]}, target="y", save=tmp_path / "m.json")
    from_file = list(predict(tmp_path / "m.json", {"x": [7.0]}))
    assert list(predict(load_model(tmp_path / "m.json"), {"x": [7.0]})) == from_file


def test_a_bad_list_of_sizes_is_refused() -> None:
    with pytest.raises(UsageError, match="not a list of sizes"):
        train_perceptron({"x": [1, 2], "y": [1, 2]}, target="y", hidden="8;4")


def test_importing_the_face_loads_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "pyarrow", "msgspec")
    code = f"import calcopt.api.perceptron, sys; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
