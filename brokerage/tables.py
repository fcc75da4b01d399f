"""Every table of this area, imported so that migrations and the mapper see them all."""

from brokerage.ranking import models as ranking
from brokerage.allocation import models as allocation
from brokerage.feedback import models as feedback

__all__ = ["allocation", "feedback", "ranking"]
