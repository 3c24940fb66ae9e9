r"""Programs as torch source that can be differentiated, vmapped, compiled, and run on the meta device.

``torch.where`` computes both values, and where a value that is not taken has no derivative, autograd makes
$0\cdot\infty=\mathrm{NaN}$ of it.  So each branch gets its own copy of what it is computed from, in which the elements that it is
not taken for are replaced by a point at which it has a derivative.

How a Python float enters an operation with a float32 tensor (measured, torch 2.13, CPU, 10^5 numbers): ``a*c``,
``a + c``, ``a - c`` and ``a/c`` first round c to float32 and then the result, bit by bit.  ``c/a`` is ``c*(1/a)`` and rounds twice
in either dtype: 28 % of the results differ from the rounded quotient, by one unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

from sympy import Basic, Expr, Ge, Le, Max, Min, Piecewise, Rational, Symbol, pi, true

from s2n_proofs.lower.program import Program, put

from .base import Code
from .branches import safe_point, smooth_everywhere
from .floats import FloatPrinter, decided

__all__ = ["TorchPrinter"]

_SAME = (
    "exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "expm1", "log1p", "asin", "acos", "atan",
    "asinh", "acosh", "atanh", "abs",
)  # fmt: skip


class TorchPrinter(FloatPrinter):
    """Prints a function of tensors.

    Examples
    --------
    >>> from sympy import Piecewise, sqrt
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> print(TorchPrinter(program([x], {"value": Piecewise((sqrt(x), x > 0), (x, True))})).function("function"))
    def function(x0):
        m0 = x0 > 0.0
        w0 = torch.where(m0, x0, 0.5)
        return (torch.where(m0, torch.sqrt(w0), x0),)
    <BLANKLINE>
    """

    language = "torch"
    reserved = frozenset({"torch"})
    not_a_number, infinity = "torch.nan", "torch.inf"
    functions = {name: f"torch.{name}({{0}})" for name in _SAME} | {
        "Abs": "torch.abs({0})",
        "cot": "(1.0/torch.tan({0}))", "sec": "(1.0/torch.cos({0}))", "csc": "(1.0/torch.sin({0}))",
        "coth": "(1.0/torch.tanh({0}))", "sech": "(1.0/torch.cosh({0}))", "csch": "(1.0/torch.sinh({0}))",
        "clipped_sqrt": "torch.sqrt(torch.clamp({0}, min=0.0))",
        # torch.sign is 0 for NaN.
        "sign": "torch.where(torch.isnan({0}), {0}, torch.sign({0}))",
        "hypot": "torch.hypot({0}, {1})", "atan2": "torch.atan2({0}, {1})",
        "Max": "torch.maximum({0}, {1})", "Min": "torch.minimum({0}, {1})",
    }  # fmt: skip

    def __init__(self, program: Program, arguments: Sequence[str] | None = None, bits: int = 53) -> None:
        super().__init__(program, arguments, bits)
        self._always_memo: dict[Basic, frozenset[Symbol]] = {}
        self._passed: frozenset[Symbol] = frozenset()

    # --- constants where torch wants a tensor

    def tensor(self, expr: Expr) -> Code:
        """The code of an expression; of a constant, a tensor without axes."""
        code = self.code(expr)
        return code if expr.free_symbols else self.as_tensor(code)

    def as_tensor(self, constant: Code) -> Code:
        """A constant with the dtype and device of the first argument."""
        like = self.arguments[0]
        return Code(f"torch.full((), {constant.text}, dtype={like}.dtype, device={like}.device)")

    def results(self) -> list[Code]:
        """Every output is a tensor."""
        self.prepare(self.outputs.values())
        results = []
        for expr in self.outputs.values():
            with self._within(expr):
                results.append(self.tensor(expr))
        return results

    def _print_Function(self, expr: Expr) -> Code:
        template = self.functions.get(type(expr).__name__)
        if template is None:
            return self.emptyPrinter(expr)
        return self.apply(template, *map(self.tensor, expr.args))

    _print_Abs = _print_sign = _print_Function

    # --- branches

    def needed(self, exprs: Iterable[Basic]) -> set[Symbol]:
        """Also the steps that every branch of a Piecewise needs."""
        return set().union(*map(self._always, exprs)) - self.scope.keys()

    def _always(self, node: Basic) -> frozenset[Symbol]:
        """The steps through which the derivative of a node passes, whatever branches are taken."""
        found = self._always_memo.get(node)
        if found is None:
            if isinstance(node, Symbol):
                found = self._always(self.steps[node]) | {node} if node in self.steps else frozenset()
            elif isinstance(node, Piecewise):
                first = self._always(node.args[0].args[1])
                found = first | frozenset.intersection(*(self._always(pair.args[0]) for pair in node.args))
            else:
                found = frozenset().union(*map(self._always, node.args))
            self._always_memo[node] = found
        return found

    def step(self, symbol: Symbol, expr: Expr) -> Code:
        """Print one step, with the derivative of this step in mind."""
        with self._within(expr):
            return super().step(symbol, expr)

    @contextmanager
    def _within(self, expr: Expr) -> Iterator[None]:
        """While `expr` is printed: the steps that its derivative passes through in any case need no guard of their own."""
        outer = self._passed
        self._passed = outer | self._always(expr)
        try:
            yield
        finally:
            self._passed = outer

    def _print_Piecewise(self, expr: Piecewise) -> Code:
        branches = []
        for value, condition in expr.args:
            known = decided(condition)
            if known is not False:
                branches.append((value, condition))
            if known:
                break
        return self._select(branches)

    def _select(self, branches: Sequence[tuple[Expr, Basic]]) -> Code:
        if not branches:
            return self.as_tensor(Code(self.not_a_number))
        (value, condition), *others = branches
        self.prepare([condition])
        if decided(condition):
            self.prepare([value])
            return self.tensor(value)
        mask = self.assign("m", self.code(condition).text)
        with self._only(value, condition, mask):
            self.prepare([value])
            taken = self.code(value)
        if not others:
            taken = taken if value.free_symbols else self.as_tensor(taken)
            return self.where(mask, taken, Code(self.not_a_number))
        with self._only(self._as_one(others), condition, mask, negated=True):
            # torch.where makes its default dtype of two Python floats, so that one value is always a tensor.
            other = self._select(others)
        return self.where(mask, taken, other)

    def where(self, condition: Code, value: Code, other: Code) -> Code:
        """One of two values, element by element; both are computed."""
        return Code(f"torch.where({condition.text}, {value.text}, {other.text})")

    @staticmethod
    def _as_one(branches: Sequence[tuple[Expr, Basic]]) -> Expr:
        return branches[0][0] if len(branches) == 1 else Piecewise(*branches, evaluate=False)

    @contextmanager
    def _only(self, expr: Expr, condition: Basic, mask: Code, *, negated: bool = False) -> Iterator[None]:
        """A scope in which `expr` sees harmless values wherever the mask says that it is not taken."""
        outer = self.scope
        # A step that the derivative passes through in any case is replaced as if it were an input; any other is printed
        # again, because its own derivative may be infinite where this branch is not taken.
        branch = self._branch(expr, self._passed)
        point = None if _is_smooth(branch) else safe_point(branch)
        if point is not None:
            point = self._harmful(branch, condition, point)
            self.prepare(point)
            self.scope = {x: code for x, code in self.scope.items() if x not in self.steps or x in self._passed}
            for symbol, value in point.items():
                safe = self.number(float(value))
                pair = (safe, outer[symbol]) if negated else (outer[symbol], safe)
                self.scope[symbol] = self.assign("w", self.where(mask, *pair).text)
        with self._within(expr):
            try:
                yield
            finally:
                self.scope = outer

    def _branch(self, expr: Expr, given: frozenset[Symbol]) -> Program:
        """The expression as a program from steps that are given, and from inputs."""
        steps: dict[Symbol, Expr] = {}
        wanted = set(expr.free_symbols)
        for symbol, step in reversed(self.steps.items()):
            if symbol in wanted and symbol not in given:
                steps[symbol] = step
                wanted |= step.free_symbols
        inputs = tuple(sorted(wanted - steps.keys(), key=str))
        return Program(inputs, tuple(reversed(steps.items())), (("value", expr),))

    def _harmful(self, branch: Program, condition: Basic, point: dict[Symbol, Fraction]) -> dict[Symbol, Fraction]:
        """Often only what the condition is about does harm, as p in (1 - exp(-p*h))/p for p != 0: then only that."""
        asked = condition.free_symbols & point.keys()
        values: dict[Symbol, Expr] = {x: Rational(point[x]) for x in asked}
        for symbol, expr in (*branch.steps, *branch.outputs):
            rest = put(expr, values)
            if not smooth_everywhere(rest, may_overflow=True):
                return point
            if isinstance(symbol, Symbol) and not rest.free_symbols:
                values[symbol] = pi  # any number: that it is one is all that matters, and its formula would only grow
        return {x: value for x, value in point.items() if x in asked} if asked else point

    def _extreme(self, name: str, expr: Max | Min) -> Code:
        if all(_is_smooth(self._branch(arg, frozenset())) for arg in expr.args):
            first, *others = sorted(expr.args, key=lambda arg: not arg.free_symbols)
            code = self.code(first)
            for other in others:
                code = self._with_bound(name, code, other)
            return code
        first, *others = expr.args
        rest = others[0] if len(others) == 1 else type(expr)(*others, evaluate=False)
        compare = Ge if name == "Max" else Le
        return self._select([(first, compare(first, rest, evaluate=False)), (rest, true)])

    def _with_bound(self, name: str, code: Code, other: Expr) -> Code:
        if other.free_symbols:
            return self.apply(self.functions[name], code, self.code(other))
        keyword = "min" if name == "Max" else "max"
        return Code(f"torch.clamp({code.text}, {keyword}={self.code(other).text})")


def _is_smooth(branch: Program) -> bool:
    return all(smooth_everywhere(expr) for _, expr in (*branch.steps, *branch.outputs))
