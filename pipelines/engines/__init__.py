"""What computes: DuckDB, opened in one place."""
