-- A division whose squares have just been counted, with the addresses in it that have the most events, point or not.
UPDATE area_tiling SET stale_since = NULL, top = (
    SELECT jsonb_object_agg(aid, events) FROM (
        SELECT aid, count(*) AS events FROM link
        WHERE division_code = %(code)s AND element_kind = 'event' AND closed_at IS NULL AND aid IS NOT NULL
        GROUP BY aid ORDER BY count(*) DESC, aid LIMIT %(top)s
    ) AS most
)
WHERE division_code = %(code)s
