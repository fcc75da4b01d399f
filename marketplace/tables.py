"""Every table of this area, imported so that migrations and the mapper see them all."""

from marketplace.batches import models as batches
from marketplace.offers import models as offers
from marketplace.packages import models as packages
from marketplace.people import models as people
from marketplace.providers import models as providers
from marketplace.schemes import models as schemes
from marketplace.vetting import models as vetting

__all__ = ["batches", "offers", "packages", "people", "providers", "schemes", "vetting"]
