-- Addresses in their new division, from the day on or from when they began. A text changes where it begins with the
-- names of the address's own division as they were, or else with those of its site's: a plate is called by its own.
UPDATE address a SET division_code = q.code, event_id = %(event)s, state_event_id = NULL,
    valid_from = greatest(a.valid_from, %(day)s::date),
    standard_text = CASE
        WHEN starts_with(a.standard_text, q.own_before) THEN q.own_after || substr(a.standard_text, length(q.own_before) + 1)
        WHEN starts_with(a.standard_text, q.top_before) THEN q.top_after || substr(a.standard_text, length(q.top_before) + 1)
        ELSE a.standard_text END
FROM (
    SELECT m.site_id, m.aid, m.code, own.before AS own_before, own.after AS own_after, top.before AS top_before,
        top.after AS top_after
    FROM unnest(%(sites)s::bigint[], %(aids)s::text[], %(codes)s::text[], %(own)s::int[], %(top)s::int[])
        AS m (site_id, aid, code, own, top)
    LEFT JOIN unnest(%(befores)s::text[], %(afters)s::text[]) WITH ORDINALITY AS own (before, after, n) ON own.n = m.own
    LEFT JOIN unnest(%(befores)s::text[], %(afters)s::text[]) WITH ORDINALITY AS top (before, after, n) ON top.n = m.top
) q
WHERE a.site_id = q.site_id AND a.aid = q.aid
