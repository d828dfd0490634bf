-- Sums of the roll-ups for every division above the community, so that the view of a county or a province does not add
-- up its communities at each request. Frozen.

CREATE TABLE rollup_division (
    division_code TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    category TEXT NOT NULL,
    month DATE NOT NULL,
    located INTEGER NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT pk_rollup_division PRIMARY KEY (division_code, kind, role, category, month, located)
);

COMMENT ON COLUMN "rollup_division"."division_code" IS 'a town, county, city or province, 12 digits: all within it';

INSERT INTO rollup_division (division_code, kind, role, category, month, located, count)
SELECT above.code, r.kind, r.role, r.category, r.month, r.located, sum(r.count)
FROM rollup r
CROSS JOIN LATERAL (
    SELECT DISTINCT rpad(left(r.community_code, digits), 12, '0') AS code FROM unnest(ARRAY[2, 4, 6, 9]) AS digits
) AS above
GROUP BY 1, 2, 3, 4, 5, 6;
