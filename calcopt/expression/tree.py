"""The expression tree: immutable, hash-consed nodes.

Equal expressions are the same object, so ``is`` and ``==`` mean structural equality, hashing is by identity, and
a shared subexpression is stored once. Nodes know no position in a text: one node may occur at many places. The
occurrences, with their spans, are :class:`Place` trees, made by the parser beside the nodes.

The tree keeps what was typed: ``x - y`` is ``Add(x, Neg(y))``, ``x/x`` stays ``Div(x, x)``, ``a + (b + c)`` is not
flattened. Simplification is calculus, not syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal
from weakref import WeakValueDictionary

_interned: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()


class Expr:
    """Base of all nodes. ``args`` are the child expressions, in order."""

    __slots__ = ("__weakref__", "args", "fields")
    args: tuple[Expr, ...]
    fields: tuple[Any, ...]

    def __new__(cls, *fields: Any) -> Any:
        key = (cls, *fields)
        found = _interned.get(key)
        if found is not None:
            return found
        node = object.__new__(cls)
        object.__setattr__(node, "fields", fields)
        object.__setattr__(node, "args", cls._children(fields))
        _interned[key] = node
        return node

    @staticmethod
    def _children(fields: tuple[Any, ...]) -> tuple[Expr, ...]:
        return fields

    def rebuild(self, args: tuple[Expr, ...]) -> Expr:
        """The same kind of node over other children."""
        return type(self)(*args)  # type: ignore[no-any-return]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("expression nodes are immutable")

    def __reduce__(self) -> tuple[type[Expr], tuple[Any, ...]]:
        return (type(self), self.fields)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: object) -> Expr:
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.fields))})"

    def __str__(self) -> str:
        from calcopt.expression.printer import to_text

        return to_text(self)

    def _repr_latex_(self) -> str:
        from calcopt.expression.latex import to_latex

        return f"$\\displaystyle {to_latex(self)}$"


class _Leaf(Expr):
    __slots__ = ()

    @staticmethod
    def _children(fields: tuple[Any, ...]) -> tuple[Expr, ...]:
        return ()

    def rebuild(self, args: tuple[Expr, ...]) -> Expr:
        return self


class Number(_Leaf):
    """An exact rational: ``0.9`` is 9/10. The value is never negative in a parsed tree (minus is ``Neg``)."""

    __slots__ = ()
    __match_args__ = ("value",)

    def __new__(cls, value: Fraction | int) -> Any:
        return super().__new__(cls, value if type(value) is Fraction else Fraction(value))

    @property
    def value(self) -> Fraction:
        return self.fields[0]  # type: ignore[no-any-return]


class Constant(_Leaf):
    """``pi`` or ``e``."""

    __slots__ = ()
    __match_args__ = ("name",)

    @property
    def name(self) -> Literal["pi", "e"]:
        return self.fields[0]  # type: ignore[no-any-return]


class Symbol(_Leaf):
    """A real variable or named constant."""

    __slots__ = ()
    __match_args__ = ("name",)

    @property
    def name(self) -> str:
        return self.fields[0]  # type: ignore[no-any-return]


class Indexed(Expr):
    """``name[index]`` or ``name[i, j]``: fields are the name and then the index expressions."""

    __slots__ = ()
    __match_args__ = ("name", "args")

    @staticmethod
    def _children(fields: tuple[Any, ...]) -> tuple[Expr, ...]:
        return fields[1:]

    def rebuild(self, args: tuple[Expr, ...]) -> Expr:
        return Indexed(self.name, *args)  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        return self.fields[0]  # type: ignore[no-any-return]


class Add(Expr):
    """a₁ + a₂ + … (two or more)."""

    __slots__ = ()
    __match_args__ = ("args",)


class Mul(Expr):
    """a₁ · a₂ · … (two or more)."""

    __slots__ = ()
    __match_args__ = ("args",)


class Neg(Expr):
    """−a."""

    __slots__ = ()

    @property
    def operand(self) -> Expr:
        return self.args[0]

    __match_args__ = ("operand",)


class Div(Expr):
    """a / b."""

    __slots__ = ()

    @property
    def numerator(self) -> Expr:
        return self.args[0]

    @property
    def denominator(self) -> Expr:
        return self.args[1]

    __match_args__ = ("numerator", "denominator")


class Pow(Expr):
    """a ^ b. A literal exponent p/q with odd q in lowest terms means the real root, for negative a too."""

    __slots__ = ()

    @property
    def base(self) -> Expr:
        return self.args[0]

    @property
    def exponent(self) -> Expr:
        return self.args[1]

    __match_args__ = ("base", "exponent")


class Call(Expr):
    """A function of :mod:`calcopt.expression.functions`, by its canonical name: ``Call("sin", x)``."""

    __slots__ = ()
    __match_args__ = ("name", "args")

    @staticmethod
    def _children(fields: tuple[Any, ...]) -> tuple[Expr, ...]:
        return fields[1:]

    def rebuild(self, args: tuple[Expr, ...]) -> Expr:
        return Call(self.name, *args)  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        return self.fields[0]  # type: ignore[no-any-return]


class Compare(Expr):
    """A condition ``a < b``: fields are the operator (``< <= > >=``) and both sides."""

    __slots__ = ()
    __match_args__ = ("operator", "left", "right")
    operators: ClassVar[tuple[str, ...]] = ("<", "<=", ">", ">=")

    @staticmethod
    def _children(fields: tuple[Any, ...]) -> tuple[Expr, ...]:
        return fields[1:]

    def rebuild(self, args: tuple[Expr, ...]) -> Expr:
        return Compare(self.operator, *args)  # type: ignore[no-any-return]

    @property
    def operator(self) -> str:
        return self.fields[0]  # type: ignore[no-any-return]

    @property
    def left(self) -> Expr:
        return self.args[0]

    @property
    def right(self) -> Expr:
        return self.args[1]


class And(Expr):
    """Conditions that must all hold."""

    __slots__ = ()
    __match_args__ = ("args",)


class Or(Expr):
    """Conditions of which one must hold."""

    __slots__ = ()
    __match_args__ = ("args",)


class Not(Expr):
    """The negation of a condition."""

    __slots__ = ()

    @property
    def operand(self) -> Expr:
        return self.args[0]

    __match_args__ = ("operand",)


class Piecewise(Expr):
    """``piecewise(cond, a, cond, b, …, otherwise)``; ``if(cond, a, b)`` is the same node.

    The first true condition wins.
    """

    __slots__ = ()
    __match_args__ = ("branches", "otherwise")

    @property
    def branches(self) -> tuple[tuple[Expr, Expr], ...]:
        """Pairs (condition, value)."""
        return tuple(zip(self.args[0:-1:2], self.args[1:-1:2], strict=True))

    @property
    def otherwise(self) -> Expr:
        return self.args[-1]


class Sum(Expr):
    """``sum(body, index, lower, upper)``: fields are the index name, body, lower, upper (bounds inclusive)."""

    __slots__ = ()
    __match_args__ = ("index", "body", "lower", "upper")

    @staticmethod
    def _children(fields: tuple[Any, ...]) -> tuple[Expr, ...]:
        return fields[1:]

    def rebuild(self, args: tuple[Expr, ...]) -> Expr:
        return Sum(self.index, *args)  # type: ignore[no-any-return]

    @property
    def index(self) -> str:
        return self.fields[0]  # type: ignore[no-any-return]

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def lower(self) -> Expr:
        return self.args[1]

    @property
    def upper(self) -> Expr:
        return self.args[2]


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of a node in a text: ``text[start:end]``; ``children`` match ``node.args`` one to one."""

    node: Expr
    start: int
    end: int
    children: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed function string: ``f(x, y) = …`` or just ``…``.

    ``variables`` are in the order of the head, else alphabetical with numbers by value (x2 before x10);
    names given a value by ``--let`` are not among them.
    """

    text: str
    body: Expr
    place: Place
    variables: tuple[str, ...]
    name: str = "f"

    def __str__(self) -> str:
        return str(self.body)

    def _repr_latex_(self) -> str:
        return self.body._repr_latex_()


def postorder(*roots: Expr) -> Iterator[Expr]:
    """Every distinct node below the roots once, children before parents; no recursion, so any depth."""
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.args) if child not in seen)


def natural_key(name: str) -> tuple[object, ...]:
    """Sort key: alphabetical, digits by value: x, x1, x2, x10, x[1], y."""
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", name) if part)


def free_names(root: Expr) -> tuple[str, ...]:
    """The names of free variables in natural order; ``x[1]`` for an element with literal indices, ``x[]`` for one
    whose index is not literal (an index of a sum is bound, and no variable)."""
    found: set[str] = set()
    stack: list[tuple[Expr, frozenset[str]]] = [(root, frozenset())]
    seen: set[tuple[Expr, frozenset[str]]] = set(stack)
    while stack:
        node, bound = stack.pop()
        inner = bound
        if isinstance(node, Symbol):
            if node.name not in bound:
                found.add(node.name)
        elif isinstance(node, Indexed):
            found.add(element_name(node) or f"{node.name}[]")
        elif isinstance(node, Sum):
            inner = bound | {node.index}
        for position, child in enumerate(node.args):
            item = (child, inner if position == 0 else bound)  # of a sum only the body sees the index
            if item not in seen:
                seen.add(item)
                stack.append(item)
    return tuple(sorted(found, key=natural_key))


def element_name(node: Indexed) -> str | None:
    """``x[3]`` or ``x[1,2]`` when every index is a literal integer, else None."""
    indices = [index.value for index in node.args if isinstance(index, Number) and index.value.denominator == 1]
    return f"{node.name}[{','.join(map(str, indices))}]" if len(indices) == len(node.args) else None


def substitute(root: Expr, values: Mapping[str, Expr]) -> Expr:
    """``root`` with free symbols (and elements, by ``element_name``) replaced; indices of sums are left alone."""
    if not values:
        return root
    done: dict[tuple[Expr, frozenset[str]], Expr] = {}
    start = (root, frozenset[str]())
    stack = [start]
    while stack:
        key = stack[-1]
        if key in done:
            stack.pop()
            continue
        node, bound = key
        inner = bound | {node.index} if isinstance(node, Sum) else bound
        children = [(child, inner if position == 0 else bound) for position, child in enumerate(node.args)]
        waiting = [child for child in children if child not in done]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        done[key] = _substituted(node, bound, tuple(done[child] for child in children), values)
    return done[start]


def _substituted(node: Expr, bound: frozenset[str], args: tuple[Expr, ...], values: Mapping[str, Expr]) -> Expr:
    if isinstance(node, Symbol):
        return node if node.name in bound else values.get(node.name, node)
    result = node.rebuild(args) if args else node
    if isinstance(result, Indexed):
        name = element_name(result)
        return values.get(name, result) if name else result
    return result
