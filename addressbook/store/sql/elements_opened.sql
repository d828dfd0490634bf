-- And the sealed values of those that opened_logged.sql opened: behind it and elements_by_key.sql.
UNION ALL
SELECT element_key::text, json_build_object('sealed', json_build_object('name_sealed', encode(name_sealed, 'hex'),
    'identity_sealed', encode(identity_sealed, 'hex'), 'phone_sealed', encode(phone_sealed, 'hex')))
FROM opened
