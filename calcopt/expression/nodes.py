"""The kinds of nodes of an expression tree (see :mod:`calcopt.expression.tree`, which is where to import them from)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar, Literal
from weakref import ReferenceType, WeakValueDictionary

_interned: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()
_references: dict[tuple[Any, ...], ReferenceType[Expr]] = _interned.data  # type: ignore[attr-defined]
"""The same table, without the overhead of ``WeakValueDictionary.get``: most of the time of making a node."""


class Expr:
    """Base of all nodes. ``args`` are the child expressions, in order."""

    __slots__ = ("__weakref__", "args", "fields")
    args: tuple[Expr, ...]
    fields: tuple[Any, ...]

    def __new__(cls, *fields: Any) -> Any:
        key = (cls, *fields)
        reference = _references.get(key)
        found = None if reference is None else reference()
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
