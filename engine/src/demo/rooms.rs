//! Rooms of the first clinic: two kinds with a full weekend and people who come, stay and go today, and one that is paid first.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, civil::Weekday};
use jiff_sqlx::ToSqlx;

use super::{Ids, people::day};
use crate::{
    booking::reference,
    database::{Failure, Tx},
};

/// A kind of rooms: its names in English, Indonesian and German, how many there are, the price of a night in sen, and whether a stay
/// is paid before it is booked: then all of it goes back until two days before, and half of it later.
struct Kind {
    names: [&'static str; 3],
    rooms: i32,
    price: i64,
    is_paid_first: bool,
}

const KINDS: [Kind; 3] = [
    Kind {
        names: ["Single room", "Kamar tunggal", "Einzelzimmer"],
        rooms: 6,
        price: 85_000_000,
        is_paid_first: false,
    },
    Kind {
        names: ["Family room", "Kamar keluarga", "Familienzimmer"],
        rooms: 3,
        price: 120_000_000,
        is_paid_first: false,
    },
    // Nobody has booked it yet: the stays below were not paid.
    Kind {
        names: ["Guest apartment", "Apartemen tamu", "Gästewohnung"],
        rooms: 2,
        price: 150_000_000,
        is_paid_first: true,
    },
];

/// A stay of the demo.
struct Stay {
    kind: usize,
    /// The place of the patient in the list of patients.
    patient: usize,
    arrival: Date,
    departure: Date,
    rooms: i32,
    has_arrived: bool,
}

/// The clinic that has rooms.
const CLINIC: usize = 0;

fn stays(now: Timestamp) -> Vec<Stay> {
    let ahead = |days: i32| day(now, CLINIC, days);
    let mut friday = ahead(3);
    while friday.weekday() != Weekday::Friday {
        friday = friday.saturating_add(1.day());
    }
    let after = |days: i32| friday.saturating_add(days.days());
    let stay = |kind, patient, (arrival, departure), rooms, has_arrived| Stay {
        kind,
        patient,
        arrival,
        departure,
        rooms,
        has_arrived,
    };
    vec![
        stay(0, 0, (ahead(0), ahead(2)), 1, false),
        stay(0, 1, (ahead(-2), ahead(1)), 1, true),
        stay(1, 2, (ahead(-3), ahead(0)), 1, true),
        stay(0, 4, (friday, after(2)), 4, false),
        stay(0, 5, (friday, after(3)), 2, false),
        stay(1, 6, (friday, after(2)), 2, false),
        stay(1, 7, (friday, after(2)), 1, false),
    ]
}

/// How long before the present the stays were booked.
const BOOKED_BEFORE: SignedDuration = SignedDuration::from_hours(5 * 24);

pub(super) async fn insert(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    let booked_at = now.checked_sub(BOOKED_BEFORE).unwrap_or(now);
    let mut kinds = Vec::new();
    for kind in &KINDS {
        let [english, indonesian, german] = kind.names;
        let id = sqlx::query_scalar!(
            "insert into room_types (clinic_id, name, names, rooms, price_minor, currency, pay_when, refund_minutes,
                                     late_refund_percent)
             values ($1, $2, jsonb_build_object('id', $3::text, 'de', $4::text), $5, $6, 'IDR',
                     case when $7 then 'before' end, case when $7 then 2880 else 0 end, case when $7 then 50 else 0 end)
             returning id",
            ids.clinics[CLINIC],
            english,
            indonesian,
            german,
            kind.rooms,
            kind.price,
            kind.is_paid_first,
        )
        .fetch_one(&mut **tx)
        .await?;
        sqlx::query!(
            "insert into room_type_changes (room_type_id, version, what, staff_id, changed_at) values ($1, 1, 'added', $2, $3)",
            id,
            ids.admin,
            booked_at.to_sqlx(),
        )
        .execute(&mut **tx)
        .await?;
        kinds.push(id);
    }
    for stay in stays(now) {
        insert_stay(tx, ids, kinds[stay.kind], &stay, (booked_at, now)).await?;
    }
    Ok(())
}

async fn insert_stay(
    tx: &mut Tx,
    ids: &Ids,
    room_type_id: i64,
    stay: &Stay,
    (booked_at, now): (Timestamp, Timestamp),
) -> Result<(), Failure> {
    let (status, version) = match stay.has_arrived {
        true => ("arrived", 2),
        false => ("booked", 1),
    };
    sqlx::query!(
        "insert into room_nights (room_type_id, night, total)
         select id, $2::date + n, rooms from room_types, generate_series(0, $3::date - $2::date - 1) as n
         where id = $1
         on conflict on constraint room_nights_pkey do nothing",
        room_type_id,
        stay.arrival.to_sqlx() as _,
        stay.departure.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    let id = sqlx::query_scalar!(
        "insert into stays (reference, room_type_id, patient_id, arrival, departure, rooms, status, total_minor, currency,
                            version, created_at)
         select $1, id, $3, $4, $5, $6::integer, $7, price_minor * $6 * ($5::date - $4::date), currency, $8, $9
         from room_types where id = $2
         returning id",
        reference::new(),
        room_type_id,
        ids.patients[stay.patient],
        stay.arrival.to_sqlx() as _,
        stay.departure.to_sqlx() as _,
        stay.rooms,
        status,
        version,
        booked_at.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into stay_nights (stay_id, night, room_type_id, rooms, price_minor)
         select stays.id, arrival + n, room_type_id, stays.rooms, price_minor
         from stays join room_types on room_types.id = room_type_id,
              generate_series(0, departure - arrival - 1) as n
         where stays.id = $1",
        id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into stay_changes (stay_id, version, from_status, to_status, arrival, departure, rooms, actor, staff_id,
                                   patient_id, changed_at)
         select id, 1, null::text, 'booked', arrival, departure, rooms, 'patient', null::bigint, patient_id, $2::timestamptz
         from stays where id = $1
         union all
         select id, 2, 'booked', 'arrived', arrival, departure, rooms, 'admin', $3::bigint, null::bigint, $4::timestamptz from stays
         where id = $1 and status = 'arrived'",
        id,
        booked_at.to_sqlx(),
        ids.admin,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekend_is_full_whenever_the_demo_starts() {
        for hours in (0..24 * 14).step_by(5) {
            let now = Timestamp::from_second(1_796_000_000 + hours * 3600).unwrap();
            let all = stays(now);
            let booked = KINDS.iter().enumerate().filter(|(_, kind)| !kind.is_paid_first);
            for (place, kind) in booked {
                let of_kind = || all.iter().filter(|stay| stay.kind == place);
                let nights = of_kind().map(|stay| {
                    let on =
                        of_kind().filter(|other| (other.arrival..other.departure).contains(&stay.arrival));
                    (stay.arrival, on.map(|other| other.rooms).sum::<i32>())
                });
                let nights: Vec<_> = nights.collect();
                assert!(nights.iter().all(|(_, taken)| *taken <= kind.rooms), "{nights:?}");
                let friday = nights.iter().map(|(night, _)| *night).max().unwrap();
                assert_eq!(friday.weekday(), Weekday::Friday);
                assert!(nights.contains(&(friday, kind.rooms)), "{nights:?}");
            }
        }
    }
}
