-- A division that only got another code or name keeps its outline.
INSERT INTO area (code, kind, name, level, parent_code, geom, source_id)
SELECT q.code, 'division', q.name, q.level, q.parent_code, v.geom, v.source_id
FROM unnest(%(codes)s::text[], %(names)s::text[], %(levels)s::text[], %(parents)s::text[], %(olds)s::text[])
    AS q (code, name, level, parent_code, old)
JOIN area v ON v.code = q.old AND v.kind = 'division'
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, level = excluded.level,
    parent_code = excluded.parent_code, geom = excluded.geom, source_id = excluded.source_id,
    loaded_at = excluded.loaded_at
