//! The rules that appointments and their histories keep, whatever the program did.

use super::{Status, Transition};
use crate::{
    account::Role,
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
    time::{stored_zone, wall_time},
};

/// An appointment has no history.
pub const HISTORY_MISSING: Rule = Rule::new("history_missing");

/// The versions of a history do not count from 1 to that of the appointment.
pub const HISTORY_GAP: Rule = Rule::new("history_gap");

/// A history does not begin with a hold or a booking.
pub const HISTORY_BEGINNING: Rule = Rule::new("history_beginning");

/// A change does not begin where the one before it ended.
pub const HISTORY_BROKEN: Rule = Rule::new("history_broken");

/// A history has a change that the status machine does not allow.
pub const HISTORY_ILLEGAL: Rule = Rule::new("history_illegal");

/// A history does not end at the present state of the appointment.
pub const HISTORY_END: Rule = Rule::new("history_end");

/// The patient of an appointment is here, and the history does not say since when.
pub const ARRIVAL_UNTOLD: Rule = Rule::new("arrival_untold");

/// A history belongs to no appointment.
pub const HISTORY_ORPHAN: Rule = Rule::new("history_orphan");

/// The blocked range does not contain the appointment, or is not empty for seats in a group session; or the appointment ends before it begins.
pub const VISIT_OUTSIDE_BLOCK: Rule = Rule::new("visit_outside_block");

/// A hold or a request has no end.
pub const END_MISSING: Rule = Rule::new("end_missing");

/// An appointment that is more than a hold belongs to nobody.
pub const OWNER_MISSING: Rule = Rule::new("owner_missing");

/// A status is not one of the status machine.
pub const STATUS_UNKNOWN: Rule = Rule::new("status_unknown");

/// The doctor, clinic, service or patient of an appointment does not exist.
pub const ROW_MISSING: Rule = Rule::new("row_missing");

/// Two appointments have the same reference.
pub const REFERENCE_TWICE: Rule = Rule::new("reference_twice");

/// A reference does not have the form of one.
pub const REFERENCE_MALFORMED: Rule = Rule::new("reference_malformed");

/// A coming appointment is not at the time of the wall clock that was promised with it: the rules of its zone have changed,
/// or the zone of its clinic.
pub const WALL_TIME_MOVED: Rule = Rule::new("wall_time_moved");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 10] = [
    "appointments_no_overlap",
    "appointments_overbooked_has_a_reason",
    "appointments_patient_no_overlap",
    "appointments_reference_key",
    "appointments_ends_after_start",
    "appointments_blocks_itself",
    "appointments_held_has_an_end",
    "appointments_pending_has_an_end",
    "appointments_somebodys",
    "appointment_changes_version_key",
];

/// The rules of appointments.
pub const APPOINTMENTS: Integrity = Integrity {
    rules: &[
        HISTORY_MISSING,
        HISTORY_GAP,
        HISTORY_BEGINNING,
        HISTORY_BROKEN,
        HISTORY_ILLEGAL,
        HISTORY_END,
        ARRIVAL_UNTOLD,
        HISTORY_ORPHAN,
        VISIT_OUTSIDE_BLOCK,
        END_MISSING,
        OWNER_MISSING,
        STATUS_UNKNOWN,
        ROW_MISSING,
        REFERENCE_TWICE,
        REFERENCE_MALFORMED,
        WALL_TIME_MOVED,
    ],
    guards: &GUARDS,
    check: |checks| Box::pin(check_appointments(checks)),
};

async fn check_appointments(checks: &mut Checks) -> Result<(), Failure> {
    histories_are_walks(checks).await?;
    appointments_are_whole(checks).await?;
    wall_times_are_kept(checks).await
}

