-- Open items counted by the town they lie in (the county where no town is known, '' where nothing is), reason, source
-- and kind.
SELECT coalesce(rpad(left(i.division_code, 9), 12, '0'), '') AS area, i.reason_code AS reason, s.name AS source,
    i.element_kind AS kind, count(*) AS items,
    count(*) FILTER (WHERE i.claimed_until > statement_timestamp()) AS claimed,
    count(*) FILTER (WHERE i.put_off_until > statement_timestamp()) AS put_off, min(i.created_at) AS oldest
FROM review_item i JOIN source s USING (source_id)
WHERE i.state = 'open'
    AND (%(area)s::text IS NULL OR starts_with(i.division_code, %(area)s))
    AND (%(reason)s::text IS NULL OR i.reason_code = %(reason)s)
    AND (%(source)s::text IS NULL OR s.name = %(source)s)
    AND (%(kind)s::text IS NULL OR i.element_kind = %(kind)s)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
