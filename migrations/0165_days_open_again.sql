-- A day that was stopped by mistake opens again, and has what it had before.

alter table plan_exceptions
    -- Since when bookings are stopped on this date, where they are; null for a date that was planned otherwise.
    add column stopped_at timestamptz,
    -- The exception that the date had before bookings were stopped: `note`, and `hours` with `from`, `until` and `break`. Null
    -- where it followed the week.
    add column replaced jsonb,
    add constraint plan_exceptions_replaced_when_stopped check (replaced is null or stopped_at is not null) not valid;

alter table schedule_changes
    drop constraint schedule_changes_what_known,
    add constraint schedule_changes_what_known check (what in (
        'week', 'exception', 'exception_removed', 'absence', 'absence_removed',
        'closure', 'closure_removed', 'day_stopped', 'day_cancelled', 'day_opened'
    )) not valid;
