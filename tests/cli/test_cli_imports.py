"""A command pays only for what it uses: what is loaded is asserted, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from running import clean_environment

HEAVY = {"numpy", "scipy", "sympy", "pyarrow", "rich", "msgspec", "ruamel", "pydantic", "click"}
NEWTON = ["newton", "x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y", "--start", "4,4", "--json"]
ASK = "import json, sys; from calcopt.cli.main import main; sys.argv[0] = 'calcopt'; status = main(); " + (
    "print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)"
)


def loaded(words: list[str]) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK, *words],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=True,
        timeout=60,
    )
    status, modules = json.loads(done.stderr)
    assert status == 0
    return set(modules)


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], [], ["newton", "--help"], ["fit-line", "--help"], ["fit", "--help"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    assert not HEAVY & loaded(words)


def test_help_imports_no_command() -> None:
    assert "calcopt.cli.newton" not in loaded(["--help"])


def test_newton_loads_numpy_alone() -> None:
    modules = loaded(NEWTON)
    assert HEAVY & modules == {"numpy"}
    assert {"numpy.ma", "numpy.testing", "numpy.random"}.isdisjoint(modules)


def test_diff_loads_neither_rich_nor_data() -> None:
    assert (HEAVY & loaded(["diff", "x*exp(x)", "--json"])) <= {"sympy"}


def test_the_package_itself_is_lazy() -> None:
    ask = "import json, sys, calcopt; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    assert not (HEAVY | {"typer"}) & set(json.loads(done.stdout))


def test_every_public_name_is_there_and_no_other() -> None:
    import calcopt as package

    assert all(getattr(package, name) is not None for name in package.__all__)
    assert dir(package) == sorted(package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'minimise'"):
        package.minimise  # noqa: B018
