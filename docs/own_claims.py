"""Two claims from another paper: DDIM's deterministic step (arXiv 2010.02502, Eq. 12), and the same with a slip."""

from s2n_proofs.derivation import Derivation, Step
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.symbols import alpha, beta, s, sigma, t
from s2n_proofs.theory import nonmarkov


def deterministic_step() -> Derivation:
    """The derived non-Markovian step at beta = 0."""
    found = nonmarkov.step()
    result = {role: found.result[role].subs(beta, 0) for role in ("z", "eps")}
    return Derivation("the step at beta = 0", result, (*found.steps, Step("substitute", "set beta = 0")))


CLAIMS = [
    Claim(
        id="ddim-eq12",
        where="arXiv 2010.02502, Eq. (12)",
        kind="identity",
        statement="z_s = alpha_s (z_t - sigma_t eps)/alpha_t + sigma_s eps",
        printed={"z": alpha(s) / alpha(t), "eps": -alpha(s) * sigma(t) / alpha(t) + sigma(s)},
        derive=deterministic_step,
    ),
    Claim(
        id="ddim-eq12-slip",
        where="a slip planted here",
        kind="identity",
        statement="the same with sigma_t in place of the last sigma_s",
        printed={"z": alpha(s) / alpha(t), "eps": -alpha(s) * sigma(t) / alpha(t) + sigma(t)},
        derive=deterministic_step,
    ),
]
