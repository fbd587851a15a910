"""What a release consists of: one module per file format, and the descriptor that names them.

A format is a module with `FORMAT` and one line in `pipelines.formats.catalogue`.
"""
