-- The outlines of divisions, in place of those of the same code.
INSERT INTO area (code, kind, name, level, parent_code, geom, source_id)
SELECT q.code, 'division', q.name, q.level, q.parent_code,
    ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_GeomFromText(q.outline, 4326)), 3)), %(source)s
FROM unnest(%(codes)s::text[], %(names)s::text[], %(levels)s::text[], %(parents)s::text[], %(outlines)s::text[])
    AS q (code, name, level, parent_code, outline)
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, level = excluded.level,
    parent_code = excluded.parent_code, geom = excluded.geom, source_id = excluded.source_id,
    loaded_at = excluded.loaded_at
