"""Write docs/cli.md from the commands' own --help; ``--check`` only says whether it is current."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from calcopt.cli.commands import COMMANDS
from calcopt.cli.environment import Environment
from calcopt.cli.main import program

PAGE = Path(__file__).with_name("cli.md")
INTRODUCTION = """# The commands

Made from `calcopt COMMAND --help` by `python docs/build_cli_reference.py`; do not edit.

"""


def help_of(*words: str) -> str:
    """What ``calcopt WORDS --help`` prints at the width of a page."""
    printed = io.StringIO()
    environment = Environment(io.BytesIO(), printed, io.StringIO(), variables={})
    if program([*words, "--help"], environment) != 0:
        raise SystemExit(f"calcopt {' '.join(words)} --help failed: {environment.stderr}")
    return printed.getvalue()


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION, f"## calcopt\n\n```text\n{help_of()}```\n"]
    parts += [f"\n## calcopt {name}\n\n```text\n{help_of(name)}```\n" for name in COMMANDS]
    return "".join(parts)


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print("docs/cli.md is current" if current else "docs/cli.md is out of date: run docs/build_cli_reference.py")
        return 0 if current else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
