-- The box around all geometries of a table, as its index has it: a little wide, and without reading the table.
SELECT ST_XMin(found.box) AS west, ST_YMin(found.box) AS south, ST_XMax(found.box) AS east, ST_YMax(found.box) AS north
FROM (SELECT ST_EstimatedExtent(%(table)s::text, 'geom') AS box) found
