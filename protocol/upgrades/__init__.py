"""A live market moved from release to release, as governance did."""
