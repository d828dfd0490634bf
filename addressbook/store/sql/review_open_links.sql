-- The links that waited for a decision, opened as its event: at the address chosen, or, where none fits, at the
-- division that is known. Items that an event or an address list asked have no link to open.
INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
    received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, opened_batch,
    opened_event, opened_at)
SELECT coalesce(%(site_id)s::bigint, -i.division_code::bigint), %(aid)s::text,
    coalesce(%(division_code)s::text, i.division_code), i.element_kind, i.element_key, i.role, i.element_category,
    i.month, i.source_id, i.row_key, i.received_text, i.category,
    coalesce(%(match_level)s::text, CASE
        WHEN right(i.division_code, 3) <> '000' THEN 'community' WHEN right(i.division_code, 6) <> '000000' THEN 'town'
        WHEN right(i.division_code, 8) <> '00000000' THEN 'county'
        WHEN right(i.division_code, 10) <> '0000000000' THEN 'city' ELSE 'province' END),
    coalesce(%(coordinate_level)s::text, 'none'), i.score,
    CASE WHEN %(aid)s::text IS NULL THEN ARRAY['division_only'] ELSE '{}' END || ARRAY['reviewed'] || i.flags,
    i.reasons, i.valid_from, i.batch_id, e.event_id, e.at
FROM review_item i JOIN registry_event e ON e.event_id = %(event)s
WHERE i.decision_id = %(decision)s AND i.event_id IS NULL AND i.element_key IS NOT NULL
    AND (%(aid)s::text IS NOT NULL OR i.division_code IS NOT NULL)
RETURNING division_code, element_kind, role, category, month, (aid IS NOT NULL)::int, 1
