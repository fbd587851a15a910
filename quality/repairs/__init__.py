"""The repairs that a schema may declare for a field: lossless, logged cell by cell, none ever made undeclared.

A repair is a function in one of the modules here and one line in `quality.repairs.catalogue`.
"""
