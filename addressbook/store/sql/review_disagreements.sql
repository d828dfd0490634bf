-- Texts that stand decided in two ways: the same normal text in the same context, another verdict or another address.
-- What was received of persons who are restricted is not shown.
SELECT coalesce(min(i.received_text) FILTER (WHERE m.state IS NULL), '') AS received_text, max(d.decided_at) AS newest,
    array_agg(DISTINCT coalesce(i.element_key, '00000000-0000-0000-0000-000000000000')::text)
        FILTER (WHERE i.element_kind = 'person') AS persons,
    jsonb_agg(jsonb_build_object('decision_id', d.decision_id, 'review_id', d.review_id, 'verdict', d.verdict,
        'aid', d.aid, 'actor', d.actor, 'decided_at', d.decided_at) ORDER BY d.decision_id) AS decisions
FROM review_decision d JOIN review_item i USING (review_id)
    LEFT JOIN subject_mark m ON m.element_key = i.element_key AND i.element_kind = 'person'
WHERE d.undone_at IS NULL AND d.verdict <> 'later' AND i.text_key IS NOT NULL
GROUP BY i.text_key, i.context
HAVING count(DISTINCT d.verdict || coalesce(d.aid, '')) > 1
ORDER BY newest DESC
LIMIT %(limit)s
