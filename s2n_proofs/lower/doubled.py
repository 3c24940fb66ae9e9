r"""Twofold numbers whose exponentials and logarithms are twofold too, to some 70 bits.

A :class:`~s2n_proofs.lower.twofold.Twofold` exponential is rounded once; where it stands in another exponential,
$e^{-50\,e^{y}}$, that rounding is multiplied by fifty.  Here $e^x=2^m\,e^r$ with $r=x-m\log 2$ in two parts, $e^{r/32}-1$
is summed, its first two terms in two parts, and squared five times; logarithms are one step of Newton's from there.
"""

from __future__ import annotations

from typing import Any

from .twofold import Two, Twofold, _normal, _two_sum

__all__ = ["Doubled"]

# log(2) in three parts (mpmath, 200 bits): the first two have 32 bits, so that m times them is exact.
_LOG2 = (0.6931471803691238, 1.9082149288430703e-10, 4.275175589747649e-20)
_HALVINGS = 5
_TERMS = 12
_LARGEST = 709.0  # beyond, the exponential itself overflows, or is no normal number


class Doubled(Twofold):
    """Twofold arithmetic with twofold exponentials and logarithms.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``torch``.

    Examples
    --------
    >>> import numpy as np
    >>> from mpmath import mp
    >>> high, low = Doubled(np).exp((np.float64(-30.1), np.float64(0)))
    >>> with mp.workprec(200):
    ...     bool(abs(mp.mpf(float(high)) + mp.mpf(float(low)) - mp.exp(mp.mpf(-30.1))) < mp.exp(-30) * mp.mpf(2) ** -65)
    True
    """

    def exp(self, a: Two) -> Two:
        """The exponential."""
        whole, grown = self._parts(a)
        value = self._scaled(self.add(grown, self._one(grown)), whole)
        return self.select(self._inside(a[0]), value, super().exp(a))

    def expm1(self, a: Two) -> Two:
        """The exponential less one."""
        whole, grown = self._parts(a)
        one = self._one(grown)
        large = self.sub(self._scaled(self.add(grown, one), whole), one)
        return self.select(self._inside(a[0]), self.select(whole == 0, grown, large), super().expm1(a))

    def log(self, a: Two) -> Two:
        """The logarithm."""
        rough = super().log(a)
        first = rough[0], self.xp.zeros_like(rough[0])
        left = self.mul(a, self.exp(self.neg(first)))
        rest = self.sub(left, self._one(left))
        return self.select(self.xp.isfinite(first[0]), _normal(first[0], rest[0] + rest[1]), rough)

    def log1p(self, a: Two) -> Two:
        """The logarithm of one more."""
        rough = super().log1p(a)
        first = rough[0], self.xp.zeros_like(rough[0])
        reached = self.expm1(first)
        rest = self.sub(a, reached)
        correction = (rest[0] + rest[1]) / (1.0 + reached[0])
        return self.select(self.xp.isfinite(first[0]), _normal(first[0], correction), rough)

    def powr(self, a: Two, b: Two) -> Two:
        """The base, not negative, to a power."""
        positive = a[0] > 0
        base = self.xp.where(positive, a[0], 1.0), self.xp.where(positive, a[1], 0.0)
        return self.select(positive, self.exp(self.mul(b, self.log(base))), super().powr(a, b))

    def _inside(self, x: Any) -> Any:
        return self.xp.abs(x) < _LARGEST

    def _one(self, like: Two) -> Two:
        return self.xp.ones_like(like[0]), self.xp.zeros_like(like[0])

    def _parts(self, a: Two) -> tuple[Any, Two]:
        """m, and the exponential less one of what is left of a after m log(2)."""
        x = self.xp.where(self._inside(a[0]), a[0], 0.0)
        low = self.xp.where(self._inside(a[0]), a[1], 0.0)
        whole = self.xp.round(x / _LOG2[0])
        rest, error = _two_sum(x - whole * _LOG2[0], -(whole * _LOG2[1]))
        rest, error = _normal(rest, error + (low - whole * _LOG2[2]))
        part = 2.0**-_HALVINGS
        q = rest * part, error * part
        tail = q[0] / _TERMS
        for k in range(_TERMS - 1, 2, -1):
            tail = (1.0 + tail) * q[0] / k
        square = self.mul(q, q)
        # q + q**2/2 + q**2/2*(q/3 + ...)
        grown = self.add(q, self.add((square[0] / 2, square[1] / 2), (square[0] / 2 * tail, self.xp.zeros_like(tail))))
        for _ in range(_HALVINGS):
            grown = self.add((2 * grown[0], 2 * grown[1]), self.mul(grown, grown))
        return whole, grown

    def _scaled(self, a: Two, whole: Any) -> Two:
        scale = 2.0**whole
        return a[0] * scale, a[1] * scale
