"""The examples of a training where a cluster's workers keep them: the sums of :class:`LocalShares`, to the same bits.

A worker reads a partition when it is first asked for a sum over it, keeps its examples (in memory, then in a file of
its own), and sends back summaries only. One that is asked for a partition that another had, which died, reads it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from calcopt.data.blocks import ROWS
from calcopt.data.kept import change_made, made_blocks, new_owner
from calcopt.data.pairwise import PairwiseTree
from calcopt.data.part import CutInsideCell
from calcopt.errors import DataError, UsageError
from calcopt.learn.held_out import HeldOut, hold_out
from calcopt.learn.network_functions import Array
from calcopt.learn.perceptron_encoding import Encoding
from calcopt.learn.perceptron_reading import Columns, Survey, read_share
from calcopt.learn.perceptron_table import Examples, Wanted, as_examples, check_target, settle
from calcopt.learn.shares import Block, Change, as_blocks

if TYPE_CHECKING:
    from calcopt.data.passes import Crew
    from calcopt.data.table import Table

S = TypeVar("S")


@dataclass(frozen=True)
class Surveying:
    """What a partition's columns hold."""

    columns: Columns
    keep_missing: bool

    def __call__(self, part: Table) -> Survey:
        return read_share(part, self.columns, keep_missing=self.keep_missing)


@dataclass
class Recipe:
    """How a worker comes by the examples of one partition: those held out where ``checking``, else the others.

    ``mask``: which of its rows are held out, eight in a byte; None when none is. ``owner``: the name they are kept by.
    """

    part: Table
    number: int
    encoding: Encoding
    keep_missing: bool
    mask: NDArray[np.uint8] | None
    checking: bool
    owner: str
    size: int
    changes: tuple[Change, ...] = ()
    rows: int = 0
    skipped: int = 0

    @property
    def width(self) -> int:
        return self.encoding.width + 1

    def blocks(self) -> Iterator[Array]:
        """The examples (rows ≤ 2048, p+1) after all changes. Those that were kept before the last ones are changed now.

        Numbers stand by column, as they do in a local store for passes over all rows.
        """
        keys = [(self.number, self.checking, count) for count in range(len(self.changes) + 1)]
        for key, change, then in zip(keys, self.changes, keys[1:], strict=False):
            change_made(self.owner, key, self.width, Turned(change), then)
        return (block.T for block in made_blocks(self.owner, keys[-1], self.width, self._make))

    def _make(self) -> Iterator[Array]:
        """The blocks (p+1, rows), read and changed."""
        for block in self._read():
            for change in self.changes:
                change(block.T)
            yield block

    def _read(self) -> Iterator[Array]:
        """The blocks (p+1, rows) of the table, cut anew at 2048 rows."""
        waiting, held, row = list[Array](), 0, 0
        mask = None if self.mask is None else np.unpackbits(self.mask).astype(np.bool_)
        for matrix in self.encoding.of_table(self.part, keep_missing=self.keep_missing):
            taken = matrix
            if mask is not None:
                taken = matrix[mask[row : row + len(matrix)] == self.checking]
            row += len(matrix)
            waiting.append(taken)
            held += len(taken)
            if held >= ROWS:
                joined = np.concatenate(waiting)
                yield np.ascontiguousarray(joined[:ROWS].T)
                waiting, held = [joined[ROWS:]], held - ROWS
        if held:
            yield np.ascontiguousarray(np.concatenate(waiting).T)


@dataclass(frozen=True)
class Turned:
    """A change of examples (rows, p+1), for blocks that stand by column."""

    change: Change

    def __call__(self, block: Array) -> None:
        self.change(block.T)


@dataclass(frozen=True)
class Summing:
    """The summary of a recipe's examples; None where there are none."""

    summarize: Callable[[Iterator[Block]], object]

    def __call__(self, recipe: Recipe) -> object:
        if not recipe.size:
            return None
        with np.errstate(all="ignore"):
            return self.summarize(as_blocks(recipe.blocks()))


