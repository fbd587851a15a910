"""One module for each table of the city: what its columns are, in which form it comes, and how its rows come about."""
