"""What may leave: which columns a release holds. The gate on personal data in cells joins it here."""
