"""``minimize`` without a proof: the method that fits, several starts, bounds."""

from __future__ import annotations

import pytest

import calcopt
from calcopt.errors import MathError, UsageError

HIMMELBLAU = "(x^2+y-11)^2 + (x+y^2-7)^2"


def test_a_sum_of_squares_is_recognised() -> None:
    result = calcopt.minimize(HIMMELBLAU, "1,1")
    assert isinstance(result, calcopt.Result)
    assert (result.command, result.method, result.status) == ("minimize", "levenberg-marquardt", "converged")
    assert result.why is not None
    assert "sum of squares" in result.why
    assert result.proof is None
    assert not result.certified


def test_a_maximum_is_no_sum_of_squares() -> None:
    result = calcopt.minimize("-(x-1)^2 - (y-2)^2", "0,0", maximize=True)
    assert isinstance(result, calcopt.Result)
    assert result.method == "safeguarded"
    assert result.x.tolist() == pytest.approx([1, 2], abs=1e-9)


def test_spread_starts_find_the_four_minima() -> None:
    runs = calcopt.minimize(HIMMELBLAU, box="-5..5", starts=16)
    assert isinstance(runs, calcopt.Runs)
    assert len(runs.runs) == 16
    assert runs.command == "minimize"
    assert any("4 different minima" in remark for remark in runs.remarks)
    again = calcopt.minimize(HIMMELBLAU, box="-5..5", starts=16, seed=0)
    other = calcopt.minimize(HIMMELBLAU, box="-5..5", starts=16, seed=1)
    assert isinstance(again, calcopt.Runs)
    assert isinstance(other, calcopt.Runs)
    assert [run.trace[0].x.tolist() for run in runs.runs] == [run.trace[0].x.tolist() for run in again.runs]
    assert [run.trace[0].x.tolist() for run in runs.runs] != [run.trace[0].x.tolist() for run in other.runs]


def test_a_named_method_stays_within_the_box() -> None:
    result = calcopt.minimize("(x-3)^2", box="-1..2", method="l-bfgs")
    assert isinstance(result, calcopt.Result)
    assert result.x.tolist() == [2]
    assert "bound active: x = 2 (upper)" in result.message
    assert result.proof is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "a start, or a box"),
        ({"start": "1", "method": "nelder"}, "unknown method 'nelder'"),
        ({"start": ["1", "2"], "box": "-3..3"}, "one start at most"),
        ({"start": ["1", "2"], "starts": 3}, "one start"),
        ({"start": "1", "starts": 0}, "make no sense"),
    ],
)
def test_bad_questions(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        calcopt.minimize("x^2", **options)  # type: ignore[arg-type]


def test_starts_outside_the_domain_are_left_out_and_counted() -> None:
    runs = calcopt.minimize("x*log(x) + (y-1)^2", "1,1", starts=16)
    assert isinstance(runs, calcopt.Runs)
    assert len(runs.runs) < 16
    assert any(f"{16 - len(runs.runs)} of 16 starts lie where f" in remark for remark in runs.remarks)
    assert any(remark.startswith("1. f = -0.367879441") for remark in runs.remarks)
    with pytest.raises(MathError, match="not defined at the start"):
        calcopt.minimize("log(x)^2 + sqrt(-1-x)", "1", starts=4)


def test_the_whole_history_of_a_long_run_is_kept_on_request() -> None:
    thinned, whole = (
        calcopt.gradient_descent("x^2", "1", rate=1e-6, max_iterations=21_000, trace=kept)
        for kept in ("thinned", "all")
    )
    assert (len(whole.trace), whole.iterations, thinned.iterations) == (21_001, 21_000, 21_000)
    assert len(thinned.trace) < 21_000
    assert [step.iteration for step in thinned.trace][-3:] == [20_998, 20_999, 21_000]
