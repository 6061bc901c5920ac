-- What a server of calendars posts to us is signed by a secret that its doctor has given to both.

create table calendar_hooks (
    account_id bigint not null,
    -- The secret, sealed.
    secret     text   not null,
    constraint calendar_hooks_pkey primary key (account_id),
    constraint calendar_hooks_account_id_fkey foreign key (account_id) references calendar_accounts (id) on delete cascade
);
comment on table calendar_hooks is 'A row is the secret by which an account elsewhere signs what it posts to us.';
