"""Corner histories: short scripts that make the decisions of a revision show, the same in every release.

A random history hardly ever comes where two releases differ by one wei or by one forgotten flag. Each corner goes
there on purpose. It sends the same calls whatever the release is, those that the release lacks or refuses included:
what comes of them is what is recorded. `python -m tests.contracts.corners OUT.jsonl.gz` records all in one history.
"""
