"""What postcodes bring to the house."""

from __future__ import annotations

from app.house import Slice
from app.postcodes import models
from app.postcodes.commands import import_postcodes_command

POSTCODES = Slice(name="postcodes", models=models, commands=(import_postcodes_command,))
