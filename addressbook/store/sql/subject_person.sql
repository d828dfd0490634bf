-- A person with what is sealed, and whether it is restricted or erased. For the person itself, not for a view.
SELECT p.element_key AS key, p.category, p.name_sealed, p.identity_sealed, p.phone_sealed, p.sex, p.birth_year, p.attributes,
    p.updated_at, s.name AS source, m.state AS mark, m.reason AS mark_reason, m.at AS marked_at
FROM person p JOIN source s USING (source_id) LEFT JOIN subject_mark m USING (element_key)
WHERE p.element_key = %(key)s
