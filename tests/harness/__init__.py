"""What tests on a real Kubernetes share: the cluster, releases of the chart, the hub's API, kernels, measurements.

`tests/conftest.py` offers it as fixtures. Every wait has a limit and says what it waited for and what it saw.
"""
