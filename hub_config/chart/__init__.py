"""Models of what only the chart's templates read."""
