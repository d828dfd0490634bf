-- Addresses as they were before an event, their content that of the event which had made it.
WITH old AS MATERIALIZED (
    SELECT v.site_id, v.aid, v.standard_text, v.division_code, v.valid_from, coalesce(v.state_event_id, v.event_id) AS made_by,
        a.kind, a.division_code AS now_code
    FROM unnest(%(aids)s::text[]) AS q (aid)
    JOIN aid_directory d ON d.aid = q.aid
    JOIN address_version v ON v.site_id = d.site_id AND v.aid = d.aid AND v.until_event = %(event)s AND NOT v.is_slice
    JOIN address a ON a.site_id = v.site_id AND a.aid = v.aid
), done AS (
    UPDATE address a SET standard_text = old.standard_text, division_code = old.division_code,
        valid_from = old.valid_from, event_id = %(by)s, state_event_id = old.made_by
    FROM old WHERE a.site_id = old.site_id AND a.aid = old.aid
)
SELECT aid, kind, division_code, now_code FROM old
