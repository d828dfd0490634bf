-- Nothing is asked: for a statement whose head does something.
SELECT WHERE false
