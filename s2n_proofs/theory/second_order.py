r"""Second-order steps of the deterministic equation: a trapezoid with a predicted end, and two outputs of the past.

With $z/\alpha$ as the unknown and $u=e^{-\kappa\lambda}/\kappa$ as the variable, the exact solution at $\rho=0$ is
$\frac{z_s}{\alpha_s}=\frac{z_t}{\alpha_t}+\frac12\int b\,du$ with the bracket $b=e^{\gamma\lambda/2}\epsilon_\theta$ of Corollary 1
($\kappa=(1+\gamma)/2$).  For a prediction of x it is $\frac{z_s}{\sigma_s}=\frac{z_t}{\sigma_t}+\int\hat x\,d(\alpha/\sigma)$.  The steps
are the ones that are exact whenever the integrand is affine in the variable of integration.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Function, Integer, Symbol, cancel, exp, linsolve

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, gamma, lam, rho, s, sigma, t, tau
from .backward import epsilon_form
from .solution import exact_solution

__all__ = ["heun", "heun_error", "heun_x", "multistep", "multistep_error", "multistep_x", "solution_in_x"]

AFFINE = (
    "on a step the integrand differs from the affine function through two of its points by O(step^2), so that a rule which is exact "
    "for affine integrands has local error O(step^3); with a Lipschitz network the global error is O(step^2)"
)
SMOOTH = "alpha, sigma and the network along the exact trajectory are twice continuously differentiable"
PREDICTED = "the network is Lipschitz in z: its output at the predicted end is off by O(step^2), times a weight O(step)"

_a, _b = Symbol("a_0", real=True), Symbol("b_0", real=True)
_weights = Symbol("w_now", real=True), Symbol("w_other", real=True)


def _variable(time: Symbol) -> Expr:
    # u up to a constant factor, which no quotient of differences sees; gamma = -1 is a limit that is not taken here.
    return exp(-(1 + gamma) / 2 * lam(time))


def _fitted(first: Expr, second: Expr, integral_of_one: Expr, integral_of_u: Expr) -> tuple[Expr, Expr]:
    """Weights of the values at two points that integrate 1 and u exactly; `first` and `second` are u there."""
    now, other = _weights
    ((w, v),) = linsolve([now + other - integral_of_one, now * first + other * second - integral_of_u], [now, other])
    return w, v


_here, _there, _end = (Symbol(f"u_{name}", positive=True) for name in ("t", "other", "s"))


def _weights_of(kind: str) -> tuple[Expr, Expr]:
    """Weights for the integral from u_t to u_s, in the three values of u; for the trapezoid u_other is u_s."""
    one, linear = _end - _here, (_end**2 - _here**2) / 2
    w, v = _fitted(_here, _end if kind == "heun" else _there, one, linear)
    return cancel(w), cancel(v)


def _put(expr: Expr, values: tuple[Expr, Expr, Expr]) -> Expr:
    return expr.subs({_here: values[0], _there: values[1], _end: values[2]}, simultaneous=True)


def _affine(weights: tuple[Expr, Expr], here: Expr, other: Expr, end: Expr, why: str) -> tuple[Obligation, ...]:
    """The rule is exact for the integrand a + b u."""
    exact = _a * (end - here) + _b * (end**2 - here**2) / 2
    found = weights[0] * (_a + _b * here) + weights[1] * (_a + _b * other)
    return (Obligation(found, exact, why),)


def _in_eps(kind: str, other: Symbol) -> Derivation:
    solution = exact_solution()
    here, there, end = (_variable(time) for time in (t, other, s))
    weights = tuple(_put(weight, (here, there, end)) for weight in _weights_of(kind))
    now, then = weights
    # du = -kappa e^{-kappa lambda} lambda' d tau here, so that the kernel is alpha(s) b u'/(2 kappa) = alpha(s) b u'/(1 + gamma).
    kernel = alpha(s) * exp(gamma / 2 * lam(tau)) * _variable(tau).diff(tau) / (1 + gamma)
    outer = alpha(s) / (1 + gamma)
    brackets = exp(gamma / 2 * lam(t)), exp(gamma / 2 * lam(other))
    result = {
        "z": alpha(s) / alpha(t),
        "now": outer * now * brackets[0],
        "other": outer * then * brackets[1],
    }
    reduced = solution.result["kernel eps"].subs(rho, 0)
    step = Step(
        "antiderivative",
        "the weights that integrate every bracket which is affine in u = exp(-(1+gamma) lambda/2) exactly",
        result["now"],
        (
            Obligation(kernel, reduced, "the kernel of the exact solution at rho = 0, in u"),
            *_affine((now, then), here, there, end, "exact for affine brackets"),
        ),
    )
    name = "Heun's step on the exponential form" if kind == "heun" else "the two-step method with the output before"
    extra = (Step("assume", PREDICTED),) if kind == "heun" else ()
    return Derivation(name, result, (*solution.steps, step, Step("assume", SMOOTH), Step("assume", AFFINE), *extra))


@lru_cache
def heun() -> Derivation:
    """Coefficients of z_t, of the output at t, and of the output at s, where the step of Corollary 1 predicted z_s."""
    return _in_eps("heun", s)


@lru_cache
def multistep() -> Derivation:
    """Coefficients of z_t, of the output at t, and of the output one step before, at tau > t."""
    return _in_eps("multistep", tau)


@lru_cache
def solution_in_x() -> Derivation:
    r"""With a prediction of x in the place of the noise's: $\frac{d}{dt}\frac z\sigma=\hat x\,\frac d{dt}\frac\alpha\sigma$."""
    ode = {role: value.subs(rho, 0) for role, value in epsilon_form().result.items()}
    state, guess = Symbol("z", real=True), Symbol("x_hat", real=True)
    noise = (state - alpha(t) * guess) / sigma(t)
    rate = ode["drift z"] * state + ode["drift eps"] * noise
    moved = rate / sigma(t) - state * sigma(t).diff(t) / sigma(t) ** 2
    expected = guess * (alpha(t) / sigma(t)).diff(t)
    step = Step(
        "substitute",
        "insert eps = (z - alpha x)/sigma into the deterministic equation and differentiate z/sigma",
        expected,
        (Obligation(moved, expected, "d(z/sigma)/dt = x d(alpha/sigma)/dt"),),
    )
    return Derivation("the deterministic equation in x", {"rate": expected}, (*epsilon_form().steps, step))


