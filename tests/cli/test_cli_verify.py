"""calcopt verify, and classify-critical --digits, as commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calcopt.certify.scalars import has_flint
from tests.cli.running import run

FUNCTION = "sin(x)*y + x^2 + y^3"


@pytest.fixture
def document() -> dict[str, Any]:
    outcome = run("classify-critical", FUNCTION, "--box", "-1..1", "--json")
    assert outcome.status == 0
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def written(path: Path, document: object) -> str:
    file = path / "certificate.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


def test_a_certificate_is_proved_again(tmp_path: Path, document: dict[str, Any]) -> None:
    outcome = run("verify", written(tmp_path, document), "--json")
    assert outcome.status == 0
    told = json.loads(outcome.out)
    assert told["verified"] is True
    assert [item["holds"] for item in told["certificates"]] == [True, True]
    assert told["arithmetic"] == ("Arb (python-flint)" if has_flint() else "mpmath.iv")
    assert "2 of 2 certificates hold" in run("verify", written(tmp_path, document)).out
    assert run("verify", written(tmp_path, document), "--quiet").out == "1 holds\n2 holds\n"
    rows = run("verify", written(tmp_path, document), "--csv").out
    assert rows.startswith("x low,x high,y low,y high,classification")


def test_a_false_certificate_is_status_3(tmp_path: Path, document: dict[str, Any]) -> None:
    document["points"][0]["classification"] = "local maximum"
    document["points"][1]["enclosure"]["x"] = [0.25, 0.26]
    outcome = run("verify", written(tmp_path, document), "--json")
    assert outcome.status == 3
    assert [item["holds"] for item in json.loads(outcome.out)["certificates"]] == [False, False]
    document["function"] = "x^2 + y^2"
    assert run("verify", written(tmp_path, document)).status == 3


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"command": "diff"},
        {"function": 3},
        {"variables": []},
        {"variables": ["x"]},
        {"variables": ["x", "x"]},
        {"points": 1},
        {"points": [{"certified": True}]},
        {"points": [{"certified": True, "enclosure": {"x": [1, 0], "y": [0, 1]}}]},
        {"points": [{"certified": True, "enclosure": {"x": [0, None], "y": [0, 1]}}]},
        {"points": [{"certified": True, "enclosure": {"x": [0, 1], "y": [0, 1]}, "classification": "hill"}]},
        {"function": "__import__('os')"},
    ],
)
def test_what_is_no_certificate_is_status_2(tmp_path: Path, document: dict[str, Any], broken: Any) -> None:
    outcome = run("verify", written(tmp_path, {**document, **broken} if broken else broken))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(("error: ", str(tmp_path)))


def test_a_document_without_certificates_is_not_verified(tmp_path: Path, document: dict[str, Any]) -> None:
    outcome = run("verify", written(tmp_path, {**document, "points": []}))
    assert outcome.status == 3
    assert "no point is certified" in outcome.out


def test_digits_need_flint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calcopt.certify.scalars.find_spec", lambda name: None)
    outcome = run("classify-critical", FUNCTION, "--box", "-1..1", "--digits", "50")
    assert (outcome.status, outcome.out) == (2, "")
    assert "pip install 'calcopt[proof]'" in outcome.err


@pytest.mark.skipif(not has_flint(), reason="python-flint is not installed")
def test_fifty_digits() -> None:
    """x e^x = 1: the omega constant, OEIS A030178."""
    outcome = run("classify-critical", "exp(x) - log(x)", "--box", "0.1..2", "--digits", "50", "--json")
    (point,) = json.loads(outcome.out)["points"]
    assert point["digits"] == {"x": "0.56714329040978387299996866221035554975381578718651"}
    table = run("classify-critical", "exp(x) - log(x)", "--box", "0.1..2", "--digits", "50")
    assert "0.56714329040978387299996866221035554975381578718651" in table.out


@pytest.mark.parametrize("digits", ["0", "-3", "1e5", "x", "100000"])
def test_digits_that_are_none(digits: str) -> None:
    assert run("classify-critical", "x^2", "--digits", digits).status == 2


def test_budget_is_status_3() -> None:
    outcome = run("classify-critical", "sin(x*y) + cos(x^2)", "--box", "-10..10", "--max-boxes", "20", "--json")
    assert outcome.status == 3
    told = json.loads(outcome.out)
    assert told["complete"] is False
    assert [item["kind"] for item in told["undecided"]] == ["budget"]
    assert "--max-boxes" in told["undecided"][0]["reason"]


def test_undecided_boxes_are_shown() -> None:
    outcome = run("classify-critical", "|x| + |y|", "--box", "-1..1")
    assert "undecided (kink)" in outcome.out
    assert "abs(x), abs(y)" in outcome.out
