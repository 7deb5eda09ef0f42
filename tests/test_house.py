"""The house rules that a machine can check."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "calcopt"
FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_file_has_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= 350, "longer than a file with one idea"
    assert not tree.body or ast.get_docstring(tree) or path.name == "_version.py", (
        "no docstring says what the file is for"
    )


def test_sympy_is_imported_in_one_room() -> None:
    importing = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(name.name.split(".")[0] == "sympy" for name in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sympy")
    }
    assert all(name.startswith("calculus/algebra") for name in importing), sorted(importing)


def test_text_is_evaluated_nowhere() -> None:
    """``eval`` never; ``exec`` only where our own generated kernels are loaded."""
    calls = {
        (node.func.id, path.relative_to(PACKAGE).as_posix())
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"eval", "exec", "sympify"}
    }
    assert {place.split("/")[0] for _, place in calls} <= {"numeric"}, sorted(calls)
    assert len(calls) <= 1, sorted(calls)
