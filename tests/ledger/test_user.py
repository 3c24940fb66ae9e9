"""Claims from a user's file, and what is refused."""

from __future__ import annotations

import pytest

from s2n_proofs.ledger.user import LedgerFileError, load_claims

HEAD = """
from sympy import Float, Integer
from s2n_proofs.ledger.claim import Claim, PropertyClaim
from s2n_proofs.symbols import alpha, t
from s2n_proofs.theory.forward import coefficients
def claim(name, formula=alpha(t).diff(t) / alpha(t), **more):
    return Claim(name, "my notes", "identity", "the drift", {"f": formula}, coefficients, **more)
"""


@pytest.fixture
def load(tmp_path):
    def of(text: str | bytes, name: str = "mine.py"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_claims(file)

    return of


def test_claims_that_are_variables_in_the_order_of_the_file(load) -> None:
    claims = load(HEAD + "second = claim('b')\nfirst = claim('a')\nagain = second\n")
    assert [claim.id for claim in claims] == ["b", "a"]


def test_a_sequence_wins_over_variables(load) -> None:
    text = HEAD + "helper = claim('x')\nCLAIMS = [claim('a'), PropertyClaim('p', 'here', 'it is fine', 'vp')]\n"
    assert [claim.id for claim in load(text)] == ["a", "p"]
    assert [claim.id for claim in load(HEAD + "CLAIMS = (claim(n) for n in 'ab')\n")] == ["a", "b"]


def test_a_file_may_import_its_neighbour_and_need_not_end_in_py(load, tmp_path) -> None:
    (tmp_path / "s2n_test_neighbour.py").write_text("NAME = 'from-the-neighbour'\n")
    text = HEAD + "from s2n_test_neighbour import NAME\nc = claim(NAME)\n"
    assert [claim.id for claim in load(text, "claims.txt")] == ["from-the-neighbour"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        "CLAIMS = []\n",
        "CLAIMS = 7\n",
        "CLAIMS = 'text'\n",
        "CLAIMS = [1]\n",
        "x = (\n",
        "1/0\n",
        "raise SystemExit(0)\n",
        "import no_such_module_anywhere\n",
        b"x = '\xff'\n",
        b"\x00",
        HEAD + "a = claim('x')\nb = claim('x', alpha(t))\n",
        HEAD + "a = claim('')\n",
        HEAD + "a = claim(3)\n",
        HEAD + "a = claim('x', 1)\n",
        HEAD + "a = claim('x', Float('0.5') * alpha(t))\n",
        HEAD + "a = Claim('x', 'here', 'identity', 'says', {}, coefficients)\n",
        HEAD + "a = Claim('x', 'here', 'identity', 'says', {'f': alpha(t)}, None)\n",
    ],
)
def test_refused_with_one_sentence(load, text) -> None:
    with pytest.raises(LedgerFileError) as refusal:
        load(text)
    assert "mine.py" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_error_names_its_line(load) -> None:
    for text in ("\n\nx = (\n", "\n\n1/0\n", "def f():\n    pass\nimport json; json.loads('{')\n"):
        with pytest.raises(LedgerFileError, match="line 3"):
            load(text)


def test_a_missing_file_and_a_folder_are_refused(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "nothing.py"):
        with pytest.raises(LedgerFileError):
            load_claims(path)
