"""The static portal: a folder that any web server serves, as a target of publications."""

from pipelines.targets.static.target import StaticPortal

__all__ = ["StaticPortal"]
