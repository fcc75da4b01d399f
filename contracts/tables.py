"""Every table of this area, imported so that migrations and the mapper see them all."""

from contracts.agreements import models as agreements

__all__ = ["agreements"]
