"""What the floor's own kind of file brings to the house."""

from __future__ import annotations

from app.house import Slice
from app.imports.commands import import_postcodes_command

IMPORTS = Slice(name="imports", commands=(import_postcodes_command,))
