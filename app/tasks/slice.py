"""What long work brings to the house; its pages are among those of `pages`."""

from __future__ import annotations

from app.audit import Tag
from app.house import Slice, TimedJob
from app.tasks import models
from app.tasks.jobs import forget_old_files, run_queued

TAGS = (
    Tag("task:queued", "Work was queued", council=("kind",)),
    Tag("task:cancelled", "Work was cancelled before it changed anything", council=("kind",)),
)

TASKS = Slice(
    name="tasks",
    models=models,
    tags=TAGS,
    jobs=(
        TimedJob("run queued work", "Imports and other long work that people wait for.", run_queued, every=1),
        TimedJob("forget files", "Deletes uploaded files after 7 days.", forget_old_files, daily_at="02:40"),
    ),
)
