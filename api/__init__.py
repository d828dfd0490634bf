"""The HTTP service over the registry."""
