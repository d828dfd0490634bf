"""The only SQL of the project: engine, tables, migrations, statements, and the private PostGIS."""
