"""``python -m calcopt``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return the exit status (Ctrl-C during start-up included)."""
    try:
        from calcopt.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