async fn histories_are_walks(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        HISTORY_MISSING,
        "select format('appointment %s (%s)', id, reference) as said
         from appointments
         where not exists (select from appointment_changes where appointment_id = appointments.id)
         order by id"
    );
    check!(
        checks,
        HISTORY_GAP,
        "select format('appointment %s (%s): version %s, and %s changes from %s to %s',
                       id, reference, version, changes, first, last) as said
         from appointments
         join (select appointment_id, count(*) as changes, count(distinct version) as versions,
                      min(version) as first, max(version) as last
               from appointment_changes group by appointment_id) as history on appointment_id = id
         where (first, last, changes, versions) is distinct from (1, version, version::bigint, version::bigint)
         order by id"
    );
    check!(
        checks,
        HISTORY_BEGINNING,
        "select format('appointment %s (%s), change %s: from %s to %s',
                       appointments.id, reference, walk.id, coalesce(from_status, 'nothing'), to_status) as said
         from walk join appointments on appointments.id = appointment_id
         where number = 1
           and (from_status is not null or from_starts_at is not null or to_status not in ('held', 'pending', 'confirmed'))
         order by walk.id"
    );
    check!(
        checks,
        HISTORY_BROKEN,
        "select format('appointment %s (%s), change %s: from %s at %s, after %s at %s',
                       appointments.id, reference, walk.id, coalesce(from_status, 'nothing'),
                       coalesce(from_starts_at, to_starts_at), status_before, starts_at_before) as said
         from walk join appointments on appointments.id = appointment_id
         where number > 1
           and (from_status is distinct from status_before
                or coalesce(from_starts_at, to_starts_at) <> starts_at_before)
         order by walk.id"
    );
    let (from, to) = transitions();
    // What is moved keeps its status.
    check!(
        checks,
        HISTORY_ILLEGAL,
        "select format('appointment %s (%s), change %s: %s from %s to %s', appointments.id, reference, walk.id,
                       case when from_starts_at is null then 'changed' else 'moved' end,
                       coalesce(from_status, 'nothing'), to_status) as said
         from walk join appointments on appointments.id = appointment_id
         where number > 1
           and case when arrived is not null
                    then (from_status, to_status) is distinct from ('confirmed', 'confirmed') or from_starts_at is not null
                    when from_starts_at is null
                    then not exists (select from unnest($1::text[], $2::text[]) as known (from_status, to_status)
                                     where known.from_status = walk.from_status and known.to_status = walk.to_status)
                    else from_status is distinct from to_status or to_status not in ('pending', 'confirmed')
               end
         order by walk.id",
        &from,
        &to
    );
    check!(
        checks,
        HISTORY_END,
        "select format('appointment %s (%s): %s at %s, and its history ends with %s at %s',
                       appointments.id, reference, status, starts_at, to_status, to_starts_at) as said
         from walk join appointments on appointments.id = appointment_id
         where id_after is null and (to_status <> status or to_starts_at <> starts_at)
         order by appointments.id"
    );
    check!(
        checks,
        ARRIVAL_UNTOLD,
        "select format('appointment %s (%s): since %s', id, reference, arrived_at) as said
         from appointments
         where arrived_at is not null
           and not exists (select from appointment_changes
                           where appointment_id = appointments.id and arrived and changed_at = arrived_at)
         order by id"
    );
    check!(
        checks,
        HISTORY_ORPHAN,
        "select format('change %s of appointment %s', id, appointment_id) as said
         from appointment_changes
         where not exists (select from appointments where id = appointment_id)
         order by id"
    );
    Ok(())
}

/// Lists the transitions that the status machine allows to anybody at any time, as two columns.
fn transitions() -> (Vec<String>, Vec<String>) {
    let roles = [
        Role::Patient,
        Role::Doctor,
        Role::Admin,
        Role::Reception,
        Role::System,
    ];
    let pairs = Status::ALL
        .into_iter()
        .flat_map(|from| Status::ALL.map(|to| (from, to)));
    pairs
        .filter(|&(from, to)| {
            [false, true].into_iter().any(|started| {
                let transition = Transition {
                    from,
                    to,
                    started,
                    past_cutoff: false,
                    without_doctor: false,
                };
                roles.into_iter().any(|role| transition.is_allowed(role))
            })
        })
        .map(|(from, to)| (from.as_str().to_owned(), to.as_str().to_owned()))
        .unzip()
}

