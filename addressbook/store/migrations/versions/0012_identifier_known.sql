-- Outside codes keep what was recorded of them: the event that brought a row, and the one that superseded it.

ALTER TABLE external_identifier ADD COLUMN until_event BIGINT;
COMMENT ON COLUMN external_identifier.event_id IS 'the registry event that recorded it; null: known since added_at';
COMMENT ON COLUMN external_identifier.until_event IS 'the event that superseded it';

-- One spelling of a code whose shape is known; where both are there, they stay two.
UPDATE external_identifier e SET value = upper(regexp_replace(e.value, '[\s-]', '', 'g'))
WHERE e.scheme IN ('JGJ/T 246', '不动产单元代码', '25位编码') AND e.value <> upper(regexp_replace(e.value, '[\s-]', '', 'g'))
    AND NOT EXISTS (
        SELECT FROM external_identifier o WHERE o.site_id = e.site_id AND o.aid = e.aid AND o.scheme = e.scheme
            AND o.identifier_id <> e.identifier_id
            AND upper(regexp_replace(o.value, '[\s-]', '', 'g')) = upper(regexp_replace(e.value, '[\s-]', '', 'g')));

-- A code that ended was open until the event that ended it: its periods are in the order of their endings.
CREATE TEMPORARY TABLE ended_by ON COMMIT DROP AS
SELECT i.site_id, i.identifier_id, e.event_id
FROM (SELECT site_id, identifier_id, aid, scheme, value,
        row_number() OVER (PARTITION BY aid, scheme, value ORDER BY identifier_id) AS place
    FROM external_identifier WHERE valid_to IS NOT NULL) i
JOIN (SELECT event_id, request ->> 'aid' AS aid, request ->> 'scheme' AS scheme, request ->> 'value' AS value,
        row_number() OVER (PARTITION BY request ->> 'aid', request ->> 'scheme', request ->> 'value'
            ORDER BY event_id) AS place
    FROM registry_event WHERE kind = 'identifier_ended') e
    ON e.aid = i.aid AND e.scheme = i.scheme AND e.value = i.value AND e.place = i.place;
DROP INDEX uq_external_identifier_site_id_aid_scheme_value;
INSERT INTO external_identifier (site_id, aid, scheme, value, source_id, valid_from, added_at, until_event)
SELECT i.site_id, i.aid, i.scheme, i.value, i.source_id, i.valid_from, i.added_at, e.event_id
FROM external_identifier i JOIN ended_by e ON e.site_id = i.site_id AND e.identifier_id = i.identifier_id;
UPDATE external_identifier i SET event_id = e.event_id
FROM ended_by e WHERE e.site_id = i.site_id AND e.identifier_id = i.identifier_id;
CREATE UNIQUE INDEX uq_external_identifier_site_id_aid_scheme_value
    ON external_identifier (site_id, aid, scheme, value) WHERE valid_to IS NULL AND until_event IS NULL;
