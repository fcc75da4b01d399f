"""Reading answers of the regulator's API, one location or several, with old- and new-style assessments."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from app.files.source import UnreadableFile
from marketplace.providers.cqc_values import (
    CqcFile,
    Layout,
    StatedLocation,
    StatedRating,
    merged,
    rating_of_services,
)
from marketplace.providers.ratings import QUESTION_COLUMNS, AssessmentStyle, normalise

SHAPE = "Give one location of the CQC's API, or a list of them, each with its locationId."


def read_api_answer(data: bytes) -> CqcFile:
    """The locations of a JSON file: one object, a list, or {"locations": […]}; raises UnreadableFile."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as failure:
        raise UnreadableFile(f"The file is not whole JSON. {SHAPE}") from failure
    if isinstance(content, dict):
        content = content.get("locations", [content])
    if not isinstance(content, list) or not content:
        raise UnreadableFile(f"The file holds no locations. {SHAPE}")
    locations = [_location(one) for one in content]
    return CqcFile(Layout.API, merged(locations))


def _location(one: Any) -> StatedLocation:
    identifier = one.get("locationId") if isinstance(one, dict) else None
    if not isinstance(identifier, str) or not 3 <= len(identifier) <= 20:
        raise UnreadableFile(f"A location has no locationId. {SHAPE}")
    registered = str(one.get("registrationStatus") or "Registered").casefold() != "deregistered"
    services = rating_of_services(_services(one))
    return StatedLocation(
        identifier, (*_old_style(one), *_new_style(one), *([services] if services else [])), registered
    )


def _old_style(one: Mapping[str, Any]) -> Iterator[StatedRating]:
    overall = _inside(_inside(one, "currentRatings"), "overall")
    published_on = _day(overall.get("reportDate"))
    if published_on:
        questions = _questions(overall)
        yield StatedRating(normalise(_text(overall.get("rating"))), published_on, AssessmentStyle.OLD, questions)


def _new_style(one: Mapping[str, Any]) -> Iterator[StatedRating]:
    """New-style assessments come in addition; only those whose status is Active count (rule A5)."""
    for plan in _objects(one.get("assessment")):
        published_on = _day(plan.get("assessmentPlanPublishedDateTime"))
        for overall in _objects(_inside(plan, "ratings").get("overall")):
            if published_on and _text(overall.get("status")).casefold() == "active":
                rating, questions = normalise(_text(overall.get("rating"))), _questions(overall)
                yield StatedRating(rating, published_on, AssessmentStyle.NEW, questions)


def _services(one: Mapping[str, Any]) -> Iterator[tuple[str, StatedRating]]:
    """What holds now of each service: for social care the rating stands here, and `overall` is empty (rule A5)."""
    for plan in _objects(one.get("assessment")):
        published_on = _day(plan.get("assessmentPlanPublishedDateTime"))
        for service in _objects(_inside(plan, "ratings").get("asgRatings")):
            if published_on and _text(service.get("status")).casefold() == "current":
                rating, questions = normalise(_text(service.get("rating"))), _questions(service)
                yield _text(service.get("name")), StatedRating(rating, published_on, AssessmentStyle.NEW, questions)


def _questions(overall: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        _text(one.get("name")).casefold().replace("-", "_"): one for one in _objects(overall.get("keyQuestionRatings"))
    }
    return {name: normalise(_text(named[name].get("rating"))) for name in QUESTION_COLUMNS if name in named}


def _inside(one: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = one.get(name)
    return found if isinstance(found, dict) else {}


def _objects(found: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _day(found: Any) -> date | None:
    try:
        return date.fromisoformat(_text(found)[:10])
    except ValueError:
        return None
