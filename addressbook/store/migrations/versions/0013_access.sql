-- Purposes, keys with areas that rotate, the access log by subject and as a chain, and what opens sealed values. Frozen.

CREATE TABLE purpose (
    code TEXT COLLATE "C" NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_purpose PRIMARY KEY (code)
);

ALTER TABLE api_key
    ADD COLUMN areas TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN last_used_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN previous_hash BYTEA,
    ADD COLUMN previous_until TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT uq_api_key_previous_hash UNIQUE (previous_hash),
    ADD CONSTRAINT ck_api_key_areas CHECK ('' <> ALL (areas));
COMMENT ON COLUMN api_key.areas IS 'leading digits of divisions; none: a key that is bound to no area';
COMMENT ON COLUMN api_key.last_used_at IS 'to the minute';
COMMENT ON COLUMN api_key.previous_hash IS 'of the key that was rotated away';
COMMENT ON COLUMN api_key.previous_until IS 'so long it is still good';

ALTER TABLE access_log
    ADD COLUMN reader TEXT DEFAULT '' NOT NULL,
    ADD COLUMN subjects UUID[] DEFAULT '{}' NOT NULL,
    ADD COLUMN position BIGINT,
    ADD COLUMN hash BYTEA,
    ADD CONSTRAINT uq_access_log_position UNIQUE (position);
CREATE INDEX ix_access_log_at ON access_log (at);
CREATE INDEX ix_access_log_key_id ON access_log (key_id, at);
CREATE INDEX ix_access_log_subjects ON access_log USING gin (subjects);
CREATE INDEX ix_access_log_unsealed ON access_log (entry_id) WHERE position IS NULL;
COMMENT ON COLUMN access_log.reader IS 'the label of the key, or who sat at the command line';
COMMENT ON COLUMN access_log.subjects IS 'the element keys of the persons read';
COMMENT ON COLUMN access_log.position IS 'in the chain; null until it is sealed';
COMMENT ON COLUMN access_log.hash IS 'keyed, over the line and the hash before it';

CREATE TABLE access_anchor (
    position BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    lines BIGINT NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    mac BYTEA NOT NULL,
    CONSTRAINT pk_access_anchor PRIMARY KEY (position)
);
COMMENT ON COLUMN access_anchor.position IS 'of the last line that was removed: the chain goes on from its hash';
COMMENT ON COLUMN access_anchor.lines IS 'how many were removed';
COMMENT ON COLUMN access_anchor.mac IS 'keyed, over all of it: nobody without the secret writes one';

-- A line is written once. It may be sealed, which sets position and hash; it may go when an anchor covers it.
CREATE FUNCTION access_log_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.position IS NULL AND NEW.position IS NOT NULL AND NEW.hash IS NOT NULL
            AND to_jsonb(NEW) - 'position' - 'hash' = to_jsonb(OLD) - 'position' - 'hash' THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.position <= (SELECT max(a.position) FROM access_anchor a) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the access log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER access_log_stands BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION access_log_stands();
CREATE FUNCTION access_log_is_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER access_log_is_never_emptied BEFORE TRUNCATE ON access_log
    EXECUTE FUNCTION access_log_is_never_emptied();

-- Lines are kept for three years at least, whatever a setting says.
CREATE FUNCTION access_anchor_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM access_log l WHERE l.position <= NEW.position AND l.at > now() - interval '3 years')
        OR NOT EXISTS (SELECT FROM access_log l WHERE l.position = NEW.position AND l.hash = NEW.hash) THEN
        RAISE EXCEPTION 'the access log is kept for three years' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_anchor_is_due BEFORE INSERT ON access_anchor
    FOR EACH ROW EXECUTE FUNCTION access_anchor_is_due();
CREATE FUNCTION access_anchor_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'anchors of the access log stand' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER access_anchor_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON access_anchor
    EXECUTE FUNCTION access_anchor_stands();

CREATE TABLE subject_mark (
    element_key UUID NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_subject_mark PRIMARY KEY (element_key),
    CONSTRAINT ck_subject_mark_state CHECK (state IN ('restricted','erased'))
);
COMMENT ON COLUMN subject_mark.element_key IS 'of a person whom no load shows again';

-- The one way to what is sealed of persons. Who asks is a key, and the database itself looks up what that key may: an
-- officer's, in force, with an open purpose, and of the persons asked for those alone that are linked inside its areas
-- today, and are neither restricted nor erased. Each statement is within one family of tables, so that it runs on a
-- cluster too.
CREATE FUNCTION opened_persons(asker BIGINT, stated TEXT, wanted UUID[])
RETURNS TABLE (element_key UUID, name_sealed BYTEA, identity_sealed BYTEA, phone_sealed BYTEA)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
#variable_conflict use_column
DECLARE
    allowed TEXT[];
    inside UUID[];
BEGIN
    SELECT k.areas INTO allowed FROM api_key k
    WHERE k.key_id = asker AND k.role = 'officer' AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
        AND EXISTS (SELECT FROM purpose p WHERE p.code = stated AND p.closed_at IS NULL);
    IF allowed IS NULL THEN
        RETURN;
    END IF;
    wanted := ARRAY(SELECT unnest(wanted) EXCEPT SELECT m.element_key FROM subject_mark m WHERE m.element_key = ANY (wanted));
    inside := ARRAY(
        SELECT DISTINCT l.element_key FROM link l
        WHERE l.element_key = ANY (wanted) AND l.element_kind = 'person' AND l.closed_at IS NULL
            AND EXISTS (SELECT FROM unnest(allowed) AS area WHERE starts_with(l.division_code, area)));
    RETURN QUERY
        SELECT p.element_key, p.name_sealed, p.identity_sealed, p.phone_sealed
        FROM person p WHERE p.element_key = ANY (inside);
END $$;
