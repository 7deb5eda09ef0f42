"""What a command is to the program: its arguments in, a job out."""

from __future__ import annotations

from collections.abc import Callable

from calcopt.cli.environment import Environment

Job = Callable[[Environment], int]
"""Does what the command line says, in an environment, and returns the exit status. Errors are raised."""
