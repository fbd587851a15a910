"""A real CKAN on loopback for trials and tests, of the standard library alone: it runs before anything is installed."""
