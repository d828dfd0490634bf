-- What events left of addresses, each as many times as it changed, by month and kind of event.
SELECT lpad(c.event_id::text, 19, '0') || ' ' || c.aid AS key,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM') || ' ' || e.kind AS part,
    c.event_id, e.kind AS event, e.at, c.aid, c.standard_text, c.division_code, c.state
FROM (
    SELECT event_id, aid, standard_text, division_code, state FROM address
    UNION ALL
    SELECT event_id, aid, standard_text, division_code, state FROM address_version WHERE NOT is_slice
) c JOIN registry_event e USING (event_id)
WHERE c.event_id > %(since)s AND c.event_id <= %(until)s
    AND (%(low)s::text IS NULL OR (c.division_code >= %(low)s::text AND c.division_code <= %(high)s::text))
