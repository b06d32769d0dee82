"""A Kubernetes of one node from upstream Go modules, without Docker or a registry; one concern per file."""
