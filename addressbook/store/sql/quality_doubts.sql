-- Attributes under review, of live addresses, by attribute.
SELECT d.aid || ' ' || d.attribute AS key, d.attribute AS part, d.aid, a.standard_text, a.division_code, d.attribute,
    d.sentence, d.opened_at, d.actor, d.opened_event
FROM doubt d
JOIN aid_directory i ON i.aid = d.aid
JOIN address a ON a.site_id = i.site_id AND a.aid = i.aid
WHERE d.closed_at IS NULL AND a.state IN ('provisional', 'current')
    AND (%(low)s::text IS NULL OR (a.division_code >= %(low)s::text AND a.division_code <= %(high)s::text))
