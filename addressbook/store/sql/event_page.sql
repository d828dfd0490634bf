-- Registry events, newest first, each with how many addresses it made and changed.
SELECT e.event_id, e.kind, e.at, e.effective, e.actor, e.reason, e.source_document, e.batch_id, e.request, e.reverts,
    (SELECT min(r.event_id) FROM registry_event r WHERE r.reverts = e.event_id) AS reverted_by
FROM registry_event e
WHERE e.event_id < %(before)s AND (%(event)s::bigint IS NULL OR e.event_id = %(event)s)
    AND (%(kinds)s::text[] IS NULL OR e.kind = ANY (%(kinds)s::text[]))
ORDER BY e.event_id DESC
LIMIT %(limit)s
