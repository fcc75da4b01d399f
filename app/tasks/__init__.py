"""Long work that a person waits for: a row written in the business transaction, with progress the page shows."""

from app.tasks.kinds import Progress, TaskKind
from app.tasks.models import Lease, Task, TaskFile, TaskState

__all__ = ["Lease", "Progress", "Task", "TaskFile", "TaskKind", "TaskState"]
