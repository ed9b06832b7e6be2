"""The real contracts, compiled from npm and run in revm, beside the twin."""

import importlib.util
import os

import pytest

if importlib.util.find_spec("pyrevm") is None and not os.environ.get("CI"):
    pytest.skip("pyrevm is not installed: it has no build for this Python", allow_module_level=True)
