"""Modules that the wheel ships outside of the package, under the names that other code imports them by."""
