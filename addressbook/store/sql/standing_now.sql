-- The registry as it is; plain names for tables, so that a plan is the one it would be without them.
WITH standing AS NOT MATERIALIZED (SELECT a.*, a.site_id AS home_site_id FROM address a),
linked AS NOT MATERIALIZED (SELECT * FROM link),
named AS NOT MATERIALIZED (SELECT * FROM address_alias),
identified AS NOT MATERIALIZED (SELECT * FROM external_identifier WHERE until_event IS NULL),
divided AS NOT MATERIALIZED (SELECT * FROM division WHERE until_event IS NULL)
