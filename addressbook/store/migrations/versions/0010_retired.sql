-- Look-ups of what was retired; the site that the path of an alias is of; several periods of aliases and outside codes.

CREATE INDEX ix_address_retired_site_id_path ON address (site_id, path) WHERE state = 'retired';
CREATE INDEX ix_address_retired_name ON address (name) WHERE state = 'retired' AND kind IN ('R', 'C', 'P');
CREATE INDEX ix_address_void_aid ON address (aid) WHERE state = 'void';
ALTER TABLE address_alias ADD COLUMN path_site_id BIGINT;
UPDATE address_alias SET path_site_id = site_id WHERE path IS NOT NULL;
COMMENT ON COLUMN address_alias.path_site_id IS 'the site in which `path` leads here, wherever the address lies';
DROP INDEX ix_address_alias_site_id_path;
CREATE INDEX ix_address_alias_path_site_id_path ON address_alias (path_site_id, path) WHERE path_site_id IS NOT NULL;
CREATE INDEX ix_address_alias_name ON address_alias (name);
DROP INDEX uq_address_alias_site_id_aid_name;
CREATE UNIQUE INDEX uq_address_alias_site_id_aid_name ON address_alias (site_id, aid, name) WHERE valid_to IS NULL;
CREATE INDEX ix_address_alias_site_id_aid ON address_alias (site_id, aid);
CREATE INDEX ix_external_identifier_site_id_aid ON external_identifier (site_id, aid);
DROP INDEX uq_external_identifier_site_id_aid_scheme_value;
CREATE UNIQUE INDEX uq_external_identifier_site_id_aid_scheme_value
    ON external_identifier (site_id, aid, scheme, value) WHERE valid_to IS NULL;
