from __future__ import annotations

import pytest

from s2n_proofs.ledger.registry import CLAIMS, UnknownClaimError, select

# The ids of the transcription of the paper, with the number of readings of each.
IDS = {
    "eq1-forward": 1, "table1-vp": 2, "table1-ve": 1, "table1-iddpm": 1, "table1-fmot": 1, "assume-vp": 1, "assume-ve": 1,
    "assume-iddpm": 1, "assume-fmot": 1, "assume-edm": 1, "marginal-z0": 2, "psi-odes": 1, "psi-moments": 1, "thm1-f": 1,
    "thm1-g": 1, "thm1-psi": 1, "thm1-mean": 1, "thm1-var": 1, "eq3-sde": 1, "limit-forward-step": 1, "limit-forward": 1,
    "thm2-family": 2, "thm2-score": 1, "thm2-eps": 1, "thm3-eps": 1, "thm3-noise": 2, "cor1-eps": 1, "cor1-arguments": 1,
    "cor1-noise": 2, "vdm-mean-1": 1, "vdm-mean-2": 1, "vdm-arguments": 1, "vdm-var": 1, "eq8-step": 2,
    "eq8-special-case": 2, "limit-backward": 1, "nonmarkov-marginal": 1, "tweedie": 1, "eq9-substitution": 2, "eq9-step": 1,
    "thm4-sde": 1, "snr-definition": 1, "eq11-space": 1, "thm5-equivalence": 1, "mmse-optimal": 1, "mmse-pointwise": 2,
    "thm6-kl": 1, "thm6-mi": 1, "thm6-kong": 2, "eq12-step": 2, "eq12-arguments": 1, "eq12-euler": 2, "step-order": 1,
    "summary-equivalence": 2,
}  # fmt: skip


def test_every_claim_of_the_paper_is_there_with_all_its_readings() -> None:
    assert {base: len(select([base])) for base in IDS} == IDS
    assert len(CLAIMS) == sum(IDS.values())


def test_ids_are_unique() -> None:
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


def test_one_reading_can_be_taken() -> None:
    assert [c.id for c in select(["thm3-noise/b"])] == ["thm3-noise/b"]


@pytest.mark.parametrize("name", ["thm3", "THM1-F", "", "thm3-noise/c", "__import__('os')"])
def test_an_unknown_id_is_refused(name: str) -> None:
    with pytest.raises(UnknownClaimError):
        select([name])
