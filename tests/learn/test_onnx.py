"""ONNX files: onnxruntime predicts from them what calcopt predicts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calcopt.api.perceptron import export, predict, train_perceptron
from calcopt.errors import FileError, MissingExtraError, UsageError
from tests.cli.running import run


def table(rows: int = 80) -> dict[str, Any]:
    generator = np.random.default_rng(8)
    columns: dict[str, Any] = {"a": generator.normal(5, 2, rows), "b": generator.normal(size=rows)}
    columns["town"] = generator.choice(["Aix", "Bari"], rows).tolist()
    columns["y"] = columns["a"] * columns["b"]
    columns["k"] = np.where(columns["y"] > 1, "up", "down").tolist()
    columns["three"] = np.array(["low", "mid", "top"])[np.digitize(columns["y"], [-2, 2])].tolist()
    return columns


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    place = tmp_path / "m.json"
    train_perceptron(table(), target="k", features="a,b", method="newton", save=place)
    return place


@pytest.mark.parametrize("target", ["y", "k", "three"])
@pytest.mark.parametrize(("hidden", "activation"), [("", "sigmoid"), ("4", "sigmoid"), ("4,3", "tanh"), ("5", "relu")])
def test_onnxruntime_predicts_the_same(tmp_path: Path, target: str, hidden: str, activation: str) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    place, graph = tmp_path / "m.json", tmp_path / "m.onnx"
    train_perceptron(
        table(), target=target, features="a,b,town", hidden=hidden, activation=activation, method="adam", epochs=15,
        l2=0.01, missing="mean", save=place,
    )  # fmt: skip
    export(place, graph)
    fresh = table(30)
    a = fresh["a"].copy()
    a[[3, 7]] = np.nan
    rows = list(predict(place, {"a": a, "b": fresh["b"], "town": fresh["town"]}))
    towns = np.array(fresh["town"])
    session = runtime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    features = json.loads(session.get_modelmeta().custom_metadata_map["features"])
    assert features == ["a", "b", "town=Aix", "town=Bari"]
    inputs = np.column_stack([a, fresh["b"], towns == "Aix", towns == "Bari"]).astype(np.float64)
    found = session.run(None, {"features": inputs})
    if target == "y":
        expected = [[row["prediction"]] for row in rows]
    else:
        assert found[1].tolist() == [row["prediction"] for row in rows]
        expected = [[value for name, value in row.items() if name.startswith("probability_")] for row in rows]
    assert found[0] == pytest.approx(np.array(expected), rel=1e-12, abs=1e-14)


def test_the_command_writes_the_file_and_replaces_its_own_only(saved: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    place = tmp_path / "m.onnx"
    for _ in range(2):
        outcome = run("model", str(saved), "--export", str(place))
        assert outcome.status == 0, outcome.err
    other = tmp_path / "other.onnx"
    other.write_bytes(b"somebody else's")
    with pytest.raises(FileError, match="would be lost"):
        export(saved, other)
    assert other.read_bytes() == b"somebody else's"


def test_another_ending_is_refused(saved: Path) -> None:
    with pytest.raises(UsageError, match=r"does not end in \.onnx"):
        export(saved, saved.with_name("m.pb"))


def test_without_the_package_the_extra_is_named(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match="needs the package onnx") as caught:
        export(saved, saved.with_name("m.onnx"))
    assert caught.value.hint == "pip install 'calcopt[onnx]'"
    outcome = run("model", str(saved), "--export", str(saved.with_name("m.onnx")))
    assert (outcome.status, outcome.out) == (2, "")
    assert not saved.with_name("m.onnx").exists()
