"""Training: the course's examples, known optima, scaling, reproducibility, statuses, and errors a user can cause."""

from __future__ import annotations

import itertools
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calcopt.api.perceptron import train_perceptron
from calcopt.errors import CalcoptError, DataError, UsageError
from calcopt.records import Epoch

LINE = {"x": [1, 2, 3], "y": [2, 5, 3]}
XOR = {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "y": ["no", "yes", "yes", "no"]}
METHODS = ("gd", "sgd", "adam", "newton")


def noisy_classes(rows: int = 400, classes: int = 2, seed: int = 3) -> dict[str, Any]:
    """Overlapping classes: a finite optimum exists. One feature lies far from zero, in large units."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, 3))
    logits = x @ generator.normal(size=(3, classes)) + generator.gumbel(size=(rows, classes))
    names = np.array(["ash", "beech", "cedar", "elm"])[logits.argmax(axis=1)]
    return {"p": x[:, 0], "q": 1000 * x[:, 1] + 50_000, "r": x[:, 2], "tree": names.tolist()}


# ------------------------------------------------------------------------------------------------ the course


@pytest.mark.parametrize("method", METHODS)
def test_the_regression_perceptron_finds_the_line_of_b11(method: str) -> None:
    """B11 and D1: m = 1/2, b = 7/3, E = 25/6 = 2n·loss."""
    fit = train_perceptron(LINE, target="y", method=method)
    assert (fit.task, fit.status, fit.classes, fit.accuracy) == ("regression", "converged", (), None)
    assert fit.weights == {"x": pytest.approx(0.5, abs=1e-7)}
    assert fit.bias == pytest.approx(7 / 3, abs=1e-7)
    assert 6 * fit.loss == pytest.approx(25 / 6, rel=1e-12)
    assert fit.gradient_norm is not None
    assert fit.gradient_norm <= 1e-8


def test_a_full_batch_step_is_the_step_of_the_course() -> None:
    """C4 from (0, 0): ∇E = (−42, −20) is 6 times the gradient of the mean of ½(y−ŷ)²."""
    fit = train_perceptron(LINE, target="y", scale=False, rate=0.06, epochs=1)
    assert fit.weights == {"x": pytest.approx(0.42)}
    assert fit.bias == pytest.approx(0.2)
    assert [epoch.epoch for epoch in fit.trace] == [0, 1]
    assert fit.trace[0].gradient_norm == pytest.approx(math.hypot(42, 20) / 6)


@pytest.mark.parametrize("target", ["y", "mood"])
def test_per_sample_steps_are_those_of_the_course(target: str) -> None:
    """D1 and D3: w ← w + α x (y−ŷ), b ← b + α (y−ŷ), one row after another, in a shuffled order."""
    data = (
        {"x": [1.0, 2.0, -1.0], "y": [2.0, 5.0, 3.0]}
        if target == "y"
        else {"x": [1.0, 2.0, -1.0], "mood": ["n", "p", "p"]}
    )
    labels = data["y"] if target == "y" else [0.0, 1.0, 1.0]
    fit = train_perceptron(data, target=target, scale=False, method="sgd", batch=1, rate=0.1, epochs=1, seed=5)
    shuffling = np.random.SeedSequence(5).spawn(3)[1]
    w = b = 0.0
    for i in np.random.default_rng(shuffling).permutation(3):
        z = w * data["x"][i] + b
        error = labels[i] - (z if target == "y" else 1 / (1 + math.exp(-z)))
        w, b = w + 0.1 * data["x"][i] * error, b + 0.1 * error
    assert fit.weights == {"x": pytest.approx(w, rel=1e-14)}
    assert fit.bias == pytest.approx(b, rel=1e-14)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("method", ["gd", "adam"])
def test_a_hidden_layer_learns_exclusive_or(activation: str, method: str) -> None:
    fit = train_perceptron(XOR, target="y", hidden=4, activation=activation, method=method)
    assert fit.accuracy == 1.0
    assert fit.hidden == (4,)
    assert fit.separable is None
    assert np.shape(fit.weights[0]) == (2, 4)
    assert np.shape(fit.bias[1]) == (1,)


def test_relu_layers_learn_exclusive_or_and_two_layers_a_curve() -> None:
    assert train_perceptron(XOR, target="y", hidden="8", activation="relu", method="adam", seed=1).accuracy == 1.0
    x = np.linspace(-2, 2, 41)
    fit = train_perceptron(
        {"x": x, "y": np.sin(3 * x)}, target="y", hidden="8,8", activation="tanh", method="adam", batch=8
    )
    assert fit.loss < 0.01 * 0.5 * np.var(np.sin(3 * x))  # 99 % of the variance explained
    assert [np.shape(w) for w in fit.weights] == [(1, 8), (8, 8), (8, 1)]


def test_a_perceptron_cannot_learn_exclusive_or_and_that_is_proved() -> None:
    fit = train_perceptron(XOR, target="y", method="newton")
    assert fit.status == "converged"
    assert fit.separable is False
    assert fit.loss == pytest.approx(math.log(2))


# ------------------------------------------------------------------------------------------------ optima


def plain_newton(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The optimum of the written-out log loss in long double, by plain Newton steps on raw columns scaled by hand."""
    a = np.column_stack([x, np.ones(len(x))]).astype(np.longdouble)
    theta = np.zeros(a.shape[1], dtype=np.longdouble)
    for _ in range(30):
        p = 1 / (1 + np.exp(-(a @ theta)))
        gradient, h = a.T @ (p - y), (a * (p * (1 - p))[:, None]).T @ a
        theta = theta - np.linalg.solve(h.astype(float), gradient.astype(float))
    return theta.astype(float)


