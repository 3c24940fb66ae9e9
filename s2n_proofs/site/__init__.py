"""The site: pages printed from the judged ledger and the derived formulas, and the commands that build them."""
