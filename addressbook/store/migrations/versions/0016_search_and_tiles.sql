-- Indexes for suggestions and tiles: enterprises by name, what is drawn on a map by its point,
-- enterprises and things by the address they are at, without a look at the link itself.

CREATE INDEX ix_enterprise_name ON enterprise (name text_pattern_ops);
CREATE INDEX ix_enterprise_name_trgm ON enterprise USING gin (name gin_trgm_ops);
CREATE INDEX ix_address_drawn_geom ON address USING gist (geom)
    WHERE kind IN ('C', 'D', 'B', 'P') AND state IN ('provisional', 'current');
CREATE INDEX ix_link_drawn ON link (site_id, aid) INCLUDE (element_kind, element_key, role, category)
    WHERE closed_at IS NULL AND element_kind IN ('enterprise', 'thing');