@pytest.mark.parametrize("method", ["gd", "newton"])
def test_log_loss_optimum_agrees_with_an_independent_newton(method: str) -> None:
    data = noisy_classes()
    x = np.column_stack([data["p"], (data["q"] - 50_000) / 1000, data["r"]])
    y = np.array([name == "beech" for name in data["tree"]], dtype=float)
    expected = plain_newton(x, y)
    fit = train_perceptron(data, target="tree", method=method, tolerance=1e-11)
    assert fit.classes == ("ash", "beech")
    assert (fit.status, fit.separable) == ("converged", False)
    weights = expected[:3] / [1, 1000, 1]
    assert list(fit.weights.values()) == pytest.approx(weights, rel=1e-8)
    assert fit.bias == pytest.approx(expected[3] - 50 * expected[1], rel=1e-8)


@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_softmax_by_newton_and_by_descent_agree_and_the_gradient_vanishes(l2: float) -> None:
    data = noisy_classes(classes=4)
    newton = train_perceptron(data, target="tree", method="newton", l2=l2, tolerance=1e-12)
    descent = train_perceptron(data, target="tree", l2=l2, tolerance=1e-10)
    assert newton.status == descent.status == "converged"
    assert newton.epochs < 15
    assert newton.classes == ("ash", "beech", "cedar", "elm")
    for name in newton.classes:
        assert newton.weights[name] == {k: pytest.approx(v, rel=1e-6) for k, v in descent.weights[name].items()}
        assert newton.bias[name] == pytest.approx(descent.bias[name], rel=1e-6)
    x = np.column_stack([data[c] for c in "pqr"])
    z = x @ np.array([[newton.weights[k][c] for k in newton.classes] for c in "pqr"]) + list(newton.bias.values())
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    truth = np.array([[name == k for k in newton.classes] for name in data["tree"]])
    assert newton.loss == pytest.approx(-np.log(p[truth]).mean(), rel=1e-10)
    if l2 == 0:
        assert (p - truth).mean(axis=0) == pytest.approx([0] * 4, abs=1e-10)


def test_newton_handles_dependent_features() -> None:
    data = noisy_classes()
    data["twice"] = 2 * data["p"]
    fit = train_perceptron(data, target="tree", method="newton")
    alone = train_perceptron(noisy_classes(), target="tree", method="newton")
    assert fit.status == "converged"
    assert fit.loss == pytest.approx(alone.loss, rel=1e-12)
    assert fit.separable is None


@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_stochastic_methods_come_close_to_the_optimum(method: str) -> None:
    best = train_perceptron(noisy_classes(), target="tree", method="newton")
    fit = train_perceptron(noisy_classes(), target="tree", method=method, epochs=60)
    assert fit.status == "max_iterations"
    assert "> tolerance 1e-08 after the 60 epochs allowed" in fit.message
    assert fit.loss == pytest.approx(best.loss, rel=5e-3)


