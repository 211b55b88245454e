"""Measurements of journey-gateway on one machine: `python -m benchmarks`, or `make bench`.

Each module named in `benchmarks.measurements` is one measurement: its docstring says what it measures, with which load,
and why. All figures of one run stand in one table, next to the limits of the same machine in the same run.
"""
