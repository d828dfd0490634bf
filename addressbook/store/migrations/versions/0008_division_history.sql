-- Divisions as they were: versions in both times, what became of them, and the outlines that were replaced. Frozen.

ALTER TABLE division ADD COLUMN event_id BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE division ADD COLUMN until_event BIGINT;
ALTER TABLE division ADD COLUMN made_by BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE division DROP CONSTRAINT pk_division;
ALTER TABLE division ADD CONSTRAINT pk_division PRIMARY KEY (code, valid_from, event_id);
CREATE TABLE division_root (
    code TEXT COLLATE "C" NOT NULL,
    event_id BIGINT NOT NULL,
    CONSTRAINT pk_division_root PRIMARY KEY (code)
);
CREATE TABLE division_lineage (
    old_code TEXT COLLATE "C" NOT NULL,
    new_code TEXT COLLATE "C" NOT NULL,
    event_id BIGINT NOT NULL,
    until_event BIGINT,
    effective DATE NOT NULL,
    relation TEXT NOT NULL,
    place INTEGER NOT NULL,
    CONSTRAINT pk_division_lineage PRIMARY KEY (old_code, new_code, event_id),
    CONSTRAINT ck_division_lineage_relation CHECK (relation IN ('renamed','merged','split','moved'))
);
CREATE INDEX ix_division_lineage_new_code ON division_lineage (new_code);
CREATE TABLE area_version (
    code TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    parent_code TEXT COLLATE "C",
    geom geometry(MULTIPOLYGON,4326),
    source_id BIGINT NOT NULL,
    until_event BIGINT NOT NULL,
    CONSTRAINT pk_area_version PRIMARY KEY (code, until_event)
);
CREATE TABLE review_division (
    review_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    division_code TEXT COLLATE "C" NOT NULL,
    context TEXT NOT NULL,
    CONSTRAINT pk_review_division PRIMARY KEY (review_id, event_id)
);
COMMENT ON COLUMN review_division.division_code IS 'of the item until that event';
COMMENT ON COLUMN division.event_id IS 'the registry event that made it known; 0: it came with the gazetteer';
COMMENT ON COLUMN division.made_by IS 'the event that first said so; event_id where no revert restored it';
COMMENT ON COLUMN division.until_event IS 'the event that superseded it';
COMMENT ON COLUMN division_root.code IS 'below it the divisions are those of this database, not of the gazetteer';
COMMENT ON COLUMN division_lineage.until_event IS 'the event that took it back';
COMMENT ON COLUMN division_lineage.place IS '0 for the successor that takes what no other does';
COMMENT ON COLUMN area_version.geom IS 'null: there was no outline before that event';
COMMENT ON COLUMN area_version.until_event IS 'the event that replaced it';
