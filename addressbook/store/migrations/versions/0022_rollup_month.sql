-- Sums above the community were kept by month and category at once: thousands for a county, which every view of it read
-- whole, and nobody asks for a month of a category. Frozen.

CREATE TABLE rollup_month (
    division_code TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    month DATE NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT pk_rollup_month PRIMARY KEY (division_code, kind, month)
);

COMMENT ON COLUMN "rollup_month"."division_code" IS 'a town, county, city or province, 12 digits: all within it';

INSERT INTO rollup_month (division_code, kind, month, count)
SELECT division_code, kind, month, sum(count) FROM rollup_division GROUP BY 1, 2, 3;

ALTER TABLE rollup_division RENAME TO rollup_division_by_month;
ALTER TABLE rollup_division_by_month RENAME CONSTRAINT pk_rollup_division TO pk_rollup_division_by_month;

CREATE TABLE rollup_division (
    division_code TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    category TEXT NOT NULL,
    located INTEGER NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT pk_rollup_division PRIMARY KEY (division_code, kind, role, category, located)
);

COMMENT ON COLUMN "rollup_division"."division_code" IS 'a town, county, city or province, 12 digits: all within it';

INSERT INTO rollup_division (division_code, kind, role, category, located, count)
SELECT division_code, kind, role, category, located, sum(count) FROM rollup_division_by_month GROUP BY 1, 2, 3, 4, 5;

DROP TABLE rollup_division_by_month;
