-- Programs may have a scope for webhooks. The tokens of before keep the constraint, which the next migration says.
alter table tokens
    drop constraint tokens_scopes_known,
    add constraint tokens_scopes_known
        check (scopes <@ array['read', 'book', 'treat', 'plan', 'organise', 'webhooks']) not valid;
