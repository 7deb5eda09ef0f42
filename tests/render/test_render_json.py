"""The JSON documents hold the contract's fields, in its order, and no NaN."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from examples import (
    RECORDS,
    gradient_at,
    line_fit,
    network,
    newton_result,
    one_derivative,
    perceptron,
    sauna_points,
    several_runs,
    symbolic_point,
    system_result,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from calcopt.records import Iteration
from calcopt.render import documents, solved
from calcopt.render.json import document, line

SOLVER = (
    "command function variables goal method status converged message x value gradient gradient_norm hessian "
    "eigenvalues classification certified iterations evaluations trace"
)
CONTRACT = {
    "newton": SOLVER,
    "descent": SOLVER,
    "derivative": "command function variables order derivatives",
    "gradient": "command function variables order derivatives gradient hessian at value derivative_values "
    "gradient_value hessian_value tangent",
    "sauna": "command function variables box points continua undecided complete global_minimum global_maximum",
    "runs": "command runs best",
    "line": "command data rows skipped target features method status parameters slope intercept cost r_squared "
    "residual_standard_deviation standard_errors t_values p_values confidence_intervals trace",
    "curve": "command model data rows skipped target method status converged message parameters "
    "residual_sum_of_squares r_squared residual_standard_deviation standard_errors t_values p_values "
    "confidence_intervals correlations aic bic runs trace",
    "perceptron": "command task target classes features hidden activation method status epochs loss accuracy weights "
    "bias separable model trace",
}


def read(record: object) -> dict[str, object]:
    found = json.loads(document(documents.of(record)), parse_constant=lambda name: pytest.fail(name))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", CONTRACT)
def test_fields_and_their_order(name: str) -> None:
    fields = CONTRACT[name].split()
    assert [field for field in read(RECORDS[name]()) if field in fields] == fields


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_has_a_document(name: str) -> None:
    assert read(RECORDS[name]())["command"]


def test_the_solver_document() -> None:
    found = read(newton_result())
    assert found["x"] == {"x": 4.16e-17, "y": -2.05e-17}
    assert found["hessian"] == [[8.0, -1.0], [-1.0, 4.0]]
    assert found["evaluations"] == {"value": 9, "gradient": 9, "hessian": 9}
    assert found["classification"] == "local minimum"
    trace = found["trace"]
    assert isinstance(trace, list)
    assert list(trace[0])[:7] == ["iteration", "x", "value", "gradient", "gradient_norm", "step_norm", "step"]
    assert trace[0]["step_norm"] is None
    assert trace[1]["step"] == "N"


def test_nan_and_infinity_are_null() -> None:
    broken = replace(newton_result(), value=math.nan, gradient=np.array([math.inf, 1.0]))
    found = read(broken)
    assert found["value"] is None
    assert found["gradient"] == {"x": None, "y": 1.0}


def test_a_sparse_hessian_is_given_by_its_entries() -> None:
    found = read(replace(newton_result(), hessian=csr_array(np.diag([1.0, 2.0]))))
    assert found["hessian"] is None
    assert found["hessian_entries"] == [[0, 0, 1.0], [1, 1, 2.0]]


def test_a_system_has_residual_and_jacobian() -> None:
    found = read(system_result())
    assert found["residual"] == [0.0, 4.44e-16]
    assert found["gradient"] is None


def test_one_variable_has_neither_gradient_nor_hessian_nor_values() -> None:
    assert not {"gradient", "hessian", "at", "value"} & set(read(one_derivative()))


def test_several_points() -> None:
    record = gradient_at()
    found = read(replace(record, at=record.at * 2))
    assert isinstance(found["points"], list)
    assert len(found["points"]) == 2
    assert found["at"] == {"x": 2.0, "y": math.pi}


def test_symbols_leave_numbers_null() -> None:
    points = read(symbolic_point())["points"]
    assert isinstance(points, list)
    assert points[0]["x"] is None
    assert points[0]["exact"] == {"x": "a/2 + b/2"}


def test_learning() -> None:
    assert read(line_fit())["slope"] == 0.5
    assert read(perceptron())["classes"] == ["happy", "sad"]
    assert read(network())["weights"] == [[[1.0, -2.0], [1.5, -2.5]], [[3.0], [-3.0]]]
    assert read(several_runs())["best"] == 2
    assert read(sauna_points())["complete"] is True


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back_as_the_same_double(value: float) -> None:
    assert json.loads(line({"v": value}))["v"] == value
    assert json.loads(line({"v": np.float64(value)}))["v"] == value


def test_a_document_has_a_field_a_line() -> None:
    text = document({"a": 1, "rows": [{"b": 2}, {"b": 3}], "empty": []})
    assert text == '{\n  "a": 1,\n  "rows": [\n    {"b": 2},\n    {"b": 3}\n  ],\n  "empty": []\n}'


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        line(object())


def test_long_vectors_are_in_the_result_and_not_in_every_row() -> None:
    n = solved.MOST_IN_ROWS + 1
    names = tuple(f"x[{i}]" for i in range(n))
    step = Iteration(3, np.ones(n), 2.0, np.zeros(n), 0.0, 1.0, "N")
    row = solved.iteration(step, names)
    assert (row["x"], row["gradient"], row["value"], row["step"]) == (None, None, 2.0, "N")
    few = solved.iteration(Iteration(0, np.ones(2), 2.0, np.zeros(2), 0.0), ("a", "b"))
    assert (few["x"], few["gradient"]) == ({"a": 1.0, "b": 1.0}, {"a": 0.0, "b": 0.0})
