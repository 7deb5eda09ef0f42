"""Every example of docs/real-data.md is run, in a real shell, and prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page import ROOT, check


@pytest.mark.slow
def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    check(ROOT / "docs" / "real-data.md", tmp_path)
