"""The council's colour."""

import pytest

from app.pages.context import brand_stylesheet, contrast_with_white


def test_a_readable_colour_becomes_a_style_sheet():
    assert "--govuk-brand-colour:#0b5d66" in brand_stylesheet("#0B5D66")


@pytest.mark.parametrize("colour", ["#ffd", "teal", "#00703c;}body{display:none", "#ffdd00"])
def test_what_is_no_colour_or_cannot_be_read_is_refused(colour):
    with pytest.raises(ValueError, match="colour"):
        brand_stylesheet(colour)


def test_contrast_is_measured_as_wcag_measures_it():
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
