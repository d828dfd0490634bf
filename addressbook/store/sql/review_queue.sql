-- A page of open items by number. Twins: other open items with the same normal text in the same context. What was
-- received of a person who is restricted is not shown.
SELECT i.review_id, CASE WHEN m.state IS NULL THEN i.received_text ELSE '' END AS received_text,
    m.state IS NOT NULL AS withheld, i.division_code, i.element_kind, i.role, i.category, i.reason_code,
    s.name AS source, CASE WHEN m.state IS NULL THEN jsonb_array_length(i.candidates) ELSE 0 END AS candidates,
    i.created_at, i.put_off_until,
    CASE WHEN i.claimed_until > statement_timestamp() THEN i.claimed_by END AS claimed_by,
    (SELECT count(*) FROM review_item t WHERE t.text_key = i.text_key AND t.context = i.context AND t.state = 'open'
        AND t.review_id <> i.review_id) AS twins,
    i.element_key::text AS element_key
FROM review_item i JOIN source s USING (source_id)
    LEFT JOIN subject_mark m ON m.element_key = i.element_key AND i.element_kind = 'person'
WHERE i.state = 'open' AND i.review_id > %(after)s
    AND (%(area)s::text IS NULL OR starts_with(i.division_code, %(area)s))
    AND (%(reason)s::text IS NULL OR i.reason_code = %(reason)s)
    AND (%(source)s::text IS NULL OR s.name = %(source)s)
    AND (%(kind)s::text IS NULL OR i.element_kind = %(kind)s)
ORDER BY i.review_id
LIMIT %(limit)s
