"""Saved models: what is written reads back to the same bits; anything else is refused with a reason."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calcopt.api.perceptron import train_perceptron
from calcopt.errors import FileError
from calcopt.learn.models import Model, load_model, save_model

TABLE = {"x": [1.0, 2.0, 3.0, 4.0], "z": [1.0, 0.1, 0.5, 0.7], "k": ["a", "b", "a", "b"], "y": [0.1, 0.7, 0.3, 0.9]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "model.json"
    train_perceptron(TABLE, target="k", features="x,z", hidden=2, l2=0.01, epochs=30, save=place)
    return place


def test_what_is_saved_reads_back_to_the_same_bits(path: Path) -> None:
    fit = train_perceptron(TABLE, target="k", features="x,z", hidden=2, l2=0.01, epochs=30)
    model = load_model(path)
    assert [layer.weights for layer in model.layers] == fit.weights
    assert [layer.bias for layer in model.layers] == fit.bias
    assert (model.format, model.version, model.features, model.classes) == ("calcopt-model", 1, ["x", "z"], ["a", "b"])
    assert (model.training.loss, model.training.epochs, model.training.status) == (fit.loss, 30, "max_iterations")
    assert model.scaling is not None
    assert model.scaling.mean == [2.5, pytest.approx(0.575)]
    assert np.array_equal(
        model.theta, np.concatenate([np.ravel(p) for wb in zip(fit.weights, fit.bias, strict=True) for p in wb])
    )


def test_the_record_names_the_model_only_when_it_was_saved(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    assert train_perceptron(TABLE, target="y", features="x", save=place).model == str(place)
    assert train_perceptron(TABLE, target="y", features="x").model is None
    bad = train_perceptron(TABLE, target="y", features="x", rate=1e9, scale=False, save=tmp_path / "bad.json")
    assert (bad.status, bad.model) == ("diverged", None)
    assert "not saved" in bad.warnings[-1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.json"]


def test_saving_replaces_in_one_step_and_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, before = load_model(path), path.read_bytes()

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        with pytest.raises(FileError, match="No space left"):
            save_model(model, path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["model.json"]
    save_model(model, path)
    assert path.read_bytes() == before


def test_a_link_to_a_model_stays_a_link(path: Path) -> None:
    link = path.with_name("latest.json")
    link.symlink_to(path.name)
    save_model(load_model(path), link)
    assert link.is_symlink()
    assert path.is_file()


@pytest.mark.parametrize(("where", "words"), [("", "folder"), ("no/such/model.json", "does not exist")])
def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path: Path, where: str, words: str) -> None:
    epochs: list[Any] = []
    with pytest.raises(FileError, match=words):
        train_perceptron(TABLE, target="y", features="x", save=tmp_path / where, on_epoch=epochs.append)
    assert epochs == []


def changed(path: Path, **fields: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    for name, value in fields.items():
        if value is ...:
            del content[name]
        else:
            content[name] = value
    path.write_text(json.dumps(content), encoding="utf-8")


LAYERS = [{"weights": [[1.0, 2.0], [3.0, 4.0]], "bias": [0.0, 0.0]}, {"weights": [[1.0], [2.0]], "bias": [0.5]}]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": "onnx"}, "not a calcopt model"),
        ({"format": ...}, "not a calcopt model"),
        ({"version": 2}, "has version 2, and this calcopt reads version 1"),
        ({"version": "1"}, "has version '1'"),
        ({"layers": ...}, "missing required field `layers`"),
        ({"colour": "red"}, "unknown field `colour`"),
        ({"layers": LAYERS[:1]}, "2 layers expected, 1 found"),
        ({"layers": [LAYERS[1], LAYERS[1]]}, "layer 1 does not have the shape 2 × 2"),
        ({"layers": [LAYERS[0], {"weights": [[1.0], [2.0]], "bias": []}]}, "layer 2 does not have the shape 2 × 1"),
        ({"layers": [LAYERS[0], {"weights": [["1"], [2.0]], "bias": [0.5]}]}, "Expected `float`, got `str`"),
        ({"layers": [LAYERS[0], {"weights": [[float("nan")], [2.0]], "bias": [0.5]}]}, "damaged|not a calcopt model"),
        ({"hidden": [0]}, "Expected `int` >= 1"),
        ({"hidden": []}, "1 layer expected"),
        ({"activation": "step"}, "Invalid enum value 'step'"),
        ({"output": "softmax"}, "2 classes cannot go with"),
        ({"task": "regression"}, "cannot go with regression"),
        ({"classes": ["a"]}, "1 class cannot go with"),
        ({"classes": ["a", "a"]}, "a class is listed twice"),
        ({"features": ["x", "x"]}, "a feature is listed twice"),
        ({"features": [], "layers": LAYERS}, "there are no features"),
        ({"scaling": {"mean": [1.0], "deviation": [1.0]}}, "one entry per feature"),
    ],
)
def test_damaged_models_are_refused(path: Path, fields: dict[str, Any], words: str) -> None:
    changed(path, **fields)
    with pytest.raises(FileError, match=words):
        load_model(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"x,y\n1,2\n", b"[]", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": "calcopt-model", "version": 1'],
)
def test_files_that_are_no_models_are_refused(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "data.csv"
    place.write_bytes(content)
    with pytest.raises(FileError, match="not a calcopt model"):
        load_model(place)


def test_a_truncated_or_overflowing_model_is_refused(path: Path) -> None:
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: len(whole) // 2], encoding="utf-8")
    with pytest.raises(FileError):
        load_model(path)
    first = json.loads(whole)["layers"][0]["weights"][0][0]
    path.write_text(whole.replace(repr(first), "1e999"), encoding="utf-8")
    with pytest.raises(FileError, match="damaged"):
        load_model(path)


@pytest.mark.parametrize("content", ["x,y\n1,2\n", '{"format": "other"}'])
def test_what_is_no_model_is_never_replaced_by_one(tmp_path: Path, content: str) -> None:
    other = tmp_path / "data.csv"
    other.write_text(content)
    with pytest.raises(FileError, match="would be lost"):
        train_perceptron({"x": [1, 2, 3], "y": [2, 4, 7]}, target="y", save=other)
    assert other.read_text() == content


def test_a_text_column_that_is_also_a_number_is_damage(path: Path) -> None:
    model = json.loads(path.read_text())
    model["text"] = {"column": model["features"][0], "words": []}
    path.write_text(json.dumps(model))
    with pytest.raises(FileError, match="a column is listed twice"):
        load_model(path)


def test_a_missing_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such model file"):
        load_model(tmp_path / "none.json")
    with pytest.raises(FileError, match="cannot be read"):
        load_model(tmp_path)


def test_every_kind_of_model_survives_the_round_trip(tmp_path: Path) -> None:
    place = tmp_path / "m.json"
    three = {**TABLE, "k": ["a", "b", "c", "b"]}
    for table, target, options in (
        (TABLE, "y", {}),
        (TABLE, "k", {"l2": 0.1}),
        (three, "k", {"l2": 0.1}),
        (three, "k", {"hidden": "3,2", "activation": "relu", "epochs": 5}),
        (TABLE, "y", {"scale": False}),
    ):
        fit = train_perceptron(table, target=target, features="x,z", save=place, **options)
        model = load_model(place)
        assert isinstance(model, Model)
        assert model.classes == list(fit.classes)
        save_model(model, tmp_path / "again.json")
        assert (tmp_path / "again.json").read_bytes() == place.read_bytes()
