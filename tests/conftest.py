"""Shared by all tests: reproducible Hypothesis runs, and no environment variable that changes what is printed."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "calcopt", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("calcopt")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)


# -- the referee's count of claims, over all processes of a run ------------------------------------------------------

AUDITED = {"claims": 0, "false": 0}


def _add(tally: dict[str, int]) -> None:
    for name in AUDITED:
        AUDITED[name] += tally[name]


def pytest_sessionfinish(session: pytest.Session) -> None:
    referee = sys.modules.get("referee")
    if referee is None:
        return
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["referee"] = referee.TALLY
    else:
        _add(referee.TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _add(getattr(node, "workeroutput", {}).get("referee", {"claims": 0, "false": 0}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if AUDITED["claims"]:
        terminalreporter.write_line(f"referee: {AUDITED['claims']} claims audited, {AUDITED['false']} false")
