-- Totals by kind of every division: what the parts of an area are listed with. Frozen.

CREATE TABLE rollup_total (
    division_code TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    located INTEGER NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT pk_rollup_total PRIMARY KEY (division_code, kind, located)
);

COMMENT ON COLUMN "rollup_total"."division_code" IS 'any division, 12 digits: all within it';

INSERT INTO rollup_total (division_code, kind, located, count)
SELECT above.code, r.kind, r.located, sum(r.count)
FROM rollup r
CROSS JOIN LATERAL (
    SELECT DISTINCT rpad(left(r.community_code, digits), 12, '0') AS code FROM unnest(ARRAY[2, 4, 6, 9, 12]) AS digits
) AS above
GROUP BY 1, 2, 3;
