"""Findings on bytecode as tests of other tools: what a law says, turned into answers that the contracts should give."""