def _in_x(kind: str, other: Symbol) -> Derivation:
    here, there, end = (alpha(time) / sigma(time) for time in (t, other, s))
    weights = tuple(_put(weight, (here, there, end)) for weight in _weights_of(kind))
    result = {"z": sigma(s) / sigma(t), "now": sigma(s) * weights[0], "other": sigma(s) * weights[1]}
    step = Step(
        "antiderivative",
        "the weights that integrate every prediction of x which is affine in alpha/sigma exactly",
        result["now"],
        _affine((weights[0], weights[1]), here, there, end, "exact for affine predictions"),
    )
    extra = (Step("assume", PREDICTED),) if kind == "heun" else ()
    return Derivation(
        f"{'Heun' if kind == 'heun' else 'two-step'} in the prediction of x",
        result,
        (*solution_in_x().steps, step, Step("assume", SMOOTH), Step("assume", AFFINE), *extra),
    )


@lru_cache
def heun_x() -> Derivation:
    """As :func:`heun` for predictions of x; the weights are those of z_t and of both predictions."""
    return _in_x("heun", s)


@lru_cache
def multistep_x() -> Derivation:
    """As :func:`multistep` for predictions of x."""
    return _in_x("multistep", tau)


_h, _u = Symbol("Delta", positive=True), Symbol("ell", real=True)
_ratio = Symbol("kappa", real=True, nonzero=True)
_bracket, _off = Function("b", real=True), Function("e", real=True)


@lru_cache
def heun_error() -> Derivation:
    r"""The expansion in $h=u_s-u_t$: the end is predicted, so that its bracket is off by $h^2e(h)$; $b$ is any bracket."""
    now, other = (_put(weight, (_u, _u, _u + _h)) for weight in _weights_of("heun"))
    rule = now * _bracket(_u) + other * (_bracket(_u + _h) + _h**2 * _off(_h))
    return _expanded("local error of Heun's step", rule, PREDICTED)


@lru_cache
def multistep_error() -> Derivation:
    r"""The expansion in $h=u_s-u_t$ at a fixed ratio of this step to the one before."""
    before = _u - _h / _ratio
    now, other = (cancel(_put(weight, (_u, before, _u + _h))) for weight in _weights_of("multistep"))
    return _expanded("local error of the two-step method", now * _bracket(_u) + other * _bracket(before), SMOOTH)


def _expanded(name: str, rule: Expr, assumed: str) -> Derivation:
    # d/dh of the exact integral of b from u to u + h is b(u + h).
    slope = _bracket(_u + _h) - rule.diff(_h)
    first, second, third = (slope.diff(_h, k).doit().subs(_h, 0).doit() for k in range(3))
    step = Step(
        "small_step",
        "expand exact minus approximate integral in the step of u",
        third,
        (
            Obligation(first, Integer(0), "the error has no term of order 1"),
            Obligation(second, Integer(0), "the error has no term of order 2"),
        ),
    )
    result = {"order 1": first, "order 2": second, "order 3": third}
    return Derivation(name, result, (step, Step("assume", assumed)))
