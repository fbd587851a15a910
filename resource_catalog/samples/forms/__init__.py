"""The forms in which streams are written: one module a kind of file."""
