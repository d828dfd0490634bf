-- The extents of areas by code, in degrees.
SELECT code, ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)] AS bbox FROM area WHERE code = ANY (%(codes)s)
