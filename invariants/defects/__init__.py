"""The defects of old releases, and the hunt that shows how far the laws of the newest find them."""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

if TYPE_CHECKING:
    from .catalogue import DEFECTS as DEFECTS
    from .catalogue import NEWEST as NEWEST
    from .catalogue import OLD as OLD
    from .catalogue import OTHER_RULES as OTHER_RULES
    from .catalogue import Defect as Defect
    from .catalogue import OtherRule as OtherRule
    from .catalogue import Symptom as Symptom
    from .catalogue import defect_called as defect_called
    from .catalogue import explained as explained
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".catalogue": (
                "DEFECTS",
                "NEWEST",
                "OLD",
                "OTHER_RULES",
                "Defect",
                "OtherRule",
                "Symptom",
                "defect_called",
                "explained",
            )
        },
    )
