-- What changes whenever anything that is drawn does: the newest event (events commit in their order), how many loads have
-- ended and when the last did, how many persons are marked. A load that runs commits chunk by chunk and tells nobody:
-- meanwhile the time counts.
SELECT concat_ws('.', (SELECT coalesce(max(event_id), 0) FROM registry_event), count(*),
    round(extract(epoch FROM max(finished_at)) * 1000), (SELECT count(*) FROM subject_mark),
    CASE WHEN bool_or(state = 'running') THEN floor(extract(epoch FROM clock_timestamp()) / 5) END) AS version
FROM batch
