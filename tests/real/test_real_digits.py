"""The 1,797 handwritten digits: a network 64-64-10 learns three quarters of them and is asked about the rest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from tests.cli.running import run
from tests.real.real_data import learning_set, write


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_a_network_reads_digits_that_it_has_not_seen(activation: str, tmp_path: Path) -> None:
    columns = learning_set("digits")
    learn, ask = train_test_split(np.arange(1797), test_size=0.25, random_state=1, stratify=columns["target"])
    parts = [{name: np.asarray(cells)[rows].tolist() for name, cells in columns.items()} for rows in (learn, ask)]
    learned, asked = write(parts[0], tmp_path / "learn.parquet"), write(parts[1], tmp_path / "ask.parquet")
    model = str(tmp_path / "digits.json")
    options = ("--target", "target", "--task", "classification", "--hidden", "64", "--activation", activation)
    outcome = run(
        "train-perceptron", learned, *options, "--method", "adam", "--epochs", "40", "--seed", "1", "--save", model,
        "--json",
    )  # fmt: skip
    found = json.loads(outcome.out)
    assert outcome.status in (0, 3), outcome.err  # the epochs may run out before the gradient vanishes
    assert (found["hidden"], len(found["classes"])) == ([64], 10)
    rows = [json.loads(line) for line in run("predict", model, asked, "--ndjson").out.splitlines()]
    right = np.mean([row["prediction"] == str(digit) for row, digit in zip(rows, parts[1]["target"], strict=True)])
    assert right >= 0.95
    assert found["accuracy"] >= right - 0.005
