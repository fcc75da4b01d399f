"""What the edge brings to the house."""

from __future__ import annotations

from app.house import Slice
from app.http import models

HTTP = Slice(name="http", models=models)
