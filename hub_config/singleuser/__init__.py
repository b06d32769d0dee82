"""Slices about what a user gets: image, resources, storage, files, scheduling, profiles, security."""
