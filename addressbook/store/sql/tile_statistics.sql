-- What some divisions count of kinds by role, by category or in a month ('2024-03'): of a community its own counts, of those
-- above it the sums kept for them, as area_rollup.sql has both. A community has thousands of rows: those of nothing that is
-- asked for are left out before anything is joined.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(%(kinds)s::text[], %(dimensions)s::text[], %(values)s::text[]) AS w (kind, dimension, value)
),
counted AS (
    SELECT community_code AS code, kind, role, category, month, count FROM rollup
    WHERE community_code = ANY (%(communities)s::text[]) AND kind = ANY (%(kinds)s::text[])
        AND (role = ANY (%(roles)s::text[]) OR category = ANY (%(categories)s::text[]) OR month = ANY (%(months)s::date[]))
    UNION ALL
    SELECT division_code, kind, role, category, NULL, count FROM rollup_division
    WHERE division_code = ANY (%(above)s::text[]) AND kind = ANY (%(kinds)s::text[])
    UNION ALL
    SELECT division_code, kind, NULL, NULL, month, count FROM rollup_month
    WHERE division_code = ANY (%(above)s::text[]) AND kind = ANY (%(kinds)s::text[]) AND month = ANY (%(months)s::date[])
)
SELECT c.code, w.kind, w.dimension, w.value, sum(c.count)::bigint AS count
FROM counted c JOIN wanted w ON w.kind = c.kind
    AND w.value = CASE w.dimension WHEN 'role' THEN c.role WHEN 'category' THEN c.category ELSE c.month::text END
GROUP BY 1, 2, 3, 4
