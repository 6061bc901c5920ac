//! Schedules: every time that they offer can be booked, and changes of them race bookings.

mod calls;
mod day;
mod edit;
mod race;
mod refused;
mod times;

use std::pin::Pin;

use jiff::civil;

use crate::support::{RULES, TestApp, patient_caller};
use engine::{
    appointment::Summary,
    availability::{Hours, Weekly},
    booking::{Book, Wanted, book},
    error::AppError,
    schedule::{Act, Cancelled, Close, Closed, Dates, Edit, Edited, close, edit},
};

fn hours(from_minute: i32, until_minute: i32) -> Hours {
    Hours {
        from_minute,
        until_minute,
    }
}

/// The same hours on every day.
fn every_day(ranges: &[(Hours, bool)]) -> Vec<Weekly> {
    (1..=7)
        .flat_map(|weekday| {
            ranges.iter().map(move |(hours, is_break)| Weekly {
                weekday: civil::Weekday::from_monday_one_offset(weekday).unwrap(),
                hours: *hours,
                is_break: *is_break,
                valid_from: None,
                valid_until: None,
            })
        })
        .collect()
}

fn dates(day: civil::Date, hours: Option<Hours>) -> Dates {
    Dates {
        first_day: day,
        last_day: day,
        hours,
        yearly: false,
        note: String::new(),
    }
}

/// A command that is not sent yet, and what comes of it.
type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The result of somebody in a race.
#[derive(Debug)]
enum Became {
    Booked(Result<Summary, AppError>),
    Edited(Result<Edited, AppError>),
    Closed(Result<Closed, AppError>),
    Cancelled(Result<Cancelled, AppError>),
}

impl TestApp {
    /// A change of the first doctor's schedule by an admin who has just looked.
    async fn change_of(&self, act: Act) -> Edit {
        Edit {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            act,
            key: None,
        }
    }

    async fn plan(&self, act: Act) -> Result<Edited, AppError> {
        let command = self.change_of(act).await;
        edit(&self.database, command, self.now).await
    }

    fn book_now(&self, patient_id: i64, wanted: Wanted) -> Doing<Result<Summary, AppError>> {
        let (database, now) = (self.database.clone(), self.now);
        let command = Book {
            caller: patient_caller(patient_id),
            wanted,
            patient_id,
            reason: String::new(),
            overbook: None,
            rules: RULES,
            key: None,
        };
        Box::pin(async move { book(&database, command, now).await })
    }

    fn racing_to_book(&self, patient_id: i64, wanted: Wanted) -> Doing<Became> {
        let booking = self.book_now(patient_id, wanted);
        Box::pin(async move { Became::Booked(booking.await) })
    }

    fn racing_to_edit(&self, command: Edit) -> Doing<Became> {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move { Became::Edited(edit(&database, command, now).await) })
    }

    fn racing_to_close(&self, clinic_id: Option<i64>, dates: Dates) -> Doing<Became> {
        let (database, now) = (self.database.clone(), self.now);
        let command = Close {
            caller: self.admin_caller(),
            clinic_id,
            dates,
            key: None,
        };
        Box::pin(async move { Became::Closed(close(&database, command, now).await) })
    }

    /// A second clinic, on the other side of the world, where the doctors work around the clock, too.
    async fn second_clinic(&self) -> i64 {
        let mut connection = self.connection().await;
        let id: i64 = sqlx::query_scalar(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Far away', 'Road 2', 'Island', '+1 555 0101', 'Pacific/Kiritimati') returning id",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        sqlx::query("insert into offers select doctors.id, $1, services.id from doctors, services")
            .bind(id)
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query(
            "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctors.id, $1, weekday, 0, 1440 from doctors, generate_series(1, 7) as weekday",
        )
        .bind(id)
        .execute(&mut connection)
        .await
        .unwrap();
        id
    }
}
