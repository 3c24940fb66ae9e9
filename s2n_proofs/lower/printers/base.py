"""What all printers share: names, statements in order, sums and products with their parentheses."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import ClassVar, NamedTuple

from sympy import ITE, Add, And, Basic, Expr, Integer, Mul, Not, Or, Piecewise, Pow, Rational, Symbol
from sympy.printing.printer import Printer

from s2n_proofs.lower.program import Program, put

from .errors import PrinterError

__all__ = ["ATOM", "POWER", "PRODUCT", "SUM", "Code", "FunctionPrinter", "between"]

SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly a piece of code binds

_OWN_NAMES = re.compile(r"[kvwmx]\d+")


class Code(NamedTuple):
    """A piece of code, and how tightly it binds."""

    text: str
    level: int = ATOM


def between(code: Code, level: int) -> str:
    """The text, in parentheses if it binds less tightly than `level`."""
    return code.text if code.level >= level else f"({code.text})"


class FunctionPrinter(Printer):  # type: ignore[misc]  # SymPy is not typed
    """Prints one program as one function; a subclass knows a language.

    Parameters
    ----------
    program : Program
        What is printed.
    arguments : sequence of str, optional
        Names of the arguments; else ``x0``, ``x1`` and so on.  Names of symbols never reach the code.
    bits : int
        Significand bits of the floats: constants are rounded once, to so many.

    Raises
    ------
    PrinterError
        If a node or a name cannot be printed.
    """

    language: ClassVar[str]
    functions: ClassVar[Mapping[str, str]]  # from SymPy's name to code, with {0} and {1} for the arguments
    reserved: ClassVar[frozenset[str]] = frozenset()
    indent: ClassVar[str] = "    "

    def __init__(self, program: Program, arguments: Sequence[str] | None = None, bits: int = 53) -> None:
        super().__init__()
        self.bits = bits
        self.arguments = tuple(arguments or (f"x{i}" for i in range(len(program.inputs))))
        self._refuse_bad_names(program)
        self.scope: dict[Symbol, Code] = {
            symbol: Code(name) for symbol, name in zip(program.inputs, self.arguments, strict=True)
        }
        self.lines: list[str] = []
        self._counters: dict[str, Iterator[int]] = {}
        # A constant step is put where it is used: it is part of a larger constant there, and rounded once.
        constants: dict[Symbol, Expr] = {}
        self.steps: dict[Symbol, Expr] = {}
        for symbol, expr in program.steps:
            expr = put(expr, constants)
            (self.steps if expr.free_symbols else constants)[symbol] = expr
        self.outputs = {name: put(expr, constants) for name, expr in program.outputs}

    def function(self, name: str) -> str:
        """The function of this name that returns the outputs, in order."""
        results = self.results()
        return "\n".join([*self.opening(name), *(self.indent + line for line in self.lines), *self.closing(results)])

    def results(self) -> list[Code]:
        """Print all statements into `lines`; the code of each output."""
        self.prepare(self.outputs.values())
        return [self.code(expr) for expr in self.outputs.values()]

    def opening(self, name: str) -> list[str]:
        """The lines before the body."""
        return [f"def {name}({', '.join(self.arguments)}):"]

    def closing(self, results: Sequence[Code]) -> list[str]:
        """The lines after the body."""
        return [f"{self.indent}return ({''.join(f'{code.text}, ' for code in results).rstrip()})", ""]

    def assignment(self, name: str, code: str) -> str:
        """A statement."""
        return f"{name} = {code}"

    # --- names and statements

    def fresh(self, letter: str) -> str:
        """A name that was not used."""
        return f"{letter}{next(self._counters.setdefault(letter, count()))}"

    def assign(self, letter: str, code: str) -> Code:
        """Append a statement; the name of its value."""
        name = self.fresh(letter)
        self.lines.append(self.assignment(name, code))
        return Code(name)

    def prepare(self, exprs: Iterable[Basic]) -> None:
        """Print the steps that the expressions need and that have no value in this scope yet, in order."""
        needed = self.needed(exprs)
        for symbol, expr in self.steps.items():
            if symbol in needed and symbol not in self.scope:
                self.scope[symbol] = self.step(symbol, expr)

    def step(self, symbol: Symbol, expr: Expr) -> Code:
        """Print one step."""
        return self.assign("v", self.code(expr).text)

    def needed(self, exprs: Iterable[Basic]) -> set[Symbol]:
        """The steps that are computed whatever branches are taken."""
        found: set[Symbol] = set()
        seen: set[Basic] = set()
        stack = list(exprs)
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if isinstance(node, Symbol):
                if node in self.steps and node not in self.scope:
                    found.add(node)
                    stack.append(self.steps[node])
            else:
                stack.extend(self.always_computed(node))
        return found

    def always_computed(self, node: Basic) -> Iterator[Basic]:
        """The arguments that are computed whatever branch is taken."""
        return iter(node.args)

    # --- expressions

    def code(self, expr: Basic) -> Code:
        """The code of an expression in the current scope."""
        code: Code = self._print(expr)
        return code

    def _print(self, expr: Basic, **settings: object) -> Code:
        if isinstance(expr, Expr) and not expr.free_symbols:
            return self.constant(expr)
        code: Code = super()._print(expr, **settings)
        return code

    def constant(self, expr: Expr) -> Code:
        """An expression without symbols."""
        raise NotImplementedError

    def _print_ITE(self, expr: ITE) -> Code:
        condition, then, otherwise = expr.args
        both: Code = self._print(Or(And(condition, then), And(Not(condition), otherwise)))
        return both

    def emptyPrinter(self, expr: Basic) -> Code:
        """Refuse what no method knows."""
        raise PrinterError(f"the {self.language} printer does not know {type(expr).__name__}")

    def _print_Symbol(self, expr: Symbol) -> Code:
        return self.scope[expr]

    def _print_Function(self, expr: Expr) -> Code:
        template = self.functions.get(type(expr).__name__)
        if template is None:
            return self.emptyPrinter(expr)
        return self.apply(template, *map(self.code, expr.args))

    _print_Abs = _print_sign = _print_Function

    def apply(self, template: str, *args: Code) -> Code:
        """Fill a template, which is a call or stands in parentheses."""
        return Code(template.format(*(code.text for code in args)))

    def _print_Add(self, expr: Add) -> Code:
        text = ""
        for number, (negative, code) in enumerate(map(self.signed, self.terms(expr))):
            body = between(code, SUM if number == 0 and not negative else PRODUCT)
            text += (f"-{body}" if negative else body) if number == 0 else f" {'-' if negative else '+'} {body}"
        return Code(text, SUM)

    def terms(self, expr: Add) -> list[Expr]:
        """The terms in the order in which they are added: numbers gathered, a positive one before a negative one."""
        terms = list(_gathered(expr.args, Add))
        if len(terms) == 2 and self.is_negative(terms[0]) and not self.is_negative(terms[1]):
            terms.reverse()
        return terms

    def signed(self, expr: Expr) -> tuple[bool, Code]:
        """Whether a term is printed as negative, and the code of its absolute value."""
        if isinstance(expr, Mul) and expr.free_symbols:
            return self.product(expr)
        if not expr.free_symbols and self.is_negative(expr):
            return True, self.constant(_negated(expr))
        return False, self.code(expr)

    def is_negative(self, expr: Expr) -> bool:
        """Whether a constant, or the constant factor of a product, is printed with a minus sign."""
        numbers = [x for x in Mul.make_args(expr) if isinstance(x, Rational)]
        return sum(bool(x < 0) for x in numbers) % 2 == 1

    def _print_Mul(self, expr: Mul) -> Code:
        negative, code = self.product(expr)
        return Code(f"-{between(code, PRODUCT)}", SUM) if negative else code

    def product(self, expr: Mul) -> tuple[bool, Code]:
        """The sign of a product, and the code without it: factors from left to right, one division at the end."""
        factors = list(_gathered(expr.args, Mul))
        number: Expr = Integer(1)
        if factors and not factors[0].free_symbols:
            number = factors.pop(0)
        negative = self.is_negative(number)
        if negative:
            number = _negated(number)
        above = [f for f in factors if not _is_reciprocal(f)]
        below = [self.code(f.base) for f in factors if _is_reciprocal(f)]
        numerator = [self.code(f) for f in above]
        first, divisor = self.coefficient(number, bool(numerator))
        numerator = [*first, *numerator]
        below = [*divisor, *below]
        whole = _product(numerator)
        return negative, self.quotient(whole, _product(below)) if below else whole

    def quotient(self, above: Code, below: Code) -> Code:
        """The quotient of two codes."""
        return Code(f"{between(above, PRODUCT)}/{between(below, POWER)}", PRODUCT)

    def coefficient(self, number: Expr, followed: bool) -> tuple[list[Code], list[Code]]:
        """A positive number as factor and as divisor of what follows."""
        return ([] if number == 1 and followed else [self.constant(number)]), []

    def _print_Piecewise(self, expr: Piecewise) -> Code:
        raise NotImplementedError

    def _refuse_bad_names(self, program: Program) -> None:
        if len(self.arguments) != len(program.inputs) or len(set(self.arguments)) < len(self.arguments):
            raise PrinterError(f"{len(program.inputs)} different names are needed, not {', '.join(self.arguments)}")
        for i, name in enumerate(self.arguments):
            own = _OWN_NAMES.fullmatch(name) and name != f"x{i}"
            plain = name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
            if not plain or own or name in self.reserved:
                raise PrinterError(f"{name!r} cannot be the name of an argument")


def _negated(constant: Expr) -> Expr:
    """Minus a constant, which is not evaluated, unless it or its factor is a fraction."""
    if isinstance(constant, Rational):
        return -constant
    factors = list(constant.args) if isinstance(constant, Mul) else [constant]
    place = next((i for i, x in enumerate(factors) if isinstance(x, Rational)), None)
    if place is None:
        return Mul(Integer(-1), *factors, evaluate=False)
    factors[place] = -factors[place]
    return Mul(*factors, evaluate=False)


def _product(codes: Sequence[Code]) -> Code:
    first, *others = codes
    if not others:
        return first
    return Code("*".join([between(first, PRODUCT), *(between(code, POWER) for code in others)]), PRODUCT)


def _gathered(args: Sequence[Expr], operation: type[Add] | type[Mul]) -> Iterator[Expr]:
    """The arguments with all numbers made one, and of a product put first."""
    constants = [x for x in args if not x.free_symbols]
    if len(constants) == len(args):  # a constant, printed as it is
        yield from args
        return
    if len(constants) > 1:
        exact = all(isinstance(x, Rational) for x in constants)
        constants = [operation(*constants) if exact else operation(*constants, evaluate=False)]
    if operation is Mul:
        yield from constants
        yield from (x for x in args if x.free_symbols)
        return
    pending = iter(constants)
    for x in args:
        if x.free_symbols:
            yield x
        else:
            yield from pending  # where the first number stood


def _is_reciprocal(expr: Expr) -> bool:
    return isinstance(expr, Pow) and expr.exp == -1
