"""What the demo brings to the house."""

from __future__ import annotations

from app.house import Slice
from demo.commands import seed_demo_command

DEMO = Slice(name="demo", commands=(seed_demo_command,))
