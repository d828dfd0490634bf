-- The areas that a point lies in, divisions, others or both, the smallest first.
SELECT code, kind, name, level, ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)] AS bbox
FROM area
WHERE ST_Intersects(geom, ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326))
    AND CASE WHEN kind = 'division' THEN %(divisions)s::boolean ELSE %(others)s::boolean END
ORDER BY ST_Area(geom), code
LIMIT %(limit)s
