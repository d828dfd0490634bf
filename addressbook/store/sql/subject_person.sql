-- A person with what is sealed. For the person itself, not for a view.
SELECT p.element_key AS key, p.category, p.name_sealed, p.identity_sealed, p.phone_sealed, p.sex, p.birth_year, p.attributes,
    p.updated_at, s.name AS source
FROM person p JOIN source s USING (source_id)
WHERE p.element_key = %(key)s
