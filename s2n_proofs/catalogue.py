"""The named schedules, under the name that the package gives them."""

from ._catalogue import Catalogue, catalogue

__all__ = ["Catalogue", "catalogue"]
