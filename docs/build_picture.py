"""Draws docs/newton.svg: calcopt run in a real pseudo-terminal, its screen turned into an SVG.

    python docs/build_picture.py

Needs a Unix system. The picture holds what the program printed, colours included; no fonts are fetched.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
COMMAND = "calcopt newton 'exp(x) - log(x)' --start 0.05 --method pure"
COLUMNS = 92


def terminal_output(command: str, columns: int) -> str:
    """What ``command`` prints when its streams are a terminal of this width."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    process = subprocess.Popen(["bash", "-c", command], stdin=writer, stdout=writer, stderr=writer, env=environment)
    os.close(writer)
    chunks = []
    try:
        while chunk := os.read(reader, 65536):
            chunks.append(chunk)
    except OSError:  # Linux reports the closed far end of a pseudo-terminal as an error
        pass
    process.wait()
    os.close(reader)
    return b"".join(chunks).decode("utf-8").replace("\r\n", "\n")


def main() -> None:
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "bold green"), COMMAND))
    console.print(Text.from_ansi(terminal_output(COMMAND, COLUMNS)))
    picture = console.export_svg(title="calcopt", theme=MONOKAI)
    begin, end = picture.index("@font-face"), picture.rindex("@font-face")
    end = picture.index("}", end) + 1
    (HERE / "newton.svg").write_text(picture[:begin] + picture[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
