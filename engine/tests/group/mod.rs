//! Group sessions: seats that cannot be oversold, and the time of their doctors.

mod bounds;
mod change;
mod closed;
mod constraints;
mod nobody;
mod plan;
mod race;
mod seats;

use jiff::Timestamp;

use crate::support::{INSTANT, RULES, TestApp, patient_caller};
use engine::{
    account::Caller,
    error::AppError,
    group::{
        Cancel, Change, Details, Group, Plan, Publish, Take, Taken, cancel, change, plan, publish, take,
    },
};

/// A session of an hour.
fn details(starts_at: Timestamp, capacity: i32) -> Details {
    Details {
        title: "Birth class".to_owned(),
        starts_at,
        minutes: 60,
        capacity,
        price: None,
    }
}

impl TestApp {
    fn planned(&self, doctor: usize, starts_at: Timestamp, capacity: i32) -> Plan {
        Plan {
            caller: self.admin_caller(),
            doctor_id: self.doctors[doctor].id,
            clinic_id: self.clinic,
            service_id: self.services[INSTANT],
            details: details(starts_at, capacity),
            weeks: 1,
            publish: false,
            key: None,
        }
    }

    async fn draft(&self, doctor: usize, starts_at: Timestamp, capacity: i32) -> Group {
        let command = self.planned(doctor, starts_at, capacity);
        plan(&self.database, command, self.now).await.unwrap().remove(0)
    }

    pub async fn published(&self, doctor: usize, starts_at: Timestamp, capacity: i32) -> Group {
        let draft = self.draft(doctor, starts_at, capacity).await;
        self.publishes(draft.id).await.unwrap()
    }

    async fn publishes(&self, group_id: i64) -> Result<Group, AppError> {
        let command = Publish {
            caller: self.admin_caller(),
            group_id,
            version: None,
            with_rest: false,
            key: None,
        };
        publish(&self.database, command, self.now).await
    }

    /// Seats that a patient takes.
    pub fn taking(&self, group_id: i64, patient_id: i64, seats: i32) -> Take {
        Take {
            caller: patient_caller(patient_id),
            group_id,
            patient_id,
            seats,
            name: None,
            reason: String::new(),
            rules: RULES,
            key: None,
        }
    }

    pub async fn takes(&self, group_id: i64, patient_id: i64, seats: i32) -> Result<Taken, AppError> {
        take(&self.database, self.taking(group_id, patient_id, seats), self.now).await
    }

    fn cancelling(&self, group_id: i64, caller: Caller) -> Cancel {
        Cancel {
            caller,
            group_id,
            version: None,
            with_rest: false,
            reason: "The doctor is ill".to_owned(),
            key: None,
        }
    }

    pub async fn cancels(&self, group_id: i64) -> Result<Group, AppError> {
        let command = self.cancelling(group_id, self.admin_caller());
        cancel(&self.database, command, self.now).await
    }

    async fn changes(&self, group: &Group, details: Details) -> Result<Group, AppError> {
        let command = Change {
            caller: self.admin_caller(),
            group_id: group.id,
            version: group.version,
            details,
            key: None,
        };
        change(&self.database, command, self.now).await
    }

    /// The number of seats that are taken, in all sessions.
    async fn seats_taken(&self) -> i64 {
        self.count("select count(*) from group_seats where freed_at is null")
            .await
    }
}
