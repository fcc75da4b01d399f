"""Every table of this area, imported so that migrations and the mapper see them all."""

from marketplace.schemes import models as schemes
from marketplace.people import models as people
from marketplace.providers import models as providers
from marketplace.vetting import models as vetting
from marketplace.packages import models as packages
from marketplace.batches import models as batches
from marketplace.offers import models as offers

__all__ = ["batches", "offers", "packages", "people", "providers", "schemes", "vetting"]
