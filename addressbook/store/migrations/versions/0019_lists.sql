-- What lists and views need: the rent of a house, and how the names of enterprises are typed in Latin letters. Frozen.

ALTER TABLE house ADD COLUMN monthly_rent_yuan FLOAT;
COMMENT ON COLUMN house.monthly_rent_yuan IS 'where the source has it';

ALTER TABLE enterprise
    ADD COLUMN spelt TEXT COLLATE "C",
    ADD COLUMN initials TEXT COLLATE "C",
    ADD COLUMN own_spelt TEXT COLLATE "C",
    ADD COLUMN own_initials TEXT COLLATE "C";
COMMENT ON COLUMN enterprise.spelt IS 'the name in pinyin: see search/firms.py';
COMMENT ON COLUMN enterprise.own_spelt IS 'the same without divisions in front; null where it is the same';

-- What lists are narrowed by, in the order of their pages where it is equality: a page is then a part of the index.
CREATE INDEX ix_address_name ON address (name text_pattern_ops);
CREATE INDEX ix_address_kind_division_code_aid ON address (kind, division_code, aid) WHERE kind IN ('R', 'C', 'P');
CREATE INDEX ix_address_state_division_code_aid ON address (state, division_code, aid)
    WHERE state IN ('retired', 'rejected', 'void');
CREATE INDEX ix_address_worded ON address (name, site_id, aid) WHERE name ~ '[^-0-9A-Za-z号幢室层单元栋座楼]';
CREATE INDEX ix_enterprise_category ON enterprise (category, element_key);
CREATE INDEX ix_enterprise_status ON enterprise (status, element_key);
CREATE INDEX ix_event_category ON event (category, element_key);
CREATE INDEX ix_event_status ON event (status, element_key);
CREATE INDEX ix_event_occurred_on ON event (occurred_on, element_key);
CREATE INDEX ix_house_category ON house (category, element_key);
CREATE INDEX ix_house_occupancy ON house (occupancy, element_key);
CREATE INDEX ix_person_category ON person (category, element_key);
CREATE INDEX ix_thing_category ON thing (category, element_key);
