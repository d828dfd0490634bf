-- Squares in which what lies inside an outline is found counted already. All of them are stale at first. Frozen.

CREATE TABLE area_tile (
    division_code TEXT COLLATE "C" NOT NULL,
    step SMALLINT NOT NULL,
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    counts JSONB NOT NULL,
    CONSTRAINT pk_area_tile PRIMARY KEY (division_code, step, x, y)
);
CREATE INDEX ix_area_tile_step_x_y ON area_tile (step, x, y);

COMMENT ON COLUMN area_tile.division_code IS 'of the addresses, 12 digits: the deepest division';
COMMENT ON COLUMN area_tile.step IS '0 to 3: squares of 1/25, 1/100, 1/400, 1/1600 of a degree';
COMMENT ON COLUMN area_tile.x IS 'longitude by the square''s width, rounded down';
COMMENT ON COLUMN area_tile.counts IS 'kind, then dimension, then value → count; top: addresses, events';

CREATE TABLE area_tiling (
    division_code TEXT COLLATE "C" NOT NULL,
    stale_since TIMESTAMPTZ,
    top JSONB,
    CONSTRAINT pk_area_tiling PRIMARY KEY (division_code)
);
COMMENT ON COLUMN area_tiling.top IS 'address → events of those with the most; of what is not stale';
CREATE INDEX ix_area_tiling_stale ON area_tiling (division_code) WHERE stale_since IS NOT NULL;

INSERT INTO area_tiling (division_code, stale_since) SELECT DISTINCT community_code, now() FROM rollup;
