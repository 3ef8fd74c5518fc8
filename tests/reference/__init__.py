"""A slow reference of the model, written from docs/model.md alone; see README.md."""

from .world import ReferenceWorld

__all__ = ["ReferenceWorld"]
