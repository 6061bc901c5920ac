-- The seats of a session that are taken at a moment, the one place that says so. Those that are kept for somebody count until
-- the end of their hold, whether or not anybody has written that end.
create function taken_seats(of_group bigint, at timestamptz) returns setof integer
    language sql stable parallel safe
    as $$
        select seat from group_seats
        where group_seats.group_id = of_group and freed_at is null
          and appointment_id not in (
              select id from appointments
              where appointments.group_id = of_group and status = 'held' and patient_id is not null
                and held_until <= at)
    $$;
