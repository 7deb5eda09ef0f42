"""What people see of ``--steps``: a tree of rules, each with what it is applied to and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from calcopt.errors import printable
from calcopt.records import Derivatives, Step
from calcopt.render import notation as write_name
from calcopt.render.notation import Notation
from calcopt.render.people.layout import BLANK, FIRST_ROWS, LAST_ROWS, Layout, thinned
from calcopt.render.reasons import abbreviated, conclusion, operator

GUIDE = 4  # columns of the tree's lines for each level
ROOM = 48  # columns that a formula should have beside them
LONGEST = 2_000  # characters of a formula off a terminal; on a terminal, so many lines of it:
LINES = 3


def steps_view(record: Derivatives, layout: Layout, style: Notation) -> Iterator[RenderableType]:
    """A tree for each derivative, and under it the derivative as it is printed without steps."""
    for index, (root, item) in enumerate(zip(record.steps, record.derivatives, strict=True)):
        if index:
            yield BLANK
        names = record.variables
        title = write_name.text(item.with_respect_to, names, record.name, style)
        page = Page(layout, style, names)
        yield page.title(title, root)
        short = abbreviated(root)
        if short is not root:
            yield from page.names(root)
        yield from page.stages(short, record.name)
        yield page.answer(title, root)


@dataclass(frozen=True, slots=True)
class Page:
    """How steps are written: the screen, the notation, and the variables (of which there may be several)."""

    layout: Layout
    style: Notation
    variables: Sequence[str]

    def title(self, title: str, root: Step) -> Text:
        return Text.assemble((printable(title), "bold"), ", step by step", (printable(_held(root)), "dim"))

    def names(self, root: Step) -> Iterator[RenderableType]:
        """What the abbreviations in the tree stand for."""
        if root.short_form is not None:
            for item in root.short_form.names:
                yield Text(printable(f"{item.name} = {item.formula}"), style="dim")

    def stages(self, root: Step, name: str) -> Iterator[RenderableType]:
        """The trees: one, or for a higher order one for each order, from the simplified derivative before it."""
        if root.rule != "higher order":
            yield self.tree(root)
            return
        mixed = len(set(root.with_respect_to)) > 1
        for order, stage in enumerate(root.steps, start=1):
            if mixed:
                yield Text(printable(f"by {stage.with_respect_to[0]}{_held(stage)}"), style="dim")
            yield self.tree(stage)
            if order < len(root.steps):
                by = (*root.with_respect_to[: order - 1], *stage.with_respect_to)
                title = write_name.text(by, self.variables, name, self.style)
                yield self._line(stage, title, self.cut(stage.derivative))

    def answer(self, title: str, root: Step) -> RenderableType:
        """The last line: what is printed without ``--steps``, and below it the short form where there is one."""
        final = root.steps[-1] if root.rule == "higher order" else root
        return self._line(final, title, root.derivative, root)

    def _line(self, stage: Step, title: str, derivative: str, root: Step | None = None) -> RenderableType:
        """``simplify  f'(x) = …``, long formulas wrapped under themselves."""
        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        label = Text.assemble(("simplify  " if stage.rule == "simplify" else "", "cyan"), (printable(title), "bold"))
        table.add_row(label, Text("="), Text(printable(derivative), style="bold"))
        short = None if root is None else root.short_form
        if root is not None and short is not None:
            known = abbreviated(root) is not root
            where = "" if known else ", ".join(f"{item.name} = {item.formula}" for item in short.names)
            line = Text(printable(short.expression), style="bold")
            table.add_row("", Text("="), line.append(f"   where {printable(where)}" if where else "", "not bold dim"))
        return table

    def tree(self, root: Step) -> Tree:
        """The rules of one derivative, without the simplification at the end."""
        inner = root.steps[0] if root.rule == "simplify" else root
        levels = min(40, max(4, (self.layout.width - ROOM) // GUIDE))
        shown = Tree(self.head(inner), guide_style="dim", highlight=False)
        self._grow(shown, _flattened(inner, levels))
        return shown

    def _grow(self, tree: Tree, step: Step) -> None:
        for place in thinned(len(step.steps), verbose=self.layout.verbose):
            if place is None:
                more = len(step.steps) - FIRST_ROWS - LAST_ROWS
                tree.add(Text(f"⋮ {more} more of them; --verbose shows all", style="dim"))
                continue
            part = step.steps[place]
            self._grow(tree.add(self.head(part)), part)
        for note in filter(None, step.note.split("; ")):
            tree.add(Text(printable(note), style="dim"))
        if step.steps:
            left = conclusion(step, self.variables, self.style)
            tree.add(Text.assemble((printable(left), "dim"), f"{' ' if left else ''}= ", self.result(step)))

    def head(self, step: Step) -> Text:
        """``rule  [f]'``, with the result at once where no steps follow."""
        by = step.with_respect_to[-1]
        left = operator(self.cut(step.function), by, self.variables, self.style)
        line = Text.assemble((step.rule, "cyan"), "  ", printable(left))
        if step.names:
            line.append(f"   {printable(', '.join(f'{item.name} = {item.formula}' for item in step.names))}", "dim")
        if not step.steps:
            line.append(" = ").append_text(self.result(step))
        return line

    def result(self, step: Step) -> Text:
        return Text(printable(self.cut(step.derivative)))

    def cut(self, formula: str) -> str:
        """A formula of many lines without its middle (``--json`` and ``--verbose`` have all of it)."""
        longest = min(LONGEST, LINES * self.layout.width)
        if len(formula) <= longest or self.layout.verbose:
            return formula
        return f"{formula[: longest * 2 // 3]} … {formula[-longest // 4 :]}"


def _flattened(step: Step, levels: int) -> Step:
    """The tree with no more than so many levels: deeper steps follow one another, parts before wholes."""
    if levels > 1:
        return replace(step, steps=tuple(_flattened(part, levels - 1) for part in step.steps))
    deeper = tuple(replace(part, steps=()) for depth, part in step.walk() if depth)
    said = "each line follows from those before it" if len(deeper) > len(step.steps) else ""
    return replace(step, steps=deeper, note="; ".join(filter(None, (said, step.note))))


def _held(step: Step) -> str:
    """``   x and y held fixed``."""
    names = step.held_fixed
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"   {listed} held fixed"
