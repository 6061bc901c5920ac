-- Mails come back: what a mail server says later of a mail that it took (RFC 3464).

alter table messages
    -- The status of the report by RFC 3463, such as 5.1.1; null where none came.
    add column bounce_status text,
    add constraint messages_bounce_status_is_one check (bounce_status ~ '^[45][.][0-9]{1,3}[.][0-9]{1,3}$') not valid;
