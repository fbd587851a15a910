"""What may leave: which columns a release holds, and what of their values. The gate on cells joins it here."""
