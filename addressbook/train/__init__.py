"""Tuning the costs of reading on text the project makes itself: composed from names, then spoilt."""
