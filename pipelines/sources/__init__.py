"""Where data comes from: one module per form of source, each filling the same table of text."""
