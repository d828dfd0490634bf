"""Rows in, links out: reading, mapping, running and reporting a load."""
