"""NumPy, asked for once, and the kinds of arrays that scans are made of."""

from __future__ import annotations

from typing import Any

try:
    import numpy as np
except ImportError as error:
    raise ImportError("NumPy is needed for scans of whole books: pip install 'pooltwin[bulk]'") from error
from numpy.typing import NDArray

__all__ = ["Array", "Floats", "Limb", "Mask", "Rows", "Words", "np"]

Words = NDArray[np.uint64]
Limb = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]
Floats = NDArray[np.float64]
Array = NDArray[Any]
