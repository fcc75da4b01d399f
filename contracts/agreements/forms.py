"""Forms of agreements."""

from __future__ import annotations

from wtforms.validators import InputRequired, Length

from app.ui.fields import TextField
from app.ui.forms import HomewardForm


class StillNeededForm(HomewardForm):
    """The question before the first visit: is the care still needed, and who says so?"""

    with_whom = TextField(
        "Confirmed with",
        description="For example the ward, the social worker or the person. A name and a role are enough.",
        validators=[InputRequired("Say with whom you confirmed it."), Length(max=200)],
    )
