"""Derivations as records: texts and LaTeX of every step, trivial steps left out, no tree too deep to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from calcopt.calculus.steps.explain import HIGHER_ORDER, TRIVIAL, explain, trivial
from calcopt.errors import MathError
from calcopt.expression.tree import Call, Expr, Symbol, postorder, substitute

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.steps.derivation import Derivation
    from calcopt.records.steps import Name, ShortForm, Step

DEEPEST = 40
"""Steps below this level are listed in their order, each after those it follows from, under the step of this level."""
LARGEST = 4_000_000
"""Nodes of all formulas of a derivation when written out: more would fill tens of megabytes."""
CLEARLY_SHORTER = 0.6
"""A short form with names is worth showing when it has at most this share of the characters."""
PROOFS = frozenset({"logarithm", "inverse function"})


def steps_of(
    function: Expr,
    by: tuple[str, ...],
    partials: Partials,
    *,
    every: bool,
    held_fixed: Sequence[str] = (),
    checked: bool = False,
) -> Step:
    """The steps to ∂function/∂by, whose last gives ``partials.tree(by)``; ``every`` keeps the trivial ones.

    ``checked`` holds each step to its difference quotients first. Raises MathError for a formula whose steps would be
    too long to write out.
    """
    root = explain(function, by, partials.tree)
    if checked:
        from calcopt.calculus.steps.check import check

        check(root)
    found = Writer(root, every=every).record(by, held_fixed)
    return replace(found, short_form=short_form(root, by, partials) if len(by) == 1 else None)


def short_form(root: Derivation, by: tuple[str, ...], partials: Partials) -> ShortForm | None:
    """The derivative with names for parts of the function, where that is shorter by far, or σ appears.

    A part that the chain rule has named keeps that name.
    """
    from calcopt.calculus.algebra.naming import in_terms_of_parts
    from calcopt.calculus.steps.check import equal
    from calcopt.expression.latex import to_latex
    from calcopt.records.steps import Name, ShortForm

    tree = partials.tree(by)
    named = in_terms_of_parts(root.function, partials, by)
    if named is None:
        return None
    same = {part: Symbol(name) for name, part in _steady_names(root).items()}
    given = {stands.name: same[part] for stands, part in named.parts if isinstance(stands, Symbol) and part in same}
    parts = tuple((substitute(stands, given), part) for stands, part in named.parts)
    named = replace(named, expression=substitute(named.expression, given), parts=parts)
    whole = named.expression
    for stands, part in reversed(named.parts):
        if isinstance(stands, Symbol):
            whole = substitute(whole, {stands.name: part})
    sigmoid = any(isinstance(stands, Call) for stands, _ in named.parts)
    if not sigmoid and len(str(named.expression)) > CLEARLY_SHORTER * len(str(tree)):
        return None
    if not equal(whole, tree):
        return None
    names = tuple(Name(str(stands), str(part), to_latex(part)) for stands, part in named.parts)
    return ShortForm(str(named.expression), to_latex(named.expression), names)


def _steady_names(root: Derivation) -> dict[str, Expr]:
    """The names of the chain rule that stand for one and the same part throughout the tree."""
    meanings: dict[str, set[Expr]] = {}
    for step in root.walk():
        for name, part in step.names:
            meanings.setdefault(name, set()).add(part)
    return {name: next(iter(parts)) for name, parts in meanings.items() if len(parts) == 1}


class Writer:
    """Turns one derivation into a record."""

    def __init__(self, root: Derivation, *, every: bool) -> None:
        from calcopt.expression.latex import to_latexes
        from calcopt.expression.printer import to_texts

        self.root = root
        self.every = every
        self.trivial = trivial(root)
        self.proved: set[tuple[str, str]] = set()
        formulas = list(dict.fromkeys(_formulas(root)))
        _refuse_too_long(formulas, root)
        self.texts = dict(zip(formulas, to_texts(*formulas), strict=True))
        self.latex = dict(zip(formulas, to_latexes(*formulas), strict=True))

    def record(self, by: Sequence[str], held_fixed: Sequence[str]) -> Step:
        """The whole tree; no recursion."""
        names = tuple(dict.fromkeys((*by, *held_fixed)))
        finished: list[list[Step]] = [[]]
        stack: list[tuple[Derivation, int, bool]] = [(self.root, 0, False)]
        while stack:
            step, depth, ready = stack.pop()
            if ready:
                below = finished.pop()
                if depth > DEEPEST:
                    finished[-1].extend(below)
                    below = []
                finished[-1].append(self._step(step, below))
                continue
            finished.append([])
            stack.append((step, depth, True))
            stack.extend((part, depth + 1, False) for part in reversed(self._shown(step)))
        root = replace(finished[0][0], with_respect_to=tuple(by), held_fixed=tuple(held_fixed))
        if root.rule != HIGHER_ORDER:
            return root
        stages = (replace(stage, held_fixed=_without(names, stage.with_respect_to)) for stage in root.steps)
        return replace(root, steps=tuple(stages))

    def _shown(self, step: Derivation) -> list[Derivation]:
        """The steps below ``step`` that are shown: not the trivial ones, nor a proof that was given before."""
        if self.every or step.rule == HIGHER_ORDER:
            return list(step.steps)
        if id(step) in self.trivial and step is not self.root:
            return []
        if step.rule in PROOFS and self._proved_before(step):
            return []
        return [part for part in step.steps if part.rule not in TRIVIAL]

    def _proved_before(self, step: Derivation) -> bool:
        key = (step.rule, getattr(step.function, "name", ""))
        before = key in self.proved
        self.proved.add(key)
        return before

    def _step(self, step: Derivation, below: Iterable[Step]) -> Step:
        from calcopt.records.steps import Step

        return Step(
            rule=step.rule,
            function=self.texts[step.function],
            derivative=self.texts[step.derivative],
            with_respect_to=(step.variable,),
            function_latex=self.latex[step.function],
            derivative_latex=self.latex[step.derivative],
            note=step.note,
            names=tuple(self._name(name, value) for name, value in step.names),
            steps=tuple(below),
        )

    def _name(self, name: str, value: Expr) -> Name:
        from calcopt.records.steps import Name

        return Name(name, self.texts[value], self.latex[value])


def _without(names: Sequence[str], left_out: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in left_out)


def _formulas(root: Derivation) -> Iterable[Expr]:
    for step in root.walk():
        yield step.function
        yield step.derivative
        for _, value in step.names:
            yield value


def _refuse_too_long(formulas: Sequence[Expr], root: Derivation) -> None:
    sizes: dict[Expr, int] = {}
    for node in postorder(*formulas):
        sizes[node] = 1 + sum(sizes[child] for child in node.args)
    if sum(sizes[formula] for formula in formulas) > LARGEST:
        raise MathError(
            f"the steps of this formula would fill more than {LARGEST:,} symbols",
            hint="ask for the steps of a part of it, or for the derivative alone",
        )
