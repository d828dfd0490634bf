-- What the figures are parts of: see views/quality.py.
SELECT
    (SELECT count(*) FROM address WHERE state IN ('provisional', 'current')
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text)))
        AS addresses,
    (SELECT count(*) FROM address WHERE state IN ('provisional', 'current') AND kind <> 'R'
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text)))
        AS addresses_but_streets,
    (SELECT count(*) FROM address WHERE state IN ('provisional', 'current') AND geom IS NOT NULL
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text)))
        AS addresses_with_a_point,
    (SELECT count(*) FROM link WHERE closed_at IS NULL
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text)))
        AS links,
    (SELECT count(*) FROM source_row WHERE gone_at IS NULL
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text)))
        AS rows,
    (SELECT count(*) FROM source WHERE name <> 'registry' AND (%(low)s::text IS NULL OR source_id IN (
        SELECT source_id FROM link WHERE closed_at IS NULL
            AND division_code >= %(low)s::text AND division_code <= %(high)s::text
        UNION SELECT source_id FROM address
            WHERE division_code >= %(low)s::text AND division_code <= %(high)s::text)))
        AS sources