async fn appointments_are_whole(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        VISIT_OUTSIDE_BLOCK,
        "select format('appointment %s (%s): from %s to %s, blocks from %s to %s',
                       id, reference, starts_at, ends_at, blocks_from, blocks_until) as said
         from appointments
         where starts_at >= ends_at
            or case when group_id is null or patient_id is null then blocks_from > starts_at or blocks_until < ends_at
                    -- The session blocks its time, and those who have seats in it block nothing.
                    else blocks_from <> starts_at or blocks_until <> starts_at end
         order by id"
    );
    check!(
        checks,
        END_MISSING,
        "select format('appointment %s (%s): %s', id, reference, status) as said
         from appointments
         where status = 'held' and held_until is null or status = 'pending' and answer_until is null
         order by id"
    );
    check!(
        checks,
        OWNER_MISSING,
        "select format('appointment %s (%s): %s', id, reference, status) as said
         from appointments
         where patient_id is null and (held_by is null or status not in ('held', 'cancelled', 'expired'))
         order by id"
    );
    let known: Vec<String> = Status::ALL.map(|status| status.as_str().to_owned()).to_vec();
    check!(
        checks,
        STATUS_UNKNOWN,
        "select format('appointment %s (%s): %s', id, reference, status) as said
         from appointments
         where status <> all ($1::text[])
         order by id",
        &known
    );
    check!(
        checks,
        ROW_MISSING,
        "select format('appointment %s (%s): doctor %s, clinic %s, service %s, patient %s',
                       id, reference, doctor_id, clinic_id, service_id, patient_id) as said
         from appointments
         where not exists (select from doctors where doctors.id = doctor_id)
            or not exists (select from clinics where clinics.id = clinic_id)
            or not exists (select from services where services.id = service_id)
            or patient_id is not null and not exists (select from patients where patients.id = patient_id)
         order by id"
    );
    check!(
        checks,
        REFERENCE_TWICE,
        "select format('%s of appointments %s', reference, string_agg(id::text, ', ' order by id)) as said
         from appointments
         group by reference having count(*) > 1
         order by reference"
    );
    check!(
        checks,
        REFERENCE_MALFORMED,
        "select format('appointment %s (%s)', id, reference) as said
         from appointments
         where reference !~ '^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$'
         order by id"
    );
    Ok(())
}

/// Compares the wall clock of each coming appointment with what was promised. Zones are read here and not in SQL, since the
/// tables of the database may have other rules than those by which the program shows times.
async fn wall_times_are_kept(checks: &mut Checks) -> Result<(), Failure> {
    checks.refuse_late()?;
    let coming = sqlx::query!(
        r#"select appointments.id, reference, starts_at, wall_time as "wall_time!: jiff_sqlx::DateTime", time_zone
           from appointments join clinics on clinics.id = clinic_id
           where status in ('pending', 'confirmed') and starts_at > now() and wall_time is not null
           order by appointments.id"#
    )
    .fetch_all(&mut *checks.tx)
    .await?;
    let moved = coming.into_iter().filter_map(|row| {
        // Another rule is about clinics whose zone is not known.
        let zone = stored_zone(&row.time_zone)?;
        let (promised, shown) = (row.wall_time.to_jiff(), wall_time(row.starts_at.to_jiff(), &zone));
        (promised != shown).then(|| {
            format!(
                "appointment {} ({}): promised for {promised}, now at {shown} in {}",
                row.id, row.reference, row.time_zone
            )
        })
    });
    let moved: Vec<String> = moved.collect();
    checks.found(WALL_TIME_MOVED, moved);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transitions_for_verify_are_those_of_the_status_machine() {
        let (from, to) = transitions();
        let walk = |a: &str, b: &str| from.iter().zip(&to).any(|(from, to)| from == a && to == b);
        for (a, b) in [
            ("held", "pending"),
            ("held", "expired"),
            ("pending", "confirmed"),
            ("confirmed", "no_show"),
            ("in_progress", "completed"),
        ] {
            assert!(walk(a, b), "{a} to {b}");
        }
        for (a, b) in [
            ("completed", "confirmed"),
            ("cancelled", "confirmed"),
            ("pending", "completed"),
            ("held", "completed"),
            ("confirmed", "confirmed"),
        ] {
            assert!(!walk(a, b), "{a} to {b}");
        }
    }
}
