-- Every address there ever was, as what its code is made from.
SELECT d.aid FROM aid_directory d WHERE %(kind)s = 'address'
