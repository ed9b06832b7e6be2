"""Record all corners of a release in one history."""

from ..harness.artifacts import ArtifactSet
from ..harness.evm import RealChain
from ..harness.market import RECEIVER, UMBRELLA, header
from ..harness.recorder import MakeChain, Recorder
from ..harness.releases import TREASURY
from ..harness.replay import Record
from . import administration, categories, isolation, liquidations, positions, tokens
from .scene import WHALE, Corner, open_scene

CORNERS: tuple[Corner, ...] = (
    *liquidations.CORNERS,
    *isolation.CORNERS,
    *administration.CORNERS,
    *categories.CORNERS,
    *positions.CORNERS,
    *tokens.CORNERS,
    *liquidations.LAST,
)


def run(artifacts: ArtifactSet, revision: str, make_chain: MakeChain = RealChain) -> tuple[Record, Recorder]:
    """Act out every corner, one after the other: the history's header, and the recorder that holds its records."""
    scene = open_scene(artifacts, make_chain)
    for corner in CORNERS:
        corner(scene)
    users = (WHALE, *scene.actors)
    head = header(scene.recorder, revision, 0, len(CORNERS), users)
    head["reserves"] = [*head["reserves"], "HIGH", "ISO"]
    scene.recorder.record_state(head["reserves"], (*users, RECEIVER, UMBRELLA, TREASURY))
    return head, scene.recorder
