-- Decisions counted. Putting off is no answer, and counts only as itself; what was undone counts as undone, and as what
-- the clerk had said. `with_candidates`: those where there was something to choose from.
SELECT i.category, i.reason_code AS reason, s.name AS source, d.actor,
    count(*) FILTER (WHERE d.verdict <> 'later') AS decisions,
    coalesce(sum(d.items) FILTER (WHERE d.verdict <> 'later' AND d.undone_at IS NULL), 0)::bigint AS items,
    count(*) FILTER (WHERE d.verdict <> 'later' AND jsonb_array_length(i.candidates) > 0) AS with_candidates,
    count(*) FILTER (WHERE d.verdict = 'chosen' AND d.rank = 1) AS first_candidate,
    count(*) FILTER (WHERE d.verdict = 'chosen' AND d.rank > 1) AS other_candidate,
    count(*) FILTER (WHERE d.verdict = 'chosen' AND d.rank IS NULL) AS another_address,
    count(*) FILTER (WHERE d.verdict = 'none') AS none,
    count(*) FILTER (WHERE d.verdict = 'registered') AS registered,
    count(*) FILTER (WHERE d.verdict = 'not_an_address') AS not_an_address,
    count(*) FILTER (WHERE d.verdict = 'later') AS later,
    count(*) FILTER (WHERE d.undone_at IS NOT NULL AND d.verdict <> 'later') AS undone
FROM review_decision d JOIN review_item i USING (review_id) JOIN source s USING (source_id)
WHERE (%(area)s::text IS NULL OR starts_with(i.division_code, %(area)s))
    AND (%(reason)s::text IS NULL OR i.reason_code = %(reason)s)
    AND (%(source)s::text IS NULL OR s.name = %(source)s)
    AND (%(kind)s::text IS NULL OR i.element_kind = %(kind)s)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
