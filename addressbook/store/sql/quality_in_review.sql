-- Rows of sources that wait for a person, by reason. Their texts are shown at the desk, not here.
SELECT r.review_id::text AS key, r.reason_code AS part, r.review_id, r.element_kind, r.category, r.reason_code,
    r.division_code, r.anchor_aid, (SELECT s.name FROM source s WHERE s.source_id = r.source_id) AS source, r.created_at
FROM review_item r
WHERE r.state = 'open'
    AND (%(low)s::text IS NULL OR (r.division_code >= %(low)s::text AND r.division_code <= %(high)s::text))
