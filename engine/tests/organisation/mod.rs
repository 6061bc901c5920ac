//! The organisation: services, clinics, doctors and what they offer, described while patients book.

mod editors;
mod history;
mod identity;
mod import;
mod new_doctor;
mod race;

use std::pin::Pin;

use crate::support::{PASSWORD, RULES, TestApp, VISIT, hold, patient_caller};
use engine::{
    availability::Weekly,
    booking::{self, Book, Wanted, book},
    error::AppError,
    organisation::{
        AddDoctor, NewDoctor, Profile, Put, PutOffers, Saved, Service, add_doctor, doctor_details, put,
        put_offers, service,
    },
    schedule::week::{Row, read},
};

/// Somebody who does something to what can be booked, and what comes of it.
type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Around the clock, on every day.
fn always() -> Vec<Weekly> {
    let row = Row {
        days: (1..=7).map(|day| day.to_string()).collect(),
        from: "0:00".to_owned(),
        until: "24:00".to_owned(),
        kind: "work".to_owned(),
        ..Row::default()
    };
    read(&[row]).unwrap()
}

fn profile(email: &str) -> Profile {
    Profile {
        name: "Dr Ayu".to_owned(),
        speciality: "Dermatology".to_owned(),
        about: String::new(),
        languages: vec!["id".to_owned()],
        email: email.to_owned(),
    }
}

impl TestApp {
    fn new_doctor(&self, email: &str) -> AddDoctor {
        AddDoctor {
            caller: self.admin_caller(),
            doctor: NewDoctor {
                profile: profile(email),
                clinic_id: self.clinic,
                services: vec![self.services[VISIT]],
                week: always(),
            },
            password: PASSWORD.to_owned(),
            key: None,
        }
    }

    async fn seen_service(&self, index: usize) -> (i64, i32, Service) {
        let seen = service(&self.database, self.services[index]).await.unwrap();
        (seen.id, seen.version, seen.what)
    }

    /// An admin who has just looked changes a service.
    async fn changing_service(&self, index: usize, change: impl FnOnce(&mut Service)) -> Put<Service> {
        let (id, version, mut service) = self.seen_service(index).await;
        change(&mut service);
        Put {
            caller: self.admin_caller(),
            which: Some((id, version)),
            description: service,
            key: None,
        }
    }

    /// An admin who has just looked takes the visit out of what the first doctor offers.
    async fn withdrawal(&self) -> PutOffers {
        let seen = doctor_details(&self.database, self.doctors[0].id, self.now)
            .await
            .unwrap();
        let mut offers = seen.offers;
        offers.retain(|offer| offer.service_id != self.services[VISIT]);
        PutOffers {
            caller: self.admin_caller(),
            doctor_id: seen.id,
            version: seen.version,
            offers,
            key: None,
        }
    }

    fn holding(&self, number: usize, wanted: Wanted) -> Doing<Result<(), AppError>> {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move {
            booking::hold(&database, hold(number, wanted), now)
                .await
                .map(drop)
        })
    }

    fn booking_now(&self, patient_id: i64, wanted: Wanted) -> Doing<Result<(), AppError>> {
        let (database, now) = (self.database.clone(), self.now);
        let command = Book {
            caller: patient_caller(patient_id),
            wanted,
            overbook: None,
            patient_id,
            reason: String::new(),
            rules: RULES,
            key: None,
        };
        Box::pin(async move { book(&database, command, now).await.map(drop) })
    }

    fn withdrawing(&self, command: PutOffers) -> Doing<Result<(), AppError>> {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move { put_offers(&database, command, now).await.map(drop) })
    }

    fn describing(&self, command: Put<Service>) -> Doing<Result<(), AppError>> {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move { put(&database, command, now).await.map(drop) })
    }

    fn adding(&self, command: AddDoctor) -> Doing<Result<Saved, AppError>> {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move { add_doctor(&database, command, now).await })
    }

    /// Many who want different times of the first doctor.
    async fn many_bookings(&self) -> Vec<Doing<Result<(), AppError>>> {
        let mut racers = Vec::new();
        for (number, patient) in self.patients(12).await.into_iter().enumerate() {
            let at = |slot: usize| self.wanted(0, VISIT, self.slot(i64::try_from(slot).unwrap()));
            racers.push(self.holding(number, at(2 * number)));
            racers.push(self.booking_now(patient, at(2 * number + 1)));
        }
        racers
    }
}
