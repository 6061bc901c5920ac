-- The time of day that was promised. An appointment is a point in time; what its patient wrote down is the date and the
-- time on the wall of the clinic. Where a country changes the rules of its clocks, the two part: `verify` lists those
-- appointments, so that somebody can move them or call.

alter table appointments
    -- The wall clock of the clinic at the start, when the appointment was booked or moved to this time. Written by the
    -- program, which alone reads zones; null where nobody could say it.
    add column wall_time timestamp;

-- What was booked before: only what is still to come can be kept. A zone that this database does not know would end the
-- migration, so it is asked for those that it knows.
update appointments
set wall_time = starts_at at time zone known.name
from clinics
join pg_timezone_names as known on known.name = clinics.time_zone
where clinics.id = clinic_id
  and starts_at > now()
  and status in ('held', 'pending', 'confirmed');
