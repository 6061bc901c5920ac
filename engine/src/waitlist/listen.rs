//! The listener of the waitlist: what comes free is offered before the commit that frees it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use metrics::{counter, describe_counter};

use super::{
    ended,
    offer::{Freed, offer_freed},
    opened::offer_opened,
    seats::{offer_seats, session},
};
use crate::{
    appointment::Status,
    database::{Database, Failure, Listener, Tx, Writing},
    event::Event,
};

/// Lets the waitlist hear of times that come free in transactions of this database.
pub fn listen(database: &Database) {
    describe_counter!(
        "janji_waitlist_offers_total",
        "Times that were offered to somebody on the waitlist: kept for them, or only told"
    );
    describe_counter!(
        "janji_waitlist_answers_total",
        "Offers of the waitlist that came to their end, by answer"
    );
    database.listen(Arc::new(Waitlist));
}

struct Waitlist;

/// The appointment that was booked, or moved.
fn booked(event: &Event) -> Option<i64> {
    match *event {
        Event::AppointmentChanged {
            appointment_id,
            from,
            to: to @ (Status::Pending | Status::Confirmed),
            ..
        } if matches!(from, None | Some(Status::Held)) || from == Some(to) => Some(appointment_id),
        _ => None,
    }
}

/// The sessions of which seats came free, each once, with those who gave them up and are not asked for them.
fn freed_seats(events: &[Event]) -> BTreeMap<i64, Vec<i64>> {
    let mut freed: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for event in events {
        if let Event::SeatsFreed {
            group_id, of_patient, ..
        } = *event
        {
            freed.entry(group_id).or_default().extend(of_patient);
        }
    }
    freed
}

/// Lets those who wait follow sessions that moved, ends the entries of sessions that were cancelled, and offers the seats that came
/// free: those of these sessions as well, since their days were opened.
async fn offer_all_seats(
    tx: &mut Tx,
    events: &[Event],
    opened: Vec<i64>,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut freed = freed_seats(events);
    for group_id in opened {
        freed.entry(group_id).or_default();
    }
    let mut moved = Vec::new();
    for event in events {
        match event {
            Event::GroupCancelled { group_id } => session::end(tx, *group_id, now).await?,
            Event::GroupMoved { group_id } => {
                session::follow(tx, *group_id).await?;
                moved.push(*group_id);
            }
            _ => {}
        }
    }
    for (group_id, not_to) in freed {
        offer_seats(tx, group_id, &not_to, now).await?;
    }
    // Those to whom no seats were offered by that.
    for group_id in moved {
        session::tell_moved(tx, group_id, now).await?;
    }
    Ok(())
}

impl Listener for Waitlist {
    fn concern(&self) -> Option<&'static str> {
        // Who waits for nothing is told of nothing.
        Some(
            "exists (select from appointments join waitlist_entries on waitlist_entries.patient_id = appointments.patient_id
                     where appointments.id = any($1) and waitlist_entries.state in ('waiting', 'offered'))",
        )
    }

    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let now = tx.now();
            // Plans first, as these wait for hours of calendars. No transaction opens a plan and frees appointments.
            let opened = events.iter().filter_map(|event| match event {
                Event::PlanOpened { doctor_id } => Some(*doctor_id),
                _ => None,
            });
            let opened: Vec<i64> = opened.collect();
            let sessions = match opened.is_empty() {
                true => Vec::new(),
                false => session::awaited_of(tx, &opened).await?,
            };
            if !opened.is_empty() {
                offer_opened(tx, opened, now).await?;
            }
            // Then the offers that ended: who has none any more may be offered another time.
            let ended = events.iter().filter_map(|event| match event {
                Event::OfferEnded { appointment_id, to } => Some((*appointment_id, *to)),
                _ => None,
            });
            let ended: Vec<(i64, Status)> = ended.collect();
            if !ended.is_empty() {
                ended::settle(tx, &ended, now).await?;
            }
            // Whoever has booked, or moved to, what they were told of waits no more.
            let booked: Vec<i64> = events.iter().filter_map(booked).collect();
            if !booked.is_empty() {
                ended::accept_told(tx, &booked, now).await?;
            }
            offer_all_seats(tx, events, sessions, now).await?;
            for event in events {
                if let Event::TimeFreed {
                    doctor_id,
                    clinic_id,
                    blocked,
                    was_only_held: false,
                    of_patient,
                    ..
                } = *event
                {
                    let freed = Freed {
                        doctor_id,
                        clinic_id,
                        blocked,
                        of_patient,
                    };
                    offer_freed(tx, freed, now).await?;
                }
            }
            Ok(())
        })
    }

    fn after_commit(&self, events: &[Event]) {
        for event in events {
            match event {
                Event::TimeOffered { is_kept, .. } => {
                    let how = if *is_kept { "kept" } else { "told" };
                    counter!("janji_waitlist_offers_total", "how" => how).increment(1);
                }
                Event::OfferAnswered { answer, .. } => {
                    counter!("janji_waitlist_answers_total", "answer" => *answer).increment(1);
                }
                _ => {}
            }
        }
    }
}
