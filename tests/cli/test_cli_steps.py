"""``diff --steps``, ``--secant``, ``--tangent`` and ``--limit`` on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from running import run

from calcopt.expression import parse


@pytest.mark.parametrize(
    "words",
    [
        ("--steps", "-x*exp(x)"),
        ("-x*exp(x)", "--steps"),
        ("--steps", "--", "-x*exp(x)"),
        ("--steps=all", "-x*exp(x)"),
        ("-x*exp(x)", "--steps=all"),
    ],
)
def test_steps_with_and_without_a_value_anywhere(words: tuple[str, ...]) -> None:
    outcome = run("diff", "--json", *words)
    assert (outcome.status, outcome.err) == (0, "")
    (root,) = json.loads(outcome.out)["steps"]
    rules = json.dumps(root)
    assert '"rule": "product"' in rules
    assert ('"rule": "identity"' in rules) == ("--steps=all" in words)


def test_an_unknown_kind_of_steps_is_refused() -> None:
    outcome = run("diff", "x", "--steps=most")
    assert (outcome.status, outcome.out) == (2, "")
    assert "--steps knows no 'most'" in outcome.err
    assert "--steps=all" in outcome.err
    misspelt = run("diff", "x", "--step")
    assert misspelt.status == 2
    assert "did you mean '--steps'" in misspelt.err


def test_the_last_line_is_that_of_plain_diff() -> None:
    plain, explained = run("diff", "x*exp(x)"), run("diff", "x*exp(x)", "--steps")
    answer = next(line for line in plain.out.split("\n") if line.startswith("f'(x)"))
    assert answer == "f'(x) = (x + 1)*exp(x)"
    assert f"simplify  {answer}" in explained.out
    assert "product  [x*exp(x)]'" in explained.out


def test_quiet_is_unchanged() -> None:
    for flags in ((), ("--steps",), ("--steps=all",)):
        assert run("diff", "x*y^2", *flags, "--quiet").out == "y^2\n2*x*y\n"


def test_every_expression_of_the_document_parses_back() -> None:
    document = json.loads(run("diff", "x^2*y + if(x < y, x, 2)^x", "--steps=all", "--json").out)
    waiting = list(document["steps"])
    assert len(waiting) == 2
    count = 0
    while waiting:
        step = waiting.pop()
        for field in ("function", "derivative"):
            assert str(parse(step[field]).body) == step[field]
        assert all(str(parse(text).body) == text for text in step.get("names", {}).values())
        waiting += step["steps"]
        count += 1
    assert count > 15
    assert [root["derivative"] for root in document["steps"]] == [
        item["expression"] for item in document["derivatives"]
    ]


def test_csv_and_events() -> None:
    rows = list(csv.DictReader(io.StringIO(run("diff", "x*sin(x^2)", "--steps", "--csv").out)))
    assert [row["rule"] for row in rows] == ["sine", "power", "chain", "product", "simplify"]
    *events, result = map(json.loads, run("diff", "x*sin(x^2)", "--steps", "--ndjson").out.splitlines())
    assert [event["rule"] for event in events] == [row["rule"] for row in rows]
    assert result["event"] == "result"
    assert "steps" not in result


def test_notation() -> None:
    assert "d/dx[sin(x)] = cos(x)" in run("diff", "x*sin(x)", "--steps", "--notation", "leibniz").out
    assert "[sin(x)]' = cos(x)" in run("diff", "x*sin(x)", "--steps", "--notation", "lagrange").out
    assert "[x*sin(y)]_x" in run("diff", "x*sin(y)", "--steps", "--notation", "lagrange").out


def test_latex_is_a_derivation() -> None:
    lines = run("diff", "x*exp(x)", "--steps", "--latex").out.splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{align*}", r"\end{align*}")
    assert lines[-2].endswith(r"&= \left(x + 1\right) \, e^{x} && \text{simplify}")


def test_secants_and_tangents_need_a_point() -> None:
    for flag in ("--secant", "--tangent"):
        outcome = run("diff", "x^2", flag)
        assert (outcome.status, outcome.out) == (2, "")
        assert "needs a point" in outcome.err
    assert "both sides tend to 2, the slope of the tangent" in run("diff", "x^2", "--secant", "--at", "x=1").out
    assert "13 + 4*(x - 2) + 6*(y - 3)" in run("diff", "x^2 + y^2", "--tangent", "--at", "2,3").out


def test_limits() -> None:
    assert "limit = e ≈ 2.718281828" in run("diff", "(1 + 1/n)^n", "--limit", "n=inf").out
    assert run("diff", "(1 + 1/n)^n", "--limit", "n=inf", "--quiet").out == "e\n"
    outcome = run("diff", "x", "--limit", "x=q")
    assert (outcome.status, outcome.out) == (2, "")
    assert "    ^" in outcome.err


def test_a_problem_file_may_ask_for_them(tmp_path: Path) -> None:
    path = tmp_path / "explained.yaml"
    path.write_text(
        "command: diff\nfunction: x*sin(x)\nat: 0\nsteps: all\nnotation: leibniz\nsecant: true\nlimit: x=0\n",
        encoding="utf-8",
    )
    shown = run("diff", str(path)).out
    for part in ("identity  d/dx[x] = 1", "both sides tend to 0", "limit = 0"):
        assert part in shown
    path.write_text("command: diff\nfunction: x\nsteps: most\n", encoding="utf-8")
    outcome = run("diff", str(path))
    assert (outcome.status, outcome.out) == (2, "")
    assert "'steps' is true, false or all" in outcome.err


def test_each_step_is_checked_while_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    from calcopt.calculus.steps import check

    checked = []
    monkeypatch.setattr(check, "check", lambda root: checked.append(root))
    run("diff", "x*exp(x)", "--steps")
    assert checked == []
    run("diff", "x*exp(x)", "--steps", variables={"CALCOPT_DEBUG": "1"})
    assert len(checked) == 1
