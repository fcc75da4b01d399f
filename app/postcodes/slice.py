"""What postcodes bring to the house."""

from __future__ import annotations

from app.house import Slice
from app.postcodes import models

POSTCODES = Slice(name="postcodes", models=models)
