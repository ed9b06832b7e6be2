"""The version of the installed package, as its metadata say."""

from importlib.metadata import version

__version__ = version("pooltwin")
"""The installed version, as "0.1.0"."""
