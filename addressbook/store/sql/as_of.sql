-- The day, the moment, and the newest registry event of that moment: events are timed in the order of their commits.
SELECT coalesce(%(day)s::date, CURRENT_DATE) AS day, t.moment,
    (SELECT coalesce(max(event_id), 0) FROM registry_event WHERE at <= t.moment) AS event
FROM (SELECT coalesce(%(moment)s::timestamptz, clock_timestamp()) AS moment) t
