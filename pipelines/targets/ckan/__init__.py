"""A CKAN portal as a target: whole releases, stable addresses, nothing overwritten that others changed."""
