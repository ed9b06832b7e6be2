"""The edges of the laws: the regions of their rules in which they could fail, one module for each kind of rule.

A law that is not here has none: it is an identity, which any case can break, or a probe, which goes to its edge itself.
"""
