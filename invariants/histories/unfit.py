"""Errors of actions that cannot be performed."""


class ActionError(ValueError):
    """An action that cannot be understood on this market; names the action and what is wrong with it."""


class OwnContractError(ActionError):
    """An action on which a contract of one's own fails by a bug, not by a revert: names both and the line."""
