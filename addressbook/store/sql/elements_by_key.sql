-- Elements by key, all kinds in one round trip. Of persons the masked columns only: sealed ones have a path of their own.
-- Of who is restricted (three stars, store/subjects.py) sex and birth are not told either.
SELECT element_key::text, json_build_object('name', name_masked, 'identity', identity_masked, 'phone', phone_masked,
    'sex', CASE WHEN restricted THEN '' ELSE sex END, 'birth_year', CASE WHEN restricted THEN NULL ELSE birth_year END) AS element
FROM person
CROSS JOIN LATERAL (SELECT name_masked = '*' AND identity_masked = '*' AND phone_masked = '*' AS restricted) r
WHERE element_key = ANY (%(person)s::uuid[])
UNION ALL
SELECT element_key::text, json_build_object('source_key', source_key, 'use', use, 'floor_area_m2', floor_area_m2,
    'built_year', built_year, 'occupancy', occupancy, 'monthly_rent_yuan', monthly_rent_yuan)
FROM house WHERE element_key = ANY (%(house)s::uuid[])
UNION ALL
SELECT element_key::text, json_build_object('name', name, 'uscc', uscc, 'status', status, 'established_on', established_on)
FROM enterprise WHERE element_key = ANY (%(enterprise)s::uuid[])
UNION ALL
SELECT element_key::text, json_build_object('source_key', source_key, 'title', title, 'status', status,
    'occurred_on', occurred_on)
FROM event WHERE element_key = ANY (%(event)s::uuid[])
UNION ALL
SELECT element_key::text, json_build_object('source_key', source_key, 'name', name, 'installed_on', installed_on,
    'lon', round(ST_X(geom)::numeric, 7)::float8, 'lat', round(ST_Y(geom)::numeric, 7)::float8)
FROM thing WHERE element_key = ANY (%(thing)s::uuid[])