def test_all_rows_in_one_batch_make_sgd_the_same_as_gd() -> None:
    options = {"target": "tree", "rate": 0.5, "epochs": 20}
    batch = train_perceptron(noisy_classes(), method="sgd", batch=0, **options)
    full = train_perceptron(noisy_classes(), method="gd", **options)
    assert batch.loss == pytest.approx(full.loss, rel=1e-13)


# ------------------------------------------------------------------------------------------------ scaling, seeds


def test_folding_back_gives_the_same_function_of_the_raw_data() -> None:
    """Trained on hand-standardized columns without scaling, and on raw columns with it: the same predictions."""
    data = noisy_classes()
    raw = {"p": data["p"], "q": data["q"], "y": 7.0 * data["r"] - 3.0}
    standard = {name: (column - column.mean()) / column.std() for name, column in raw.items()}
    for hidden in ("", "3", "3,2"):
        options: dict[str, Any] = {"target": "y", "hidden": hidden, "epochs": 40, "rate": 0.1}
        scaled = train_perceptron(raw, **options)
        by_hand = train_perceptron(standard, scale=False, **options)
        assert scaled.loss == pytest.approx(by_hand.loss * np.var(raw["y"]), rel=1e-10)
        if not hidden:
            value = scaled.bias + sum(scaled.weights[name] * raw[name] for name in "pq")
            same = by_hand.bias + sum(by_hand.weights[name] * standard[name] for name in "pq")
        else:
            value, same = (
                evaluate(fit, np.column_stack([table["p"], table["q"]]))
                for fit, table in ((scaled, raw), (by_hand, standard))
            )
        assert value == pytest.approx(same * raw["y"].std() + raw["y"].mean(), rel=1e-9)


def evaluate(fit: Any, a: np.ndarray) -> np.ndarray:
    for number, (w, b) in enumerate(zip(fit.weights, fit.bias, strict=True)):
        a = a @ np.array(w) + b
        a = 1 / (1 + np.exp(-a)) if number < len(fit.weights) - 1 else a
    return a[:, 0]


@pytest.mark.parametrize("method", ["gd", "sgd", "adam"])
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(method: str) -> None:
    def losses(seed: int) -> list[float]:
        options: dict[str, Any] = {"hidden": 3, "method": method, "epochs": 5, "validation": 0.25}
        return [e.loss for e in train_perceptron(noisy_classes(), target="tree", seed=seed, **options).trace]

    assert losses(4) == losses(4)
    assert losses(4) != losses(5)


def test_held_out_rows_are_reported_at_every_epoch_and_not_learned_from() -> None:
    fit = train_perceptron(noisy_classes(), target="tree", validation=0.25, epochs=20)
    assert fit.rows == 400
    assert "100 of 400 rows were held out" in fit.message
    assert all(e.validation_loss is not None and e.validation_accuracy is not None for e in fit.trace)
    assert fit.trace[0].validation_loss == pytest.approx(math.log(2))
    assert fit.trace[-1].validation_loss != fit.trace[-1].loss


def test_a_bias_that_is_only_rounding_is_reported_as_zero() -> None:
    """The table is symmetric in ya and na, so its bias is 0 after one step; 1.5·w − 1.5·w leaves 10⁻¹⁶ of it."""
    data = {"ya": [3, 0, 2, 1], "na": [0, 2, 1, 3], "mood": ["happy", "sad", "happy", "sad"]}
    assert train_perceptron(data, target="mood", epochs=1).bias == 0.0


def test_a_far_offset_costs_no_digits() -> None:
    x = np.arange(50.0)
    fit = train_perceptron({"x": x + 1e9, "y": 3 * x + 1e6}, target="y", method="newton")
    assert fit.weights == {"x": pytest.approx(3.0, rel=1e-12)}


# ------------------------------------------------------------------------------------------------ tasks and classes


def test_task_is_settled_by_the_target_and_said() -> None:
    zero_one = train_perceptron({"x": [1, 2, 3, 4], "y": [0, 1, 0, 1]}, target="y")
    assert (zero_one.task, zero_one.classes) == ("classification", ("0", "1"))
    assert any("only 0 and 1" in warning for warning in zero_one.warnings)
    numbers = train_perceptron({"x": [1, 2, 3, 4], "y": [0, 1, 0, 1]}, target="y", task="regression")
    assert (numbers.task, numbers.warnings) == ("regression", ())
    asked = train_perceptron({"x": [1, 2, 3, 4, 5], "y": [10, 2, -1, 2.5, 2]}, target="y", task="classification")
    assert asked.classes == ("-1", "2", "2.5", "10")


