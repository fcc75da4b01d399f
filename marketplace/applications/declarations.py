"""What a provider declares when it applies. None asks for insurance before the first award (rule H3)."""

from __future__ import annotations

DECLARATIONS: dict[str, str] = {
    "truth": "What we say in this application is true, and we will tell the council when it changes.",
    "exclusion": "No ground for exclusion applies to us, our directors or those who control us.",
    "insurance": "We have the insurance that the scheme asks for, or will have it before our first award.",
    "safeguarding": "Every carer is checked before the first visit and follows our safeguarding policy.",
    "prices": "We will stay within the floor and the ceiling of each lot.",
}
