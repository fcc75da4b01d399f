"""What slices above do when something has happened to a package. `wsgi.py` says who.

The sentence that they are handed is one of `rules.TAKEN_BACK`, never what somebody typed: that can be about the person.
"""

from __future__ import annotations

from app.audit import Actor
from app.hooks import Hook
from marketplace.packages.models import Package

package_withdrawn: Hook[[Package, str, Actor]] = Hook(
    "package.withdrawn", "The care is no longer asked for; whoever offers or awards it stops and tells those asked."
)
package_held: Hook[[Package, str, Actor]] = Hook(
    "package.held", "The package waits; whoever gathers, offers or awards it lets go of it and tells those asked."
)
