"""Problem files: what is read, and where and how every fault is reported."""

# ruff: noqa: E501 (one fault a line reads as a table)
from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import calcopt
from calcopt.errors import FileError
from calcopt.problem.load import load_problem, loads


def fault(text: str, path: str = "p.yaml") -> FileError:
    with pytest.raises(FileError) as caught:
        loads(text, path)
    return caught.value


# ---------------------------------------------------------------------------------------------------------------
# What is read
# ---------------------------------------------------------------------------------------------------------------


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("function: x^2 + y^2\nstart: {x: 1e-6, y: pi/2}\nmax-iterations: 5\nroot: false\n")
    (tmp_path / "p.json").write_text(
        '{\n\t"$schema": "problem.schema.json",\n\t"function": "x^2 + y^2",'
        '\n\t"start": {"x": 1e-6, "y": "pi/2"}, "max-iterations": 5, "root": false\n}'
    )
    for name in ("p.yaml", "p.json"):
        problem = calcopt.load_problem(tmp_path / name)
        assert problem.function == "x^2 + y^2"
        assert problem.start == {"x": 1e-6, "y": "pi/2"}
        assert (problem.max_iterations, problem.root, problem.rate) == (5, False, None)


def test_words_that_older_yaml_reads_as_truth_or_time() -> None:
    problem = loads("data: a.csv\nx: [n, no, on]\ny: y\ntarget: yes\nnote: 2026-01-01\ntitle: 1:30")
    assert problem.x == ["n", "no", "on"]
    assert (problem.y, problem.target, problem.note, problem.title) == ("y", "yes", "2026-01-01", "1:30")


def test_a_number_where_text_is_wanted_is_its_text() -> None:
    problem = loads("data: a.csv\ny: 2020\ntitle: 1.50")
    assert (problem.y, problem.title) == ("2020", "1.50")
    assert loads("function: 3").function == "3"


def test_data_is_relative_to_the_file(tmp_path: Path) -> None:
    assert loads("data: a.csv", "folder/p.yaml").data == str(Path("folder/a.csv"))
    assert loads("data: a.csv").data == "a.csv"
    assert loads("data: '-'", "folder/p.yaml").data == "-"
    assert loads(f"data: {tmp_path}/a.csv", "folder/p.yaml").data == f"{tmp_path}/a.csv"


def test_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "p.yml"
    path.write_bytes("\ufefffunction: |\r\n  x^2\r\n  + 1\r\nstart: 1\r\n".encode())
    assert load_problem(path).function == "x^2\n+ 1\n"


def test_a_system_may_be_text_or_a_list() -> None:
    assert loads("functions: [x + y, x - y]\nstart: {x: 1, y: 2}").functions == ["x + y", "x - y"]
    assert loads("function: x + y; x - y\nstart: {x: 1, y: 2}").function == "x + y; x - y"


def test_aliases_are_read_as_what_they_stand_for() -> None:
    assert loads("function: x\nstart: &s [1]\nat: *s").at == [1]


def test_a_problem_shows_only_what_it_holds() -> None:
    assert repr(loads("function: x^2\nstart: 1")) == "Problem(function='x^2', start=1)"


# ---------------------------------------------------------------------------------------------------------------
# Faults, each with its place
# ---------------------------------------------------------------------------------------------------------------

