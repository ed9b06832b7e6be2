"""The kinds of contracts whose storage layout the compiler gives."""

from pooltwin.protocol.contracts.periphery.stata.transparent import TransparentStataToken
from pooltwin.protocol.contracts.proxy import ProxiedReceiver
from pooltwin.protocol.contracts.rewards import RewardsRecorder
from pooltwin.protocol.evm_storage.table import LAYOUTS

NOT_AAVES = {ProxiedReceiver.KIND, RewardsRecorder.KIND, TransparentStataToken.KIND}
"""Kinds that no artifact describes."""

KINDS = sorted({code.partition("@")[0] for code in LAYOUTS["3.0.2"]} - NOT_AAVES)
"""Whatever stores anything."""
