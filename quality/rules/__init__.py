"""The rules, each a file: what it is called, what it says, and which expression fails.

A rule of a schema is a module with `RULE` and `checks(schema)`, and one line in `quality.rules.catalogue`.
"""
