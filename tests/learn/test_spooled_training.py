"""Training from a temporary file and from several partitions: the same bits as in memory, for every method and task."""

from __future__ import annotations

import itertools
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calcopt.data.part import CutInsideCell
from calcopt.data.table import Table, memory_table, open_table
from calcopt.learn.perceptron import train
from calcopt.learn.perceptron_options import Options
from calcopt.learn.perceptron_table import local_examples
from calcopt.records import Epoch, TrainedPerceptron

SPOOLED = partial(local_examples, in_memory=0)
RANDOM = np.random.default_rng(2)
ROWS = 5000
X = RANDOM.normal(size=(ROWS, 2)) * [1.0, 30.0] + [0.0, 500.0]
NOISE = RANDOM.normal(size=ROWS)
LEVEL = RANDOM.integers(3, size=ROWS)
SIDE = X[:, 0] + (X[:, 1] - 500.0) / 30.0 + 0.5 * LEVEL + NOISE
FACTS: dict[str, Any] = {
    "a": X[:, 0],
    "b": X[:, 1],
    "level": np.array(["low", "mid", "high"])[LEVEL].tolist(),
    "note": [f"word{number % 7} of {'good' if side > 0 else 'bad'} rows" for number, side in enumerate(NOISE)],
    "number": SIDE,
    "two": np.where(SIDE > 0, "yes", "no").tolist(),
    "three": np.array(["ash", "beech", "cedar"])[np.digitize(SIDE, [-1.0, 1.0])].tolist(),
    "digit": np.digitize(SIDE, [-1.0, 1.0]) * 2.0 + 1.0,
}
WITH_HOLES = FACTS | {"a": np.where(RANDOM.random(ROWS) < 0.1, np.nan, X[:, 0])}


def fit(
    data: Any = None, *, prepare: Any = local_examples, missing: Any = "error", resume: Any = None, **options: Any
) -> TrainedPerceptron:
    table = memory_table(FACTS if data is None else data, missing=missing) if not hasattr(data, "partitions") else data
    named = {
        name: options.pop(name) for name in ("target", "features", "text", "on_epoch", "checkpoint") if name in options
    }
    named.setdefault("features", ["a", "b"])
    return train(table, prepare=prepare, options=Options(**options), resume=resume, **named)


WAYS: list[dict[str, Any]] = [
    {"method": "gd", "epochs": 15},
    {"method": "gd", "epochs": 5, "hidden": (4,)},
    {"method": "newton"},
    {"method": "sgd", "epochs": 3, "batch": 50},
    {"method": "sgd", "epochs": 2, "batch": 50, "buffer": 20_000, "hidden": (3,)},
    {"method": "adam", "epochs": 3, "batch": 50, "buffer": 30_000},
    {"method": "adam", "epochs": 3, "batch": 0, "hidden": (3,), "activation": "relu"},
]


@pytest.mark.parametrize("target", ["number", "two", "three", "digit"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way.values())))
def test_where_the_rows_live_changes_no_bit(target: str, way: dict[str, Any]) -> None:
    task = "classification" if target == "digit" else "auto"
    assert fit(target=target, task=task, **way) == fit(target=target, task=task, prepare=SPOOLED, **way)


PREPARED: list[dict[str, Any]] = [
    {"target": "two", "validation": 0.3},
    {"target": "number", "validation": 0.2, "patience": 3},
    {"target": "two", "class_weights": "balanced", "l2": 0.01},
    {"target": "two", "features": ["a", "level"], "validation": 0.1},
    {"target": "three", "features": ["b", "level"]},
    {"target": "two", "features": ["a"], "text": "note"},
    {"target": "number", "features": ["a", "level"], "text": "note", "validation": 0.2},
    {"target": "two", "scale": False},
    {"target": "number", "data": WITH_HOLES, "fill_missing": True, "validation": 0.2},
    {"target": "two", "data": WITH_HOLES, "missing": "skip"},
    {"target": "two", "features": ["a", "level"], "data": WITH_HOLES, "fill_missing": True},
]