def test_constant_columns_are_named_and_do_no_harm() -> None:
    fit = train_perceptron({**noisy_classes(), "same": [3] * 400}, target="tree", method="newton")
    assert fit.status == "converged"
    assert fit.weights["same"] == 0.0
    assert fit.separable is False
    assert any("'same'" in warning for warning in fit.warnings)
    flat = train_perceptron({"x": [1, 2, 3], "y": [4, 4, 4]}, target="y")
    assert (flat.weights, flat.bias, flat.loss) == ({"x": 0.0}, 4.0, 0.0)
    assert "target 'y' is constant: all rows hold 4" in flat.warnings


# ------------------------------------------------------------------------------------------------ how runs end


def test_too_large_a_rate_diverges_and_the_message_says_which_would_not() -> None:
    fit = train_perceptron(LINE, target="y", rate=10, scale=False)
    assert fit.status == "diverged"
    assert "the rate 10 is too large; a rate below 0.18" in fit.message
    assert not fit.reached_goal
    calm = train_perceptron(LINE, target="y", rate=0.18, scale=False)
    assert calm.status == "converged"


def test_overflow_is_divergence_without_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = train_perceptron({"x": [1e200, 2e200, 5e200], "y": [1.0, 2.0, 4.0]}, target="y", rate=1.0, scale=False)
    assert fit.status == "diverged"
    assert "not finite" in fit.message
    assert all(math.isfinite(w) for w in fit.weights.values())
    with pytest.raises(UsageError, match="too large to be squared"):
        train_perceptron({"x": [1e200, 2e200, 5e200], "y": [1.0, 2.0, 4.0]}, target="y", scale=False)


def test_ctrl_c_keeps_what_was_reached() -> None:
    def impatient(epoch: Epoch) -> None:
        if epoch.epoch == 3:
            raise KeyboardInterrupt

    fit = train_perceptron(noisy_classes(), target="tree", on_epoch=impatient)
    assert (fit.status, fit.epochs) == ("interrupted", 3)
    assert fit.message.startswith("interrupted after 3 epochs: gradient norm")
    assert fit.loss == fit.trace[-1].loss < fit.trace[0].loss


def test_the_trace_is_bounded_and_keeps_the_last_epoch() -> None:
    data = {"x": [1.0, 2.0, 3.0, 4.0], "y": ["a", "b", "a", "b"]}
    fit = train_perceptron(data, target="y", rate=1e-6, epochs=25_000)
    assert fit.epochs == fit.trace[-1].epoch == 25_000
    assert len(fit.trace) <= 10_001
    assert [e.epoch for e in fit.trace[:3]] == [0, 4, 8]


def test_on_epoch_sees_what_the_trace_holds() -> None:
    seen: list[Epoch] = []
    fit = train_perceptron(noisy_classes(), target="tree", epochs=7, on_epoch=seen.append)
    assert tuple(seen) == fit.trace
    assert all(later.loss < earlier.loss for earlier, later in itertools.pairwise(seen))


def test_a_hidden_network_that_fits_all_rows_says_that_there_is_no_minimum() -> None:
    fit = train_perceptron(XOR, target="y", hidden=4, method="adam", activation="tanh", epochs=200)
    assert fit.status == "max_iterations"
    assert "every row is classified rightly" in fit.message
    penalized = train_perceptron(XOR, target="y", hidden=2, activation="tanh", l2=1e-3)
    assert penalized.status == "converged"
    assert "not known to be the global minimum" in penalized.message


