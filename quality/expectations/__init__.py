"""Great Expectations suites: read as data, compiled into the one scan, and answered as GX validation results."""
