"""Formulas nested so deeply that SymPy's recursion would not end on Python's usual stack."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from calcopt.expression.tree import Expr, postorder

T = TypeVar("T")
USUAL_HEIGHT = 50
"""SymPy needs some ten frames for each level: Python's usual thousand are enough for trees of this height."""
STACK = 512 * 1024 * 1024
FRAMES = 100_000


def height(expr: Expr) -> int:
    """Nodes from the root to the deepest leaf."""
    levels: dict[Expr, int] = {}
    for node in postorder(expr):
        levels[node] = 1 + max((levels[child] for child in node.args), default=0)
    return levels[expr]


def with_enough_stack(expr: Expr, work: Callable[[], T]) -> T:
    """``work()``, on a stack of its own where ``expr`` is nested deeply; what it raises is raised here."""
    if height(expr) <= USUAL_HEIGHT:
        return work()
    answers: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:
            errors.append(error)

    frames, size = sys.getrecursionlimit(), threading.stack_size(STACK)
    sys.setrecursionlimit(max(frames, FRAMES))
    try:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(frames)
        threading.stack_size(size)
    if errors:
        raise errors[0]
    return answers[0]
