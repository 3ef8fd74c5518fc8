"""Rulebooks as data: schema, reading, overlays, checks, and compilation to integer tables."""
