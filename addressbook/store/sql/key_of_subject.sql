-- Keep what a newer token says of its holder. One that was revoked stays as it is.
INSERT INTO api_key (key_hash, label, role, areas, expires_at, issuer, subject, issued_at)
VALUES (%(hash)s, %(label)s, %(role)s, %(areas)s, %(expires_at)s, %(issuer)s, %(subject)s, %(issued_at)s)
ON CONFLICT (issuer, subject) DO UPDATE SET label = excluded.label, role = excluded.role, areas = excluded.areas,
    expires_at = excluded.expires_at, issued_at = excluded.issued_at
    WHERE api_key.revoked_at IS NULL AND excluded.issued_at >= api_key.issued_at
