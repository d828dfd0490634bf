"""Statements about collections, in SQLAlchemy's expressions: bound parameters only, whatever was asked."""
