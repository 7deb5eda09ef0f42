"""``python -m calcopt``, and the ``calcopt`` script."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line and return the exit status (Ctrl-C during start-up included).

    A start makes some 10⁵ lasting objects, and there is no garbage among them: the collector first looks when
    there are more, and not at all on the way out. Together that is a tenth of the time of a short command.
    """
    gc.set_threshold(200_000, 20, 50)
    try:
        from calcopt.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return 130
    finally:
        gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
