-- One item whole, with the decision that settled it. What was received of a person who is restricted is not shown.
SELECT i.review_id, m.state IS NOT NULL AS withheld,
    CASE WHEN m.state IS NULL THEN i.received_text ELSE '' END AS received_text,
    CASE WHEN m.state IS NULL THEN i.unresolved_tail ELSE '' END AS unresolved_tail,
    CASE WHEN m.state IS NULL THEN i.candidates ELSE '[]' END AS candidates,
    CASE WHEN m.state IS NULL THEN i.reasons ELSE '[]' END AS reasons,
    i.division_code, i.element_kind, i.role, i.category, i.reason_code,
    s.name AS source, i.anchor_aid, i.state, i.created_at, i.settled_at,
    i.event_id, i.text_key, i.context, i.put_off_until, i.put_off_by, i.decision_id, i.element_key::text AS element_key,
    CASE WHEN i.claimed_until > statement_timestamp() THEN i.claimed_by END AS claimed_by, i.claimed_until,
    d.verdict, d.aid AS decided_aid, d.rank, d.actor, d.reason, d.decided_at, d.event_id AS decided_event,
    d.items AS decided_items, d.alias_aid, d.alias_name,
    (SELECT count(*) FROM review_item t WHERE t.text_key = i.text_key AND t.context = i.context AND t.state = 'open'
        AND t.review_id <> i.review_id) AS twins
FROM review_item i JOIN source s USING (source_id) LEFT JOIN review_decision d USING (decision_id)
    LEFT JOIN subject_mark m ON m.element_key = i.element_key AND i.element_kind = 'person'
WHERE i.review_id = %(review)s