# ------------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({}, UsageError, "--target with one of: p, q, r, tree"),
        ({"target": "tre"}, DataError, "did you mean 'tree'"),
        ({"target": "tree", "features": "p,zz"}, DataError, "no column 'zz'"),
        ({"target": "p"}, DataError, "--text tree"),
        ({"target": "tree", "task": "regression"}, DataError, "holds text"),
        ({"target": "tree", "features": "p,p"}, UsageError, "named twice"),
        ({"target": "tree", "features": "p,tree"}, UsageError, "also a feature"),
        ({"target": "tree", "text": "tree"}, UsageError, "also a feature"),
        ({"target": "tree", "method": "newtn"}, UsageError, "did you mean 'newton'"),
        ({"target": "tree", "activation": "step"}, UsageError, "choose one of"),
        ({"target": "tree", "task": "ranking"}, UsageError, "--task"),
        ({"target": "tree", "method": "newton", "hidden": 3}, UsageError, "without hidden layers"),
        ({"target": "tree", "method": "newton", "rate": 0.1}, UsageError, "--rate"),
        ({"target": "tree", "batch": 10}, UsageError, "--method sgd"),
        ({"target": "tree", "hidden": "3,x"}, UsageError, "--hidden 8,4"),
        ({"target": "tree", "hidden": "0"}, UsageError, "--hidden"),
        ({"target": "tree", "rate": -1.0}, UsageError, "--rate"),
        ({"target": "tree", "rate": math.inf}, UsageError, "--rate"),
        ({"target": "tree", "epochs": 0}, UsageError, "--epochs"),
        ({"target": "tree", "l2": -1.0}, UsageError, "--l2"),
        ({"target": "tree", "tolerance": 0.0}, UsageError, "--tolerance"),
        ({"target": "tree", "validation": 1.0}, UsageError, "--validation"),
        ({"target": "tree", "validation": 0.999}, DataError, "at least 2 and 1"),
        ({"target": "tree", "seed": -1}, UsageError, "--seed"),
        ({"target": "tree", "hidden": "9999999,99999"}, UsageError, "smaller layers"),
    ],
)
def test_mistakes_are_refused_with_what_to_type(options: dict[str, Any], kind: type[CalcoptError], words: str) -> None:
    with pytest.raises(kind) as caught:
        train_perceptron(noisy_classes(), **options)
    assert words in caught.value.report()


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        ({"x": [1, 2], "y": ["a", "a"]}, {}, "one class only: 'a'"),
        ({"x": [1], "y": [2]}, {}, "1 usable row"),
        ({"y": [1, 2]}, {}, "no column besides the target"),
        ({"x": list(range(1001)), "y": list(range(1001))}, {"task": "classification"}, "more than 1,000 classes"),
        ({"x": ["?", "!"], "y": [1, 2]}, {"text": "x"}, "has no words"),
    ],
)
def test_tables_that_cannot_be_learned_from_are_refused(
    data: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        train_perceptron(data, target="y", **options)


def test_newton_refuses_a_hessian_that_is_too_large() -> None:
    data = {**{f"x{i}": [0.0, float(i)] for i in range(2001)}, "y": [1.0, 2.0]}
    with pytest.raises(UsageError, match="at most 2,000"):
        train_perceptron(data, target="y", method="newton")


def test_files_are_read_and_bad_cells_named(tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text("x;y\n1;2\n2;5\n3;3\n", encoding="utf-8")
    assert train_perceptron(good, target="y", delimiter=";", method="newton").weights == {"x": pytest.approx(0.5)}
    holes = tmp_path / "holes.csv"
    holes.write_text("x,y\n1,2\n,7\n2,5\n3,3\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        train_perceptron(str(holes), target="y")
    assert "holes.csv:3" in caught.value.report()
    fit = train_perceptron(str(holes), target="y", missing="skip", method="newton")
    assert (fit.rows, fit.skipped, fit.data) == (3, 1, str(holes))


@pytest.mark.parametrize("column", ["x", "y"])
def test_numbers_without_squares_are_refused_whatever_the_method(column: str) -> None:
    table = {"x": [1.0, 2.0, 4.0], "y": [1.0, 3.0, 2.0]} | {column: [1e300, -1e300, 3e299]}
    with pytest.raises(UsageError, match="too large to be squared"):
        train_perceptron(table, target="y", method="newton")
    for same in (1e300, -1e300):
        with pytest.raises(UsageError, match="too large to be squared"):
            train_perceptron({"x": [same] * 4, "k": list("abca")}, target="k", method="newton", scale=False)


def test_a_column_without_a_name_is_refused_unless_it_is_left_out() -> None:
    table = {"": [1.0, 2.0, 3.0], "x": [1.0, 2.0, 4.0], "y": [1.0, 3.0, 2.0]}
    with pytest.raises(DataError, match="column 1 has no name in the header"):
        train_perceptron(table, target="y")
    assert train_perceptron(table, target="y", features="x", method="newton").status == "converged"


def test_a_weight_that_no_double_can_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="the weight may overflow a double"):
        train_perceptron({"x": [1e-150, 2e-150, 4e-150], "y": [1e150, 3e150, 2e150]}, target="y", method="newton")
