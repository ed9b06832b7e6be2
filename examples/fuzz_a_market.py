"""Attack a market at random and read what comes of it: `fuzz_a_market.py [SECONDS]`, two seconds unless given.

The newest release stands. v3.5, held to the laws of the newest, does not: it rounds what a liquidator seizes to the
nearest wei.
"""

import sys

from pooltwin.invariants import CampaignOptions, run_campaign, standard_history
from pooltwin.protocol import NEWEST


def main(seconds: float = 2.0) -> None:
    """Attack the newest release for a while, then an old one until a law breaks."""
    result = run_campaign(CampaignOptions(standard_history(NEWEST.name), seconds=seconds, episode_steps=200))
    print(f"v{NEWEST.name}: {result.tally.steps} steps, {len(result.findings)} laws broken")

    options = CampaignOptions(
        standard_history("3.5"), steps=20_000, episode_steps=500, laws=("LIQ-5",), judged_by=NEWEST.name
    )
    for finding in run_campaign(options).findings:
        print(f"v3.5 breaks {finding.law} of v{NEWEST.name}:")
        print(finding.story())


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