@pytest.mark.parametrize("ways", PREPARED, ids=str)
def test_preparing_the_rows_in_a_file_changes_no_bit(ways: dict[str, Any]) -> None:
    for method in ("gd", "adam"):
        in_memory = fit(method=method, epochs=4, **ways)
        assert in_memory == fit(method=method, epochs=4, prepare=SPOOLED, **ways)
        assert in_memory == fit(method=method, epochs=4, prepare=partial(local_examples, in_memory=50_000), **ways)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The facts in four files of unequal length."""
    bounds = [0, 700, 701, 3500, ROWS]
    for number, (first, end) in enumerate(itertools.pairwise(bounds)):
        lines = [",".join(FACTS)]
        lines += [",".join(str(column[row]) for column in FACTS.values()) for row in range(first, end)]
        (tmp_path / f"part{number}.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_several_partitions_give_the_least_squares_line(folder: Path) -> None:
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(ROWS)]), SIDE, rcond=None)[0]
    for prepare in (local_examples, SPOOLED):
        found = fit(open_table(str(folder)), target="number", method="newton", prepare=prepare)
        assert found.status == "converged"
        assert found.rows == ROWS
        assert [found.weights["a"], found.weights["b"], found.bias] == pytest.approx(expected, rel=1e-9)  # type: ignore[index]
        residual = np.column_stack([X, np.ones(ROWS)]) @ expected - SIDE
        assert found.metrics is not None
        assert found.metrics.r_squared == pytest.approx(1 - residual.var() / SIDE.var(), rel=1e-12)


def test_several_partitions_give_the_logistic_optimum(folder: Path) -> None:
    """Against scikit-learn's solution, on the words and levels as they are counted by hand."""
    from sklearn.linear_model import LogisticRegression

    found = fit(
        open_table(str(folder)), target="two", features=["a", "b", "level"], method="newton", l2=0.01, scale=False
    )
    design = np.column_stack([X, *(np.array(FACTS["level"]) == level for level in ("high", "low", "mid"))])
    yes = np.array(FACTS["two"]) == "yes"
    peer = LogisticRegression(C=1 / (0.01 * ROWS), tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(
        design, yes
    )
    assert list(found.weights.values()) == pytest.approx(peer.coef_[0], rel=1e-5, abs=1e-8)  # type: ignore[attr-defined]
    assert found.metrics is not None
    assert found.metrics.accuracy == peer.score(design, yes)


def test_partitions_have_their_own_order_of_texts(folder: Path) -> None:
    """Levels and labels are numbered file by file as they come, and mean the same all the same."""
    ways: dict[str, Any] = {"features": ["a", "level"], "text": "note", "method": "newton", "l2": 0.01}
    for target in ("two", "three"):
        whole, cut = fit(target=target, **ways), fit(open_table(str(folder)), target=target, **ways)
        assert cut.classes == whole.classes
        assert cut.features == whole.features
        assert cut.loss == pytest.approx(whole.loss, rel=1e-12)
        assert cut.metrics is not None
        assert whole.metrics is not None
        assert cut.metrics.confusion_matrix == whole.metrics.confusion_matrix


def test_a_cut_inside_a_cell_makes_whole_files_the_partitions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a byte range of a CSV begins within quotes: the whole pass begins anew."""
    whole = Table.partitions

    def cut(self: Table, *, whole_files: bool = False) -> list[Table]:
        found = whole(self, whole_files=whole_files)
        if not whole_files:
            found[2] = Unreadable(found[2]._parts, name=self.name, number=2)
        return found

    expected = fit(open_table(str(folder)), target="two", method="newton")
    monkeypatch.setattr(Table, "partitions", cut)
    assert fit(open_table(str(folder)), target="two", method="newton") == expected


class Unreadable(Table):
    def batches(self, *_: Any, **__: Any) -> Any:
        raise CutInsideCell(self.name)


@pytest.mark.parametrize("way", [WAYS[0], WAYS[4], WAYS[5]], ids=str)
def test_a_spooled_run_goes_on_where_it_stopped(folder: Path, tmp_path_factory: Any, way: dict[str, Any]) -> None:
    """Also in memory, and from a spool, in turn: the bits are those of a run that was never stopped."""
    place = tmp_path_factory.mktemp("kept") / "run"
    way = way | {"target": "two", "epochs": 6, "validation": 0.2}
    whole = fit(open_table(str(folder)), prepare=SPOOLED, **way)

    class Killed(BaseException):
        pass

    def killing(epoch: Epoch) -> None:
        if epoch.epoch == 3:
            raise Killed

    with pytest.raises(Killed):
        fit(open_table(str(folder)), prepare=SPOOLED, checkpoint=place, on_epoch=killing, **way)
    for prepare in (local_examples, SPOOLED):
        went_on = fit(open_table(str(folder)), prepare=prepare, resume=place, checkpoint=place.with_name("b"), **way)
        assert went_on.resumed_from == 3
        assert (went_on.weights, went_on.bias, went_on.loss) == (whole.weights, whole.bias, whole.loss)


def test_a_missing_target_is_told_by_its_row_among_all(tmp_path: Path) -> None:
    from calcopt.errors import DataError

    (tmp_path / "a.csv").write_text("x,y\n1,2\n2,3\n")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n,3\n5,\n")
    with pytest.raises(DataError, match="row 5: the target 'y' is missing"):
        fit(open_table(str(tmp_path)), target="y", features=["x"], fill_missing=True)
    (tmp_path / "b.csv").write_text("x,y\n1,2\n,3\n5,6\n")
    found = fit(open_table(str(tmp_path)), target="y", features=["x"], fill_missing=True)
    assert (found.filled, found.means) == (1, {"x": 2.25})


def test_a_partition_without_rows_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n2,4\n")
    (tmp_path / "b.csv").write_text("x,y\n")
    (tmp_path / "c.csv").write_text("x,y\n3,5\n")
    found = fit(open_table(str(tmp_path)), target="y", features=["x"], method="newton")
    assert found.rows == 3
    assert found.weights == {"x": pytest.approx(1.5)}
