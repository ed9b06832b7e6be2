"""A live market moved from release to release, as governance did."""

from .renewal import UpgradeError
from .upgrade import upgrade

__all__ = ["UpgradeError", "upgrade"]
