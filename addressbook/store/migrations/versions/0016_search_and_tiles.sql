-- Indexes for suggestions and tiles: enterprises by name, what is drawn on a map by its point.

CREATE INDEX ix_enterprise_name ON enterprise (name text_pattern_ops);
CREATE INDEX ix_enterprise_name_trgm ON enterprise USING gin (name gin_trgm_ops);
CREATE INDEX ix_address_drawn_geom ON address USING gist (geom)
    WHERE kind IN ('C', 'D', 'B', 'P') AND state IN ('provisional', 'current');
