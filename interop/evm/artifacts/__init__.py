"""Compiled contracts as Foundry, Hardhat and the Solidity compiler write them: code, ABI, links and storage layout."""

from .artifact import Artifact, ArtifactError, ArtifactSet, MissingContractError
from .loading import load_artifacts

__all__ = ["Artifact", "ArtifactError", "ArtifactSet", "MissingContractError", "load_artifacts"]
