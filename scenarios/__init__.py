"""Clock, prices, agents and measurements around the twin. Floats are allowed here, and only for showing numbers."""
