"""Signing in, in a real browser."""

from __future__ import annotations


def test_an_officer_signs_in_looks_around_and_signs_out(visitor, people):
    visitor.sign_in(people["auditor"].email)
    visitor.sees("Your work")
    visitor.go("/audit")
    visitor.press("Check the whole audit")
    visitor.sees("The audit holds")
    visitor.press("Sign out")
    visitor.sees("Sign in")


def test_a_wrong_password_is_said_at_the_field_and_in_the_summary(visitor, people):
    visitor.go("/sign-in")
    visitor.fill("Email address", people["auditor"].email)
    visitor.page.get_by_label("Password", exact=True).fill("wrong")
    visitor.press("Sign in")
    visitor.sees("There is a problem")
    assert visitor.page.get_by_label("Email address").input_value() == people["auditor"].email
