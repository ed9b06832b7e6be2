"""Files of other tools that describe a whole market, read into a configuration and written from a running market."""
