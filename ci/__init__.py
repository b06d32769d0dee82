"""Bring a cluster up, put the chart on it, test it: the commands behind the Makefile."""
