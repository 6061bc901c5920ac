-- What is to be put into an app for codes is shown to the session that began to set it up, and to no other one of its owner.

alter table totp_factors
    -- SHA-256 of what that session keeps; null where a server one release older began.
    add column begun_by bytea;
