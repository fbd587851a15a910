"""Whole releases on a CKAN portal: rows, files and metadata change for readers in one step."""
