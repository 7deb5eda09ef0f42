"""Checkpoints: a killed run loses at most one epoch, and goes on to the weights it would have had, bit by bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calcopt.api.perceptron import train_perceptron
from calcopt.errors import FileError, UsageError
from calcopt.learn.training_memory import pack, unpack
from calcopt.records import Epoch


def table(rows: int = 90) -> dict[str, Any]:
    generator = np.random.default_rng(6)
    x = generator.normal(size=(rows, 2))
    noisy = x[:, 0] * x[:, 1] + 0.3 * generator.normal(size=rows)
    return {"a": x[:, 0], "b": x[:, 1], "k": np.where(noisy > 0, "in", "out").tolist()}


WAYS: list[dict[str, Any]] = [
    {"method": "gd"},
    {"method": "gd", "hidden": 4},
    {"method": "gd", "hidden": 4, "rate": 0.3},
    {"method": "newton"},
    {"method": "sgd", "hidden": 4, "schedule": "1/t"},
    {"method": "sgd"},
    {"method": "adam", "hidden": 4, "class_weights": "balanced", "validation": 0.2},
    {"method": "adam", "hidden": 4, "validation": 0.2, "patience": 6, "rate": 0.2},
]


class Stopped(Exception):
    """What ends a run in the middle."""


def stop_after(epochs: int) -> Any:
    def watch(epoch: Epoch) -> None:
        if epoch.epoch == epochs:
            raise Stopped

    return watch


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(str(value) for value in way.values()))
@pytest.mark.parametrize("at", [0, 1, 7])
def test_a_resumed_run_ends_with_the_same_bits(tmp_path: Path, way: dict[str, Any], at: int) -> None:
    place = tmp_path / "run"
    options: dict[str, Any] = {"target": "k", "seed": 3, "tolerance": 1e-14, "epochs": 25, **way}
    whole = train_perceptron(table(), **options)
    if whole.epochs <= at:
        pytest.skip("it has ended before")
    with pytest.raises(Stopped):
        train_perceptron(table(), checkpoint=place, on_epoch=stop_after(at), **options)
    resumed = train_perceptron(table(), resume=place, **options)
    assert resumed.resumed_from == at
    assert (resumed.weights, resumed.bias, resumed.loss) == (whole.weights, whole.bias, whole.loss)
    assert (resumed.status, resumed.message, resumed.epochs) == (whole.status, whole.message, whole.epochs)
    assert (resumed.trace, resumed.best_epoch) == (whole.trace, whole.best_epoch)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_finished_run_can_go_on_for_more_epochs(tmp_path: Path) -> None:
    place = tmp_path / "run"
    options: dict[str, Any] = {"target": "k", "method": "adam", "hidden": 4}
    train_perceptron(table(), epochs=5, checkpoint=place, **options)
    train_perceptron(table(), epochs=11, resume=place, **options)
    longest = train_perceptron(table(), epochs=20, resume=place, checkpoint=tmp_path / "other", **options)
    assert longest.resumed_from == 11
    assert longest.weights == train_perceptron(table(), epochs=20, **options).weights
    assert json.loads(place.read_bytes())["epoch"] == 11


@pytest.mark.slow
def test_a_killed_process_loses_at_most_one_epoch(tmp_path: Path) -> None:
    """kill -9 in mid-run, three times over; the last run ends where a run that was never killed ends."""
    data, place = tmp_path / "t.csv", tmp_path / "run"
    columns = table(400)
    rows = zip(columns["a"].tolist(), columns["b"].tolist(), columns["k"], strict=True)
    data.write_text("a,b,k\n" + "".join(f"{a!r},{b!r},{k}\n" for a, b, k in rows))
    words = [sys.executable, "-m", "calcopt", "train-perceptron", str(data), "--target", "k", "--hidden", "6"]
    words += ["--method", "adam", "--tolerance", "1e-300", "--ndjson", "--seed", "9"]
    reached = -1
    for run in range(3):
        option = "--resume" if run else "--checkpoint"
        with subprocess.Popen([*words, "--epochs", "1000000", option, str(place)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            first = None
            for line in process.stdout:
                reached = json.loads(line)["epoch"]
                first = reached if first is None else first
                if reached >= first + 8:
                    process.kill()
                    break
            reached = max([reached, *(json.loads(line)["epoch"] for line in process.stdout if line.endswith(b"}\n"))])
        assert json.loads(place.read_bytes())["epoch"] >= reached
    epochs = str(json.loads(place.read_bytes())["epoch"] + 5)
    ends = [
        subprocess.run(
            [*words[:-3], "--json", "--seed", "9", "--epochs", epochs, *more], capture_output=True, check=False
        )
        for more in ([], ["--resume", str(place)])
    ]
    whole, resumed = (json.loads(end.stdout) for end in ends)
    assert resumed["resumed_from"] == int(epochs) - 5
    for name in ("weights", "bias", "loss", "gradient_norm", "status", "epochs"):
        assert resumed[name] == whole[name]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    place = tmp_path / "run"
    train_perceptron(table(), target="k", method="sgd", rate=0.1, epochs=4, checkpoint=place)
    return place


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rate": 0.2}, "another rate: 0.1 there, 0.2 here"),
        ({"rate": 0.1, "seed": 1}, "another seed: 0 there, 1 here"),
        ({"rate": 0.1, "l2": 0.5}, "another l2"),
        ({"rate": 0.1, "batch": 7}, "another batch: 32 there, 7 here"),
        ({"rate": 0.1, "hidden": 2}, "another layers"),
        ({"rate": 0.1, "scale": False}, "other data"),
        ({"rate": 0.1, "schedule": "sqrt"}, "another schedule"),
        ({"rate": 0.1, "class_weights": {"in": 2}}, "another class-weights"),
    ],
)
def test_a_run_does_not_go_on_with_other_options(kept: Path, options: dict[str, Any], words: str) -> None:
    before = kept.read_bytes()
    with pytest.raises(FileError, match=words):
        train_perceptron(table(), target="k", method="sgd", resume=kept, **options)
    assert kept.read_bytes() == before


def test_a_run_does_not_go_on_with_other_data(kept: Path) -> None:
    other = table()
    other["a"][3] += 1e-9
    with pytest.raises(FileError, match="other data"):
        train_perceptron(other, target="k", method="sgd", rate=0.1, resume=kept)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"theta": "AAAA"}, "damaged"),
        ({"theta": pack(np.zeros(2))}, "3 weights expected"),
        ({"memory": None}, "damaged"),
        ({"best": [1]}, "damaged"),
        ({"epoch": float("inf")}, "damaged"),
        ({"epoch": -1}, "damaged"),
        ({"format": "x"}, "something else than a checkpoint"),
        ({"version": 9}, "version 9"),
        ({"run": 3}, "another layers"),
    ],
)
def test_a_damaged_checkpoint_is_refused(kept: Path, change: dict[str, Any], words: str) -> None:
    kept.write_text(json.dumps(json.loads(kept.read_bytes()) | change))
    with pytest.raises(FileError, match=words):
        train_perceptron(table(), target="k", method="sgd", rate=0.1, resume=kept)


def test_places_where_no_checkpoint_can_be(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such checkpoint"):
        train_perceptron(table(), target="k", resume=tmp_path / "none")
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    for option in ("checkpoint", "resume"):
        with pytest.raises(FileError, match="would be lost"):
            train_perceptron(table(), target="k", **{option: other})
    assert other.read_text() == "mine"


def test_arrays_keep_every_bit() -> None:
    array = np.array([0.1, -0.0, 5e-324, np.inf, np.nan])
    assert unpack(pack(array)).tobytes() == array.tobytes()


@pytest.mark.parametrize("option", ["checkpoint", "resume"])
def test_the_model_and_the_checkpoint_need_two_files(tmp_path: Path, option: str) -> None:
    """Seen before training: the model could not be saved after it."""
    seen: list[Epoch] = []
    with pytest.raises(UsageError, match="cannot hold the model and the checkpoint"):
        train_perceptron(table(), target="k", save=tmp_path / "x", on_epoch=seen.append, **{option: tmp_path / "x"})
    assert seen == []


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    place = tmp_path / "run"

    def impatient(epoch: Epoch) -> None:
        if epoch.epoch == 6:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"target": "k", "method": "adam", "hidden": 4, "epochs": 12}
    stopped = train_perceptron(table(), checkpoint=place, on_epoch=impatient, **options)
    assert stopped.status == "interrupted"
    assert stopped.message.endswith(f"go on with --resume {place}")
    assert train_perceptron(table(), resume=place, **options).weights == train_perceptron(table(), **options).weights
