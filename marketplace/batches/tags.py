"""What the audit says of batches."""

from __future__ import annotations

from app.audit import declare

declare("batch:proposed", "Batches were proposed", council=["batches", "packages", "left_out", "sources"])
declare("batch:drafted", "The batch was drafted", council=["packages", "title"])
declare("batch:package_added", "A package was added", council=["package"])
declare("batch:package_lifted", "A package was lifted out for the person's own preference", council=["package"])
declare("batch:package_left", "A package left the batch because its own state changed", council=["package"])
declare("batch:merged", "Another batch was merged into this one", council=["merged", "packages"])
declare("batch:split", "Packages were split off into a batch of their own", council=["into", "packages"])
declare("batch:sealed", "The batch was sealed", council=["packages", "weekly_minutes"])
declare("batch:unsealed", "The batch was unsealed", council=[])
declare("batch:discarded", "The batch was discarded and its packages released", council=["packages"])
declare("batch:offered", "The batch was offered to providers", council=["packages"])
declare("batch:package_settled", "A package's offer came to its end", council=["package", "status"])
declare("batch:settled", "The batch was settled", council=[])