class ClusterShares:
    """See :class:`calcopt.learn.shares.Shares`. ``recipes`` are those of all partitions, in their order."""

    def __init__(self, crew: Crew, recipes: Sequence[Recipe]) -> None:
        self._crew, self._recipes = crew, recipes

    @property
    def size(self) -> int:
        return sum(recipe.size for recipe in self._recipes)

    @property
    def width(self) -> int:
        return self._recipes[0].width - 1

    @property
    def whole(self) -> None:
        return None

    def read(self, start: int, end: int, into: Array) -> NoReturn:
        """No row comes here, and mini-batches are drawn from rows."""
        raise UsageError("a cluster gives sums over its rows, and no mini-batches of them", hint="use gd or newton")

    def total(self, summarize: Callable[[Iterator[Block]], S], merge: Callable[[S, S], S]) -> S:
        tree: PairwiseTree[object] = PairwiseTree(merge)  # type: ignore[arg-type]  # summaries are of one kind
        for share in self._crew.shares(self._recipes, Summing(summarize)):
            if share.summary is not None:
                tree.add(share.summary)
        result = tree.total()
        if result is None:
            raise ValueError("there is no row")
        return result  # type: ignore[return-value]

    def changed(self, change: Change) -> ClusterShares:
        return ClusterShares(
            self._crew, [replace(recipe, changes=(*recipe.changes, change)) for recipe in self._recipes]
        )


def cluster_examples(table: Table, columns: Columns, wanted: Wanted) -> Examples:
    """The examples on the workers of ``table.crew``; as :func:`calcopt.learn.perceptron_table.local_examples`."""
    check_target(columns, wanted.task, table.name)
    try:
        return _examples(table, table.partitions(), columns, wanted)
    except CutInsideCell:
        return _examples(table, table.partitions(whole_files=True), columns, wanted)


def _examples(table: Table, parts: Sequence[Table], columns: Columns, wanted: Wanted) -> Examples:
    crew = table.crew
    assert crew is not None
    surveys = _surveys(table, parts, crew, Surveying(columns, wanted.keep_missing))
    survey = surveys[0]
    for more in surveys[1:]:
        survey = survey + more
    encoding, settled, warnings = settle(survey, columns, wanted, table)
    held_out = hold_out(survey.rows, wanted.validation, wanted.split, table.name)
    owner = new_owner()
    learning = ClusterShares(crew, _recipes(parts, surveys, encoding, wanted, held_out, owner, checking=False))
    checking = None
    if held_out is not None:
        checking = ClusterShares(crew, _recipes(parts, surveys, encoding, wanted, held_out, owner, checking=True))
    return as_examples(learning, checking, survey, encoding, settled, warnings, table.name)


def _surveys(table: Table, parts: Sequence[Table], crew: Crew, summarize: Surveying) -> list[Survey]:
    try:
        return [share.summary for share in crew.shares(parts, summarize) if share.summary is not None]
    except DataError as error:
        before = 0
        for part in parts:  # to the same error, told with the number of its row among all rows
            read_share(part, summarize.columns, keep_missing=summarize.keep_missing, rows_before=before)
            before += part.rows + part.skipped
        raise error


def _recipes(
    parts: Sequence[Table],
    surveys: Sequence[Survey],
    encoding: Encoding,
    wanted: Wanted,
    held_out: HeldOut | None,
    owner: str,
    *,
    checking: bool,
) -> list[Recipe]:
    recipes, row = list[Recipe](), 0
    for number, (part, survey) in enumerate(zip(parts, surveys, strict=True)):
        mask, size = None, survey.rows
        if held_out is not None and survey.rows:
            drawn = held_out.mask(row, row + survey.rows)
            mask, size = np.packbits(drawn), int((drawn == checking).sum())
        recipes.append(Recipe(part, number, encoding, wanted.keep_missing, mask, checking, owner, size))
        row += survey.rows
    return recipes
