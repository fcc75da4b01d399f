"""Benchmarks: each figure of the product beside its baseline, measured in the same run, round by round in turn."""
