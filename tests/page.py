"""Pages whose examples are run, in a real shell, and must print what the page says.

A ```console block holds commands after ``$`` and their output; a line ``…`` stands for any lines. Set
CALCOPT_UPDATE_README=1 to write the present output into the pages, then read the difference before committing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.S)


def examples(page: Path) -> list[tuple[str, str]]:
    """Pairs (command, expected output) in the order of the page."""
    found = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.split("\n")
            count = 1
            while lines[count - 1].endswith("\\"):
                count += 1
            found.append(("\n".join(lines[:count]), "\n".join(lines[count:]).rstrip("\n")))
    return found


def check(page: Path, folder: Path) -> None:
    """Run the examples in ``folder``, in order, since later ones use files that earlier ones wrote."""
    text = page.read_text(encoding="utf-8")
    wrong = []
    for command, expected in examples(page):
        actual = run(command, folder)
        if not matches(expected, actual):
            wrong.append(f"$ {command}\n--- expected\n{expected}\n--- printed\n{actual}")
            before, after = (f"{each}\n" if each else "" for each in (expected, actual))
            text = text.replace(f"$ {command}\n{before}", f"$ {command}\n{after}", 1)
    if os.environ.get("CALCOPT_UPDATE_README") == "1":
        page.write_text(text, encoding="utf-8")
        return
    assert not wrong, "\n\n".join(wrong)


def run(command: str, folder: Path) -> str:
    """What a command prints, on both streams."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, timeout=120, check=False
    )
    text = (done.stdout + done.stderr).decode("utf-8")
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))


def matches(expected: str, actual: str) -> bool:
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()) + r"\n" for line in expected.split("\n")
    )
    return re.fullmatch(pattern, actual + "\n") is not None
