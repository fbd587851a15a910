"""The standards of identifiers and codes, a module each: which texts are well formed, and what else can be wrong."""
