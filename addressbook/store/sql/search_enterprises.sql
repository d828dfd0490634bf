-- Enterprises by the beginning of their code or name, by how the name or the firm's own name is typed in Latin letters,
-- else by a part of the name that is long enough for its index. Each way is one range of one index, and ends after a
-- few rows. Surer ways come first; only where they find too few is the rest looked through.
WITH beginning AS MATERIALIZED (
    SELECT element_key, name, uscc, status, 0 AS rank FROM enterprise
    WHERE %(code)s::text IS NOT NULL AND uscc >= %(code)s::text AND uscc < %(above)s::text
    UNION ALL
    (SELECT element_key, name, uscc, status, 1 FROM enterprise
    WHERE %(beginning)s::text IS NOT NULL AND name LIKE %(beginning)s::text
    ORDER BY name USING ~<~ LIMIT %(limit)s)
    UNION ALL
    (SELECT element_key, name, uscc, status, 2 FROM enterprise
    WHERE %(letters)s::text IS NOT NULL AND spelt >= %(letters)s::text AND spelt < %(above_letters)s::text
    ORDER BY spelt LIMIT %(limit)s)
    UNION ALL
    (SELECT element_key, name, uscc, status, 2 FROM enterprise
    WHERE %(letters)s::text IS NOT NULL AND own_spelt >= %(letters)s::text AND own_spelt < %(above_letters)s::text
    ORDER BY own_spelt LIMIT %(limit)s)
    UNION ALL
    (SELECT element_key, name, uscc, status, 3 FROM enterprise
    WHERE %(letters)s::text IS NOT NULL AND own_initials >= %(letters)s::text AND own_initials < %(above_letters)s::text
    ORDER BY own_initials LIMIT %(limit)s)
    UNION ALL
    (SELECT element_key, name, uscc, status, 3 FROM enterprise
    WHERE %(letters)s::text IS NOT NULL AND initials >= %(letters)s::text AND initials < %(above_letters)s::text
    ORDER BY initials LIMIT %(limit)s)
),
part AS (
    SELECT element_key, name, uscc, status, 4 FROM enterprise
    WHERE %(part)s::text IS NOT NULL AND (SELECT count(*) FROM beginning) < %(limit)s AND name LIKE %(part)s::text
    LIMIT %(limit)s
),
surest AS (
    SELECT DISTINCT ON (element_key) element_key, name, uscc, status, rank
    FROM (SELECT * FROM beginning UNION ALL SELECT * FROM part) f (element_key, name, uscc, status, rank)
    ORDER BY element_key, rank
)
SELECT element_key::text, name, uscc, status, rank FROM surest
ORDER BY rank, name, element_key
LIMIT %(limit)s
