-- Sources whose latest whole load is older than a day, or that have none, by kind.
SELECT s.source_id::text AS key, s.kind AS part, s.source_id, s.name AS source, s.kind, b.loaded_at
FROM source s
LEFT JOIN (
    SELECT source_id, max(finished_at) AS loaded_at FROM batch WHERE state = 'done' GROUP BY 1
    UNION ALL SELECT source_id, max(loaded_at) FROM area GROUP BY 1
) b USING (source_id)
WHERE s.name <> 'registry' AND (b.loaded_at IS NULL OR b.loaded_at < %(fresh_since)s)
    AND (%(low)s::text IS NULL OR s.source_id IN (
        SELECT source_id FROM link WHERE closed_at IS NULL
            AND division_code >= %(low)s::text AND division_code <= %(high)s::text
        UNION SELECT source_id FROM address
            WHERE division_code >= %(low)s::text AND division_code <= %(high)s::text))
