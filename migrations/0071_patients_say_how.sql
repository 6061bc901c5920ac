-- Patients say how they want to be told: in which language, by e-mail or not, and whether they want reminders.

alter table patients
    -- What they have to know reaches them in any case.
    add column wants_reminders boolean not null default true;

alter table message_links
    drop constraint message_links_purpose_known,
    add constraint message_links_purpose_known check (purpose in ('appointment', 'unsubscribe', 'email'));
