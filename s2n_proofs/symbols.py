"""The vocabulary, once: times, schedule functions, parameters and random variables.

Every other module takes its symbols from here.  SymPy compares symbols by name *and* assumptions,
so ``Symbol("t")`` typed elsewhere is a different variable; importing from one place rules that out.
"""

from __future__ import annotations

from sympy import Function, Symbol

__all__ = [
    "VOCABULARY", "D", "Delta", "alpha", "alpha_tilde", "b", "beta", "delta", "density", "eps_net", "f", "g",
    "gamma", "kappa", "lam", "log_snr_value", "mmse", "mmse_point", "rho", "s", "sigma",
    "sigma_tilde", "snr", "t", "t_0", "tau", "transition_factor", "transition_variance", "x", "xi", "z",
    "z_0", "z_s", "z_t",
]  # fmt: skip

# Times.  s < t always; sampling goes from t to s.
t = Symbol("t", real=True)
s = Symbol("s", real=True)
tau = Symbol("tau", real=True)
t_0 = Symbol("t_0", real=True)  # where the schedule starts
Delta = Symbol("Delta", positive=True)

# The schedule: z_t = alpha(t) x + sigma(t) eps, lambda = log(alpha^2 / sigma^2), SNR = exp(lambda).
alpha = Function("alpha", positive=True)
sigma = Function("sigma", positive=True)
lam = Function("lambda", real=True)
snr = Function("snr", positive=True)

# Derived words of the vocabulary; ``theory.vocabulary`` says what they stand for.
f = Function("f", real=True)
g = Function("g", nonnegative=True)
transition_factor = Function("transition_factor", positive=True)
# Real only: it is negative when its arguments stand in the wrong order.
transition_variance = Function("transition_variance", real=True)

# Signal-to-noise space: the log-SNR is the independent variable.
log_snr_value = Symbol("ell", real=True)
alpha_tilde = Function("alpha_tilde", positive=True)
sigma_tilde = Function("sigma_tilde", positive=True)

# Parameters of the backward family and of the steps.
rho = Symbol("rho", real=True)
gamma = Symbol("gamma", real=True)
delta = Symbol("delta", nonnegative=True)
kappa = Symbol("kappa", real=True, nonzero=True)
beta = Symbol("beta", nonnegative=True)
b = Function("b", real=True)

# States, data and noise (one component; D counts the components).
D = Symbol("D", integer=True, positive=True)
x = Symbol("x", real=True)
z = Symbol("z", real=True)
z_0 = Symbol("z_0", real=True)
z_s = Symbol("z_s", real=True)
z_t = Symbol("z_t", real=True)
xi = Symbol("xi", real=True)

# The plain symbols by name: a symbol of the same name with other assumptions is a mistake.
VOCABULARY = {
    symbol.name: symbol
    for symbol in (t, s, tau, t_0, Delta, log_snr_value, rho, gamma, delta, kappa, beta, D, x, z, z_0, z_s, z_t, xi)
}

# Unknown functions: the network eps_net(z, t), a density, the two mean squared errors.
eps_net = Function("epsilon", real=True)
density = Function("p", positive=True)
mmse_point = Function("mmse_x", nonnegative=True)
mmse = Function("mmse", nonnegative=True)
