"""Who may read what: bureaus, tokens, needs, grants and contracts, all of which follow from the acts of sharing."""
