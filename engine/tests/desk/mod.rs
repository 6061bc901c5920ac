//! Work of the desk: booking for patients, walk-ins, overbooking.

mod book;
mod card;
mod known;
mod merge;
mod notes;
mod overbook;
mod search;
mod walk_in;

use std::{pin::Pin, time::Duration};

use jiff::Timestamp;

use crate::support::{RULES, TestApp, VISIT};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, InternalNote, Status, Summary, change_status},
    booking::{Book, WalkIn, WalksIn, Wanted, book, walk_in},
    error::AppError,
    idempotency::Key,
    integrity::Rule,
    monitoring::verify::verify,
};

const PATIENCE: Duration = Duration::from_secs(60);

const WHY: &str = "Severe pain";

type Booking = Pin<Box<dyn Future<Output = Result<Summary, AppError>> + Send>>;

impl TestApp {
    fn booking(&self, caller: Caller, patient_id: i64, wanted: Wanted, overbook: bool) -> Book {
        Book {
            caller,
            wanted,
            patient_id,
            reason: "A cough".to_owned(),
            overbook: overbook.then(|| InternalNote::new(WHY.to_owned())),
            rules: RULES,
            key: None,
        }
    }

    fn sent(&self, command: Book, now: Timestamp) -> Booking {
        let database = self.database.clone();
        Box::pin(async move { book(&database, command, now).await })
    }

    /// An admin books a time for a patient, even if it is taken.
    async fn overbooks(&self, patient_id: i64, wanted: Wanted) -> Result<Summary, AppError> {
        let command = self.booking(self.admin_caller(), patient_id, wanted, true);
        self.sent(command, self.now).await
    }

    fn walk_in_of(&self, caller: Caller, patient_id: i64, key: Option<Key>) -> WalkIn {
        WalkIn {
            caller,
            doctor_id: self.doctors[0].id,
            clinic_id: self.clinic,
            service_id: self.services[VISIT],
            patient: WalksIn::Known(patient_id),
            reason: String::new(),
            rules: RULES,
            key,
        }
    }

    fn sending(&self, command: WalkIn, now: Timestamp) -> Booking {
        let database = self.database.clone();
        Box::pin(async move { walk_in(&database, command, now).await })
    }

    fn walking_in(&self, patient_id: i64, now: Timestamp) -> Booking {
        self.sending(self.walk_in_of(self.admin_caller(), patient_id, None), now)
    }

    async fn cancelled(&self, reference: &str) {
        let command = ChangeStatus {
            caller: self.admin_caller(),
            which: reference.into(),
            to: Status::Cancelled,
            version: None,
            reason: "The doctor is ill".to_owned(),
            key: None,
        };
        change_status(&self.database, command, self.now).await.unwrap();
    }

    async fn broken(&self) -> Vec<Rule> {
        let report = verify(&self.database, PATIENCE).await.unwrap();
        report.broken().map(|finding| finding.rule).collect()
    }
}
