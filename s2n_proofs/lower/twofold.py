r"""Twofold numbers: a value and the error that its computation has made so far, both in the working precision.

Sums, products, quotients and roots give their rounding error exactly (Dekker 1971, Knuth), and an elementary function passes
the error of its argument on to first order, $f(a+e)=f(a)+f'(a)e$.  What is left is the rounding inside the elementary functions
themselves, at most one unit or so each, not amplified by what is computed from them: $e^{-x}$ at $x=10$ loses ten
units to the rounding of $x$ in plain arithmetic, and none here.

The functions are the array library's: this module works on NumPy arrays and torch tensors alike, whatever their shape.
"""

from __future__ import annotations

from typing import Any

__all__ = ["SERIES_BELOW", "Twofold", "phi_tail"]

SERIES_BELOW = 2.0**-6
"""Up to which p h the function phi is summed: its derivative in p cancels there when it is formed from expm1."""

_TERMS = 7
_SPLIT = 134217729.0  # 2**27 + 1 cuts a double into two halves of 26 bits

Two = tuple[Any, Any]


class Twofold:
    """Arithmetic on pairs (value, error), with the functions of an array library.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``torch``.

    Examples
    --------
    >>> import numpy as np
    >>> two = Twofold(np)
    >>> third = two.div((np.float64(1), 0.0), (np.float64(3), 0.0))
    >>> from fractions import Fraction
    >>> abs(float(Fraction(float(third[0])) + Fraction(float(third[1])) - Fraction(1, 3))) < 1e-32
    True
    """

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def add(self, a: Two, b: Two) -> Two:
        """The sum."""
        total, error = _two_sum(a[0], b[0])
        # Infinity has no error, and infinity less infinity would make one.
        return _normal(total, self._finite(error + (a[1] + b[1])))

    def value(self, a: Two) -> Any:
        """The one number that a pair stands for."""
        return a[0] + self._finite(a[1])

    def neg(self, a: Two) -> Two:
        """Minus a."""
        return -a[0], -a[1]

    def sub(self, a: Two, b: Two) -> Two:
        """The difference."""
        return self.add(a, (-b[0], -b[1]))

    def mul(self, a: Two, b: Two) -> Two:
        """The product."""
        product, error = _two_product(a[0], b[0])
        return product, error + (a[0] * b[1] + a[1] * b[0])

    def div(self, a: Two, b: Two) -> Two:
        """The quotient."""
        quotient = a[0] / b[0]
        product, error = _two_product(quotient, b[0])
        left = ((a[0] - product) - error) + a[1] - quotient * b[1]
        # Where a number was divided by infinity or by zero there is no error to speak of.
        return quotient, self._finite(left / b[0])

    def sqrt(self, a: Two) -> Two:
        """The root."""
        root = self.xp.sqrt(a[0])
        square, error = _two_product(root, root)
        return root, self._finite((((a[0] - square) - error) + a[1]) / (root + root))

    def _finite(self, error: Any) -> Any:
        return self.xp.where(self.xp.isfinite(error), error, 0.0)

    def exp(self, a: Two) -> Two:
        """The exponential."""
        value = self.xp.exp(a[0])
        return value, value * a[1]

    def expm1(self, a: Two) -> Two:
        """The exponential less one."""
        value = self.xp.expm1(a[0])
        return value, (value + 1.0) * a[1]

    def log(self, a: Two) -> Two:
        """The logarithm."""
        return self.xp.log(a[0]), self._finite(a[1] / a[0])

    def log1p(self, a: Two) -> Two:
        """The logarithm of one more."""
        return self.xp.log1p(a[0]), self._finite(a[1] / (1.0 + a[0]))

    def sin(self, a: Two) -> Two:
        """The sine."""
        return self.xp.sin(a[0]), self.xp.cos(a[0]) * a[1]

    def cos(self, a: Two) -> Two:
        """The cosine."""
        return self.xp.cos(a[0]), -self.xp.sin(a[0]) * a[1]

    def tan(self, a: Two) -> Two:
        """The tangent."""
        value = self.xp.tan(a[0])
        return value, (1.0 + value * value) * a[1]

    def sinh(self, a: Two) -> Two:
        """The hyperbolic sine."""
        return self.xp.sinh(a[0]), self.xp.cosh(a[0]) * a[1]

    def cosh(self, a: Two) -> Two:
        """The hyperbolic cosine."""
        return self.xp.cosh(a[0]), self.xp.sinh(a[0]) * a[1]

    def tanh(self, a: Two) -> Two:
        """The hyperbolic tangent."""
        value = self.xp.tanh(a[0])
        return value, (1.0 - value * value) * a[1]

    def asin(self, a: Two) -> Two:
        """The inverse sine."""
        return self.xp.arcsin(a[0]), self._finite(a[1] / self.xp.sqrt((1.0 - a[0]) * (1.0 + a[0])))

    def acos(self, a: Two) -> Two:
        """The inverse cosine."""
        return self.xp.arccos(a[0]), self._finite(-a[1] / self.xp.sqrt((1.0 - a[0]) * (1.0 + a[0])))

    def atan(self, a: Two) -> Two:
        """The inverse tangent."""
        return self.xp.arctan(a[0]), a[1] / (1.0 + a[0] * a[0])

    def powr(self, a: Two, b: Two) -> Two:
        """The base, not negative, to a power."""
        value = a[0] ** b[0]
        return value, self._finite(value * (b[0] * a[1] / a[0] + b[1] * self.xp.log(a[0])))

    def select(self, condition: Any, a: Two, b: Two) -> Two:
        """One of two, element by element."""
        return self.xp.where(condition, a[0], b[0]), self.xp.where(condition, a[1], b[1])

    def phi(self, p: Two, gap: Two, ratio: Two) -> Two:
        r"""$(1-r^p)/p$, or the gap $h=-\\log r$ itself where p is 0, with its derivatives in p and h."""
        xp = self.xp
        none, finite = p[0] == 0, xp.isfinite(gap[0])
        product = self.mul(p, (xp.where(finite, gap[0], 0.0), xp.where(finite, gap[1], 0.0)))
        near = none | (finite & (xp.abs(product[0]) < SERIES_BELOW))
        tail = phi_tail(product[0])
        one = xp.ones_like(tail), xp.zeros_like(tail)
        series = self.mul(gap, self.sub(one, (tail, product[1] / 2)))
        divisor = xp.where(near, 1.0, p[0]), xp.where(near, 0.0, p[1])
        close = xp.abs(product[0]) < 0.5
        exponent = xp.where(close, -product[0], 0.0), xp.where(close, -product[1], 0.0)
        middle = self.div(self.neg(self.expm1(exponent)), divisor)
        base = xp.where(close & finite, 1.0, ratio[0]), xp.where(close & finite, 0.0, ratio[1])
        large = self.div(self.sub(one, self.powr(base, divisor)), divisor)
        return self.select(near, series, self.select(close & finite, middle, large))


def phi_tail(x: Any) -> Any:
    r"""$1-(1-e^{-x})/x$ by its series; below :data:`SERIES_BELOW` what is left out is less than $10^{-17}$."""
    total = 1 - x / _TERMS
    for k in range(_TERMS - 1, 2, -1):
        total = 1 - x / k * total
    return x / 2 * total


def _two_sum(a: Any, b: Any) -> Two:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _normal(value: Any, error: Any) -> Two:
    total = value + error
    return total, error - (total - value)


def _two_product(a: Any, b: Any) -> Two:
    product = a * b
    a1, a2 = _halves(a)
    b1, b2 = _halves(b)
    return product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2


def _halves(a: Any) -> Two:
    c = _SPLIT * a
    high = c - (c - a)
    return high, a - high
