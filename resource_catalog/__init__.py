"""What the agency holds and what may leave: the typed catalogue and the selection from it."""
