"""Slices about the hub itself: its application, database, proxy, login, services, culling."""
