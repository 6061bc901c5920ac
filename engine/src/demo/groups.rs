//! Group sessions of the demo: a vaccination afternoon that is nearly full, and a weekly birth class. They are after the month
//! of appointments, so that they are in nobody's way.

use jiff::Timestamp;

use super::{Ids, people};
use crate::{
    account::{Caller, Clinics},
    booking::Rules,
    database::{Failure, Tx},
    group::{Details, Group, Plan, Take, place_seats, place_sessions},
    time,
};

/// A session, or a weekly series of them.
struct Session {
    /// Places in the lists of [`people`].
    doctor: usize,
    clinic: usize,
    service: usize,
    title: &'static str,
    /// The number of days until the first day that is tried. Where the doctor is away then, it is the next one.
    in_days: i32,
    /// Minutes after midnight.
    from: i32,
    minutes: i32,
    capacity: i32,
    weeks: i32,
    /// The seats that patients have in the first one, in the order of their list.
    parties: &'static [i32],
}

const SESSIONS: [Session; 2] = [
    Session {
        doctor: 1,
        clinic: 0,
        service: 3,
        title: "Vaccination afternoon",
        in_days: 20,
        from: 13 * 60,
        minutes: 180,
        capacity: 12,
        weeks: 1,
        parties: &[2, 1, 3, 1, 2],
    },
    Session {
        doctor: 2,
        clinic: 1,
        service: 2,
        title: "Birth class",
        in_days: 22,
        from: 18 * 60,
        minutes: 90,
        capacity: 10,
        weeks: 4,
        parties: &[2, 2],
    },
];

/// The number of days that are tried.
const TRIES: i32 = 10;

pub(super) async fn insert(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    for session in &SESSIONS {
        if let Some(group) = plan(tx, ids, session, now).await? {
            seat(tx, ids, session, &group, now).await?;
        }
    }
    Ok(())
}

fn admin(ids: &Ids) -> Caller {
    Caller::Admin {
        staff_id: ids.admin,
        name: String::new(),
        clinics: Clinics::All,
    }
}

/// Plans a session on the first day on which its doctor is there.
async fn plan(tx: &mut Tx, ids: &Ids, session: &Session, now: Timestamp) -> Result<Option<Group>, Failure> {
    for days in session.in_days..session.in_days + TRIES {
        let (day, zone) = (
            people::day(now, session.clinic, days),
            people::zone(session.clinic),
        );
        let Some(starts_at) = time::instants(day, session.from, &zone).first().copied() else {
            continue;
        };
        let command = Plan {
            caller: admin(ids),
            doctor_id: ids.doctors[session.doctor].0,
            clinic_id: ids.clinics[session.clinic],
            service_id: ids.services[session.service],
            details: Details {
                title: session.title.to_owned(),
                starts_at,
                minutes: session.minutes,
                capacity: session.capacity,
                price: None,
            },
            weeks: session.weeks,
            publish: true,
            key: None,
        };
        // Nobody waits for what an empty database does not have yet.
        let part = tx.new_part().await?;
        let planned = place_sessions(tx, &command, now).await;
        if let Ok(groups) = part.settle(tx, planned).await? {
            return Ok(groups.into_iter().next());
        }
    }
    Ok(None)
}

/// Gives seats to the first patients.
async fn seat(
    tx: &mut Tx,
    ids: &Ids,
    session: &Session,
    group: &Group,
    now: Timestamp,
) -> Result<(), Failure> {
    for (patient_id, seats) in ids.patients.iter().zip(session.parties) {
        let command = Take {
            caller: admin(ids),
            group_id: group.id,
            patient_id: *patient_id,
            seats: *seats,
            name: None,
            reason: String::new(),
            rules: Rules {
                hold_minutes: 0,
                answer_minutes: 0,
                open_requests: 0,
                open_appointments: 0,
                over_limit: true,
            },
            key: None,
        };
        // As above.
        let part = tx.new_part().await?;
        let taken = place_seats(tx, &command, now).await;
        part.settle(tx, taken).await??;
    }
    Ok(())
}
