-- Waiting for seats of a group session. An entry is about the times of a service, as before, or about one session.
alter table waitlist_entries
    -- The session in which seats are waited for; null where it is for a time.
    add column group_id bigint,
    -- How many seats: all of them, or none.
    add column seats integer,
    add constraint waitlist_entries_group_id_fkey foreign key (group_id) references groups (id) not valid,
    add constraint waitlist_entries_seats_of_a_group check (num_nulls(group_id, seats) in (0, 2)) not valid,
    add constraint waitlist_entries_seats_sane check (seats between 1 and 20) not valid,
    -- The doctor and the clinic are those of the session.
    add constraint waitlist_entries_seats_are_somewhere check (
        group_id is null or doctor_id is not null and clinic_id is not null and instead_of is null
    ) not valid,
    drop constraint waitlist_entries_ended_because_known,
    add constraint waitlist_entries_ended_because_known check (
        ended_because in ('left', 'dates_over', 'appointment_over', 'unanswered', 'declined', 'session_cancelled')
    ) not valid;
-- Those who wait for seats of a session, in the order of their turn.
create index waitlist_entries_seats_idx on waitlist_entries (group_id, joined_at, id)
    where state = 'waiting' and group_id is not null;
-- Nobody waits twice for the same; a session is something else than the times of its doctor.
drop index waitlist_entries_one_of_a_kind;
create unique index waitlist_entries_one_of_a_kind on waitlist_entries
    (patient_id, service_id, coalesce(doctor_id, 0), coalesce(clinic_id, 0), coalesce(instead_of, 0), coalesce(group_id, 0))
    where state in ('waiting', 'offered');
