-- Admins put messages into the clinic's own words.

create table message_texts (
    id        bigint  generated always as identity,
    -- Which text it is, such as confirmed or reminder_day; the program has the list.
    wording   text    not null,
    -- BCP 47.
    language  text    not null,
    -- Counts changes; who changes an older one is told what happened in between (C7).
    version   integer not null default 0,
    -- Null where the text that is shipped is in use.
    sms       text,
    subject   text,
    mail      text,
    constraint message_texts_pkey primary key (id),
    constraint message_texts_wording_language_key unique (wording, language),
    constraint message_texts_version_counts check (version >= 0),
    constraint message_texts_whole check (num_nulls(sms, subject, mail) in (0, 3))
);
comment on table message_texts is
    'A row is the text of a kind of message in a language that an admin has changed, or has taken back to what is shipped.';

create table message_text_changes (
    id          bigint      generated always as identity,
    changed_at  timestamptz not null,
    staff_id    bigint      not null,
    what        text        not null,
    text_id     bigint      not null,
    version     integer     not null,
    -- The words that it brought; null where it brought those back that are shipped.
    sms         text,
    subject     text,
    mail        text,
    constraint message_text_changes_pkey primary key (id),
    constraint message_text_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint message_text_changes_text_id_fkey foreign key (text_id) references message_texts (id),
    constraint message_text_changes_version_key unique (text_id, version),
    constraint message_text_changes_what_known check (what in ('text_changed', 'text_restored')),
    constraint message_text_changes_whole check (
        num_nulls(sms, subject, mail) = case when what = 'text_restored' then 3 else 0 end
    )
);
comment on table message_text_changes is 'A row is a change of the text of a kind of message, by an admin.';
create index message_text_changes_changed_at_idx on message_text_changes (changed_at, id);
create index message_text_changes_staff_id_idx on message_text_changes (staff_id, changed_at, id);
