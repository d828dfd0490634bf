-- What an address view shows of the address, of what is around it, and of what hangs on it: behind address_hung.sql,
-- one of the two address_lineage*.sql and one of the two address_recent*.sql.
SELECT
    t.aid, t.site_id, t.kind, t.state, t.name, t.standard_text, t.path, t.plate_no, t.parent_aid, t.road_aid,
    t.division_code, t.coordinate_level, t.valid_from, t.valid_to, t.created_at,
    round(ST_X(t.geom)::numeric, 7)::float8 AS lon, round(ST_Y(t.geom)::numeric, 7)::float8 AS lat,
    (SELECT s.name FROM source s WHERE s.source_id = t.source_id) AS source,
    (SELECT json_build_object('aid', r.aid, 'name', r.name) FROM standing r
        WHERE r.home_site_id = (SELECT site_id FROM aid_directory WHERE aid = t.road_aid) AND r.aid = t.road_aid) AS road,
    (SELECT json_agg(json_build_object('code', d.code, 'name', d.name, 'level', d.level) ORDER BY d.code) FROM divided d
        WHERE d.valid_from <= %(day)s AND (d.valid_to IS NULL OR d.valid_to > %(day)s) AND d.code IN (
            rpad(left(t.division_code, 2), 12, '0'), rpad(left(t.division_code, 4), 12, '0'),
            rpad(left(t.division_code, 6), 12, '0'), rpad(left(t.division_code, 9), 12, '0'), t.division_code)) AS divisions,
    (WITH RECURSIVE up AS (
        SELECT p.aid, p.kind, p.state, p.name, p.standard_text, p.parent_aid, 1 AS height FROM standing p
        WHERE p.site_id = t.site_id AND p.aid = t.parent_aid
        UNION ALL
        SELECT p.aid, p.kind, p.state, p.name, p.standard_text, p.parent_aid, u.height + 1 FROM up u
        JOIN standing p ON p.site_id = t.site_id AND p.aid = u.parent_aid WHERE u.height < 20)
     SELECT json_agg(json_build_object('aid', aid, 'kind', kind, 'state', state, 'name', name,
        'standard_text', standard_text) ORDER BY height DESC) FROM up) AS ancestors,
    (SELECT json_agg(json_build_object('name', l.name, 'origin', l.origin, 'valid_from', l.valid_from,
        'valid_to', l.valid_to) ORDER BY l.alias_id) FROM named l
        WHERE l.site_id = t.home_site_id AND l.aid = t.aid) AS aliases,
    (SELECT json_agg(json_build_object('scheme', e.scheme, 'value', e.value, 'valid_from', e.valid_from,
        'valid_to', e.valid_to) ORDER BY e.identifier_id) FROM identified e
        WHERE e.site_id = t.home_site_id AND e.aid = t.aid) AS identifiers,
    (SELECT count(*) FROM child) AS children_total,
    (SELECT json_agg(json_build_object('aid', c.aid, 'kind', c.kind, 'state', c.state, 'name', c.name,
        'plate_no', c.plate_no, 'path', c.path) ORDER BY c.place) FROM child c WHERE c.place <= %(limit)s) AS children,
    (SELECT json_agg(x) FROM (SELECT child_path, element_kind, sum(links) AS links FROM tally
        WHERE child_path <> t.path AND child_path <> t.inside GROUP BY 1, 2) x) AS child_counts,
    (SELECT max(total) FROM plate) AS plates_total,
    (SELECT json_agg(json_build_object('aid', aid, 'kind', kind, 'state', state, 'name', name, 'plate_no', plate_no,
        'standard_text', standard_text) ORDER BY place) FROM plate WHERE place <= %(limit)s) AS plates,
    (SELECT json_agg(json_build_object('aid', b.aid, 'kind', b.kind, 'name', b.name, 'path', b.path)
        ORDER BY length(b.path), b.path) FROM below b WHERE b.aid <> t.aid AND t.kind IN ('B', 'E')) AS parts,
    (SELECT json_agg(json_build_object('aid', aid, 'at_kind', at_kind, 'path', path, 'place', place, 'kind', element_kind,
        'elements', elements, 'here', here, 'keys', keys) ORDER BY length(path), path)
        FROM (SELECT aid, at_kind, path, place, element_kind, count(DISTINCT element_key) AS elements,
            count(DISTINCT element_key) FILTER (WHERE role IN ('residence', 'registered')) AS here,
            CASE element_kind WHEN 'house' THEN array_agg(DISTINCT element_key) END AS keys FROM hung
            WHERE (t.kind IN ('B', 'E', 'F', 'H') OR aid = t.aid) AND closed_at IS NULL
                AND element_kind IN ('person', 'house', 'enterprise')
            GROUP BY aid, at_kind, path, place, element_kind) o) AS occupancy,
    (SELECT json_agg(x) FROM (SELECT element_kind, role, sum(links) AS links FROM tally GROUP BY 1, 2) x) AS counts,
    (SELECT json_object_agg(element_kind, elements) FROM (SELECT element_kind, count(DISTINCT element_key) AS elements
        FROM hung WHERE closed_at IS NULL GROUP BY 1) x) AS elements,
    (SELECT json_agg(json_build_object('element_kind', h.element_kind, 'element_key', h.element_key, 'role', h.role,
        'category', h.category, 'aid', h.aid, 'place', h.place, 'valid_from', h.valid_from, 'valid_to', h.valid_to,
        'source', (SELECT s.name FROM source s WHERE s.source_id = h.source_id), 'received_text', h.received_text,
        'match_category', h.match_category, 'match_level', h.match_level, 'coordinate_level', h.coordinate_level,
        'score', h.score, 'flags', h.flags, 'reasons', h.reasons) ORDER BY h.element_kind, h.role, h.place_in_role)
        FROM listed h WHERE h.place_in_role <= %(limit)s) AS links,
    (SELECT json_agg(r ORDER BY day DESC, element_key, change) FROM recent r) AS timeline,
    (SELECT lies_in FROM lying) AS lies_in,
    (SELECT json_agg(json_build_object('state', state, 'valid_from', valid_from, 'valid_to', valid_to))
        FROM known WHERE believed) AS past,
    -- UNION keeps what was met already from being followed again, whatever the successions say.
    (WITH RECURSIVE step AS (
        SELECT f.aid, f.successor_aid, f.relation, f.event_id, f.aid = t.aid AS onward FROM followed f
        WHERE f.aid = t.aid OR f.successor_aid = t.aid
        UNION
        SELECT f.aid, f.successor_aid, f.relation, f.event_id, true FROM step p
        JOIN followed f ON f.aid = p.successor_aid WHERE p.onward)
     SELECT json_agg(json_build_object('aid', s.other_aid, 'of', s.of_aid, 'onward', s.onward, 'relation', s.relation,
        'state', a.state, 'standard_text', a.standard_text, 'event_id', s.event_id) ORDER BY s.event_id, s.other_aid)
        FROM (SELECT CASE WHEN onward THEN successor_aid ELSE aid END AS other_aid, CASE WHEN onward THEN aid END AS of_aid,
            onward, relation, event_id FROM step LIMIT %(limit)s + 1) s
        JOIN aid_directory d ON d.aid = s.other_aid
        LEFT JOIN standing a ON a.home_site_id = d.site_id AND a.aid = d.aid) AS lineage,
    (SELECT json_agg(json_build_object('event_id', event_id, 'kind', kind, 'at', at, 'effective', effective,
        'actor', actor, 'reason', reason, 'source_document', source_document, 'reverts', reverts) ORDER BY event_id DESC)
        FROM (SELECT event_id, kind, at, effective, actor, reason, source_document, reverts FROM happened
            WHERE event_id = ANY (ARRAY(SELECT t.event_id UNION ALL SELECT unnest(ARRAY[event_id, until_event]) FROM known))
            ORDER BY event_id DESC LIMIT %(limit)s + 1) e) AS history
FROM target t
