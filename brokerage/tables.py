"""Every table of this area, imported so that migrations and the mapper see them all."""

from brokerage.allocation import models as allocation
from brokerage.feedback import models as feedback
from brokerage.ranking import models as ranking

__all__ = ["allocation", "feedback", "ranking"]
