"""Which of three and more classes a plane separates from all others: reason enough for a loss without a minimum.

Where a plane w·x + b = 0 has the rows of class k on one side and all others on the other side (or on the plane), adding
t (w, b) to the logit of k lowers the loss of every row that is not on the plane, the more the larger t is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from calcopt.learn.network import Network
from calcopt.learn.network_functions import Array
from calcopt.learn.perceptron_scaling import Scaling
from calcopt.learn.separation import MOST_CELLS, find_separation, in_words
from calcopt.learn.shares import Block, Change, Shares
from calcopt.learn.training_problem import TrainingProblem
from calcopt.records import Separation

S = TypeVar("S")


def find_separable_class(
    problem: TrainingProblem, scaling: Scaling, names: Sequence[str], classes: Sequence[str]
) -> tuple[str, Separation] | None:
    """A class and its plane, wholly separated if one is; None where none is known."""
    if problem.network.hidden or problem.size * problem.features * len(classes) > MOST_CELLS:
        return None
    quasi = None
    for number, name in enumerate(classes):
        network = Network((problem.features, 1), problem.network.activation, "sigmoid")
        against = TrainingProblem(
            network, _OneClass(problem.shares, number), noise=problem.noise, redundant=problem.redundant
        )
        found = find_separation(against, np.zeros(network.parameters), scaling, names, proved=False)
        if found is not None and found.kind == "perfect":
            return name, found
        if found is not None and quasi is None:
            quasi = name, found
    return quasi


def separable_class_in_words(
    problem: TrainingProblem, scaling: Scaling, names: Sequence[str], classes: Sequence[str]
) -> str | None:
    """What :func:`find_separable_class` found."""
    found = find_separable_class(problem, scaling, names, classes)
    if found is None:
        return None
    name, plane = found
    how = f"a plane separates '{name}' from the other classes"
    if plane.kind == "quasi":
        how = f"'{name}' is quasi-separated from the other classes"
    return f"{how}, so weights grow for ever: {in_words(plane, name)}"


@dataclass(frozen=True)
class _OneClass:
    """The same shares with the target 1 for class ``number`` and 0 for all others; for sums alone."""

    shares: Shares
    number: int

    @property
    def size(self) -> int:
        return self.shares.size

    @property
    def width(self) -> int:
        return self.shares.width

    @property
    def whole(self) -> Array | None:
        return None

    def read(self, start: int, end: int, into: Array) -> None:
        self.shares.read(start, end, into)
        into[:, -1] = into[:, -1] == self.number

    def total(self, summarize: Callable[[Iterator[Block]], S], merge: Callable[[S, S], S]) -> S:
        return self.shares.total(_Against(summarize, self.number), merge)

    def changed(self, change: Change) -> Shares:
        return _OneClass(self.shares.changed(change), self.number)


@dataclass(frozen=True, slots=True)
class _Against(Generic[S]):
    summarize: Callable[[Iterator[Block]], S]
    number: int

    def __call__(self, blocks: Iterator[Block]) -> S:
        return self.summarize(Block(rows, (targets == self.number).astype(np.float64)) for rows, targets in blocks)