FAULTS = [
    # keys
    ("functon: x", 1, 1, "functon", "unknown key 'functon'", "did you mean 'function'?"),
    ("function: x\nmax_iterations: 3", 2, 1, "max_iterations", "unknown key 'max_iterations'", "did you mean 'max-iterations'?"),
    ("function: x\nfunction: y", 2, 1, "function", "'function' is given twice (first in line 1)", None),
    ("function: x\nlet: {a: 1, a: 2}", 2, 13, "a", "'a' is given twice (first in line 2)", None),
    ("function: x\nstart:\nrate: 1", 2, 1, "start", "'start' has no value", "give it one, or delete the line"),
    ("function: x\nfunctions: [y]", 2, 1, "functions", "'function' is given too", "keep one of the two"),
    ("- function: x", 1, 1, "-", "a problem file holds keys and values", "begin with function: … or data: …"),
    # types
    ("function: x\nrate: abc", 2, 7, "abc", "'rate' is a number above 0, not 'abc'", None),
    ("function: x\nrate: 0", 2, 7, "0", "'rate' is a number above 0, not 0", None),
    ("function: x\nmax-iterations: 1.5", 2, 17, "1.5", "'max-iterations' is a whole number of 0 or above, not 1.5", None),
    ("function: x\nroot: yes", 2, 7, "yes", "'root' is true or false, not 'yes'", "write true"),
    ("function: x\nmethod: newtn", 2, 9, "newtn", "'method' is the name of a method, not 'newtn'", "did you mean 'newton'?"),
    ("data: a\nmissing: drop", 2, 10, "drop", "'missing' is error, skip or mean, not 'drop'", "one of error, mean, skip"),
    ("data: a\nvalidation: 1", 2, 13, "1", "'validation' is a number from 0 up to, not including, 1, not 1", None),
    ("data: a\nhidden: [8, x]", 2, 13, "x", "'hidden' is whole numbers from 1 on, such as [8, 4], not 'x'", None),
    ("function: [x, y]", 1, 11, "[x, y]", "'function' is a formula as text, not a list", None),
    ("function: x\nstart: {x: true}", 2, 12, "true", "'start' is a point, such as {x: 4, y: 4} or [4, 4], not true", None),
    ("function: x\nstart: {x: [1]}", 2, 12, "[1]", "'start' is a point, such as {x: 4, y: 4} or [4, 4], not a list", None),
    ("function: x\nstart: [[1], [null]]", 2, 15, "null", "'start' is a point, such as {x: 4, y: 4} or [4, 4], not null", None),
    ("function: x\nrate: .inf", 2, 7, ".inf", ".inf is not a finite number", None),
    # formulas and values inside the file
    ("function: 3*x + sinn(x)", 1, 17, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("function: '3*x + sinn(x)'", 1, 18, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ('function: "x\\u00b2 + sinn(x)"', 1, 22, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("function: |\n   x^2\n   + sinn(x)\n", 3, 6, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("function: >-\n  x^2\n  + sinn(x)\n", 3, 5, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("function: x^2\n  + sinn(x)\n", 2, 5, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("functions:\n  - x + y\n  - sinn(x)\n", 3, 5, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("function: x + y; sinn(x)", 1, 18, "sinn", "unknown function 'sinn'", "did you mean 'sin'?"),
    ("function: x + y\nstart: {x: 1, z: 2}", 2, 15, "z", "unknown variable 'z'", "the function has x, y"),
    ("function: thetas\nstart: theta=1", 2, 8, "theta", "unknown variable 'theta'", "did you mean 'thetas'?"),
    ("function: x\nstart: 1/0", 2, 8, "1/0", "1/0 is not a finite number", None),
    ("function: x\nstart: [{x: 1}, {x: 'q+1'}]", 2, 22, "q", "expected a number, found the name 'q'", None),
    ("function: x\nbox: {x: 5..1}", 2, 10, "5..1", "the range is reversed", "write 1..5"),
    ("function: x\nbox: 3", 2, 6, "3", "a range is written low..high", "such as -5..5 or 0..pi"),
    ("function: x\nbox: {x: 3}", 2, 10, "3", "'box' is ranges, such as {x: -5..5, y: [0, 1]}, not 3", None),
    ("function: x\nbox: {x: '3'}", 2, 11, "3", "a range is written low..high", "such as -5..5 or 0..pi"),
    ("function: x\nlet: {a: b}", 2, 10, "b", "expected a number, found the name 'b'", None),
    ("function: x\nlet: a=1,a=2", 2, 10, "a", "'a' is given twice", None),
    ("function: x\nlet: {pi: 3}", 2, 7, "pi", "'pi' is a constant and has its own value", None),
    ("function: x\nvar: x,,y", 2, 8, ",", "a name is missing", "write A,B"),
    ("data: a\nhidden: 8,b", 2, 11, "b", "'b' is not a number of units", "write 8,4"),
    # YAML
    ("function: |x| + 1", 1, 12, "x", "this is not YAML: '|' and '>' begin a block of lines", 'put a formula with |…| in quotes: "|x| + 1"'),
    ("function: x: 1", 1, 12, ":", "this is not YAML: a second ':' in one line, or a wrong indentation", "put text with ': ' in quotes"),
    ("function: x\nfoo", 2, 1, "f", "this is not YAML: a line without 'key: value'", None),
    ("function: @x", 1, 11, "@", "this is not YAML: a value cannot begin with '@'", "put it in quotes"),
    ("function: *x", 1, 11, "*", "this is not YAML: a value that begins with '*' is an alias", "put it in quotes"),
    ("\tfunction: x", 1, 1, "\t", "this is not YAML: a tab in the indentation", "use blanks"),
    ("function: x\n---\nfunction: y", 2, 1, "-", "this is not YAML: a second document begins here", "one problem a file"),
    ("function: x\x01", 1, 12, "\x01", "a control character", "delete it"),
    ("function: !!python/object:os.system x", 1, 11, "!", "the tag '!python/object:os.system' is not known here", "write the value without it"),
    ("function: x\nrate: !!float abc", 2, 15, None, "this is no number that can be read", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "marked", "message", "hint"), FAULTS)
def test_faults(text: str, line: int, column: int, marked: str | None, message: str, hint: str | None) -> None:
    found = fault(text)
    assert (found.message, found.hint) == (message, hint)
    if marked is None:
        return
    assert (found.line, found.column) == (line, column)
    assert found.line_text is not None
    assert found.line_text[column - 1 : column - 1 + found.width] == marked
    assert found.report().startswith(f"p.yaml:{line}:{column}: ")
    assert "^" * len(marked) in found.report()


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{"function" "x^2"}', 1, 13, "this is not JSON: expecting ':' delimiter"),
        ('{"function": "x",\n "function": "y"}', 2, 2, "'function' is given twice (first in line 1)"),
        ('{"function": "x",\n\t"rate": "a"}', 2, 10, "'rate' is a number above 0, not 'a'"),
        ('{"function": "foo(x)"}', 1, 15, "unknown function 'foo'"),
        ('{"rate": NaN}', 1, 10, "NaN is not JSON"),
        ('{"rate": 1e999}', 1, 10, "1e999 is not a finite number"),
        ("function: x", 1, 1, "this is not JSON: expecting value"),
        ('["x"]', 1, 1, "a problem file holds keys and values"),
    ],
)
def test_faults_in_json(text: str, line: int, column: int, message: str) -> None:
    found = fault(text, "p.json")
    assert (found.line, found.column, found.message) == (line, column, message)


@pytest.mark.parametrize("text", ["", "# nothing\n", "  \n", "---\n", "null"])
@pytest.mark.parametrize("path", ["p.yaml", "p.json"])
def test_empty_files(text: str, path: str) -> None:
    if path == "p.json" and text.lstrip().startswith(("#", "-")):
        assert "not JSON" in fault(text, path).message
    else:
        assert fault(text, path).message == "the file is empty"


def test_a_problem_needs_something_to_work_on() -> None:
    assert fault("title: t").hint == "add function: … or data: …"


def test_what_the_command_line_may_still_add_is_no_fault() -> None:
    assert loads("function: a*x^2\nstart: {x: 1}").start == {"x": 1}
    assert loads("function: sum(x[i]^2, i, 1, n)\nstart: x[1]=3,x[2]=4").start == "x[1]=3,x[2]=4"


# ---------------------------------------------------------------------------------------------------------------
# Hostile files
# ---------------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (BOMB, "p.yaml"),
        ("function: &a [*a]", "p.yaml"),
        ("function: " + "[" * 5000, "p.yaml"),
        ('{"a":' * 5000, "p.json"),
        ("function: x\nstart: " + "9" * 5000, "p.yaml"),
        ('{"function": "x", "start": ' + "9" * 5000 + "}", "p.json"),
        ("function: x\nstart: 9**9**9**9", "p.yaml"),
        ("function: __import__('os').system('true')", "p.yaml"),
        ("function: x\nlet: {a: '().__class__'}", "p.yaml"),
        ("? [a, b]\n: 1", "p.yaml"),
        ("<<: {function: x}", "p.yaml"),
    ],
)
def test_hostile_files_are_refused_at_once(text: str, path: str) -> None:
    begun = time.process_time()
    assert fault(text, path).exit_status == 2
    assert time.process_time() - begun < 2


@given(st.text(alphabet=st.sampled_from(list("function:start x1+{}[],'\"|>-&*!#\n\t \\")), max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for path in ("p.yaml", "p.json"):
        try:
            loads(text, path)
        except FileError as found:
            report = found.report()
        else:
            report = path
        assert report.startswith(path)


# ---------------------------------------------------------------------------------------------------------------
# The file itself
# ---------------------------------------------------------------------------------------------------------------


def file_fault(path: Path | str) -> str:
    with pytest.raises(FileError) as caught:
        load_problem(path)
    return caught.value.report()


def test_missing_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "sauna.yaml").write_text("function: x")
    (tmp_path / "folder.yaml").mkdir()
    assert f"did you mean '{tmp_path / 'sauna.yaml'}'?" in file_fault(tmp_path / "suana.yaml")
    assert f"did you mean '{tmp_path / 'sauna.yaml'}'?" in file_fault(tmp_path / "sauna.json")
    assert f"did you mean '{tmp_path / 'sauna.yaml'}'?" in file_fault(tmp_path / "sauna")
    assert file_fault(tmp_path / "q.yaml").endswith("there is no such file")
    assert "there is no folder" in file_fault(tmp_path / "none" / "q.yaml")
    assert "this is a folder; name a file in it" in file_fault(tmp_path / "folder.yaml")
    assert "this is a folder" in file_fault(tmp_path)
    assert "cannot be read" in file_fault("\0.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\0\0", "this is no text file"),
        ("function: x".encode("utf-16"), "this is UTF-16 text; save it as UTF-8"),
        (b"function: x\nnote: caf\xe9\n", ":2: this is not UTF-8 text; save it as UTF-8"),
        (b"#" * 1_000_001, "the file is longer than 1 MB"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    assert said in file_fault(path)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    for name in ("p.txt", "p"):
        (tmp_path / name).write_text("function: x")
        assert "problem files end in .yaml, .yml or .json" in file_fault(tmp_path / name)


def test_a_long_formula_is_read(tmp_path: Path) -> None:
    text = "+".join(f"(x{i}-{i})^2" for i in range(4000))
    assert loads(f"function: {text}").function == text
