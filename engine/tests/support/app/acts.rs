//! What people of a test's clinic do: hold, request, confirm, book and visit.

use jiff::Timestamp;

use super::{
    super::command::{RULES, hold, submit},
    TestApp, VISIT,
};
use engine::{
    appointment::{ChangeStatus, Status, Summary, change_status},
    booking::{self, Book, Wanted},
    error::AppError,
};

impl TestApp {
    /// A visitor chooses a time.
    pub async fn hold(&self, visitor: usize, wanted: Wanted, now: Timestamp) -> Result<String, AppError> {
        booking::hold(&self.database, hold(visitor, wanted), now).await
    }

    /// A patient books what this visitor holds.
    pub async fn submit(
        &self,
        visitor: usize,
        patient_id: i64,
        reference: &str,
        now: Timestamp,
    ) -> Result<String, AppError> {
        booking::submit(&self.database, submit(visitor, patient_id, reference), now)
            .await
            .map(|booked| booked.reference)
    }

    /// A request of a patient, which waits for its answer.
    pub async fn requested(&self, patient_id: i64, wanted: Wanted) -> String {
        // Nobody else's token.
        let visitor = usize::try_from(patient_id).unwrap() + 1_000_000;
        let held = self.hold(visitor, wanted, self.now).await.unwrap();
        self.submit(visitor, patient_id, &held, self.now).await.unwrap()
    }

    /// An appointment that the doctor has confirmed.
    pub async fn confirmed(&self, patient_id: i64, doctor: usize, starts_at: Timestamp) -> String {
        let reference = self
            .requested(patient_id, self.wanted(doctor, VISIT, starts_at))
            .await;
        let command = ChangeStatus {
            key: None,
            caller: self.doctor_caller(doctor),
            which: reference.clone().into(),
            to: Status::Confirmed,
            version: Some(2),
            reason: String::new(),
        };
        change_status(&self.database, command, self.now).await.unwrap();
        reference
    }

    /// An admin books a free time for a patient.
    pub async fn books(&self, patient_id: i64, wanted: Wanted) -> Result<Summary, AppError> {
        let command = Book {
            caller: self.admin_caller(),
            wanted,
            patient_id,
            reason: "A cough".to_owned(),
            overbook: None,
            rules: RULES,
            key: None,
        };
        booking::book(&self.database, command, self.now).await
    }

    /// An appointment whose visit is under way or over, as this status says.
    pub async fn visit(
        &self,
        patient_id: i64,
        doctor: usize,
        starts_at: Timestamp,
        status: Status,
    ) -> String {
        let reference = self.confirmed(patient_id, doctor, starts_at).await;
        let steps = [Status::InProgress, Status::Completed];
        let last = steps.iter().position(|step| *step == status).unwrap();
        for (version, &to) in (3..).zip(&steps[..=last]) {
            let command = ChangeStatus {
                key: None,
                caller: self.doctor_caller(doctor),
                which: reference.clone().into(),
                to,
                version: Some(version),
                reason: String::new(),
            };
            change_status(&self.database, command, self.now).await.unwrap();
        }
        reference
    }
}
