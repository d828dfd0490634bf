-- Enterprises by the beginning of their code or name, else by a part of the name that is long enough for its index.
-- Names that begin so come first; only where they are too few is the rest looked through.
WITH beginning AS MATERIALIZED (
    SELECT element_key, name, uscc, status, 0 AS rank FROM enterprise
    WHERE %(code)s::text IS NOT NULL AND uscc >= %(code)s::text AND uscc < %(above)s::text
    UNION ALL
    (SELECT element_key, name, uscc, status, 1 FROM enterprise
    WHERE %(beginning)s::text IS NOT NULL AND name LIKE %(beginning)s::text
    ORDER BY name USING ~<~ LIMIT %(limit)s)
),
part AS (
    SELECT element_key, name, uscc, status, 2 FROM enterprise
    WHERE %(part)s::text IS NOT NULL AND (SELECT count(*) FROM beginning) < %(limit)s AND name LIKE %(part)s::text
    LIMIT %(limit)s
)
SELECT DISTINCT ON (rank, name, element_key) element_key::text, name, uscc, status, rank
FROM (SELECT * FROM beginning UNION ALL SELECT * FROM part) f (element_key, name, uscc, status, rank)
ORDER BY rank, name, element_key
LIMIT %(limit)s
