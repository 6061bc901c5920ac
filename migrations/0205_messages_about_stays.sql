-- Patients are told of their stays.

-- What a message about a stay speaks of. No reference, as with the other ids of a message.
alter table messages
    add column stay_id bigint;

-- A link may lead to a stay.
alter table message_links
    drop constraint message_links_purpose_known,
    add constraint message_links_purpose_known
        check (purpose in ('appointment', 'unsubscribe', 'email', 'offer', 'stay')) not valid;
