"""How good the data is: rules, the one-scan runner, scores, and what may be disclosed."""
