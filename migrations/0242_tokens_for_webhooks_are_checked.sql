-- Whoever signs in does not wait for this: it takes a lock that only other changes of the table wait for.
alter table tokens
    validate constraint tokens_scopes_known;
