"""Chaos: the product under load and under fire, and then an audit of all that is left.

`python -m tests.faults.chaos --seconds 600 --seed 7 --report chaos.md` starts PostgreSQL, Valkey,
an API and two workers of its own, lets people use every workflow over HTTP, meanwhile kills and
stops whatever runs, lets everything settle, and asks the whole database whether each promise was
kept.
"""
