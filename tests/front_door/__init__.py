"""The front door: faces, README, documentation and examples, as their readers meet them."""
