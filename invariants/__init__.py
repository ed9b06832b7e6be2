"""Laws that must hold of any history of the pool, and the machinery that checks them."""
