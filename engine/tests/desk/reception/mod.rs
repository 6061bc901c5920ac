//! Reception: the desk of its clinics, and nothing of what is another one's.

mod clinics;
mod race;
mod see;
mod work;

use crate::support::{TestApp, VISIT};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, Summary, change_status},
    booking::Wanted,
    error::AppError,
};

/// Two clinics, with the first doctor at both, somebody at the reception of each, and an appointment at each.
struct TwoClinics {
    app: TestApp,
    elsewhere: i64,
    here: Caller,
    there: Caller,
    /// The reference at the first clinic, and at the other one; and whose they are.
    appointments: [String; 2],
    patients: Vec<i64>,
}

impl TwoClinics {
    async fn new() -> Self {
        let app = TestApp::crowded().await;
        let elsewhere = app.another_clinic().await;
        app.works_at(0, elsewhere).await;
        let patients = app.patients(2).await;
        let here = app
            .requested(patients[0], app.wanted(0, VISIT, app.slot(20)))
            .await;
        let wanted = Wanted {
            clinic_id: elsewhere,
            ..app.wanted(0, VISIT, app.slot(30))
        };
        let there = app.requested(patients[1], wanted).await;
        Self {
            here: app.reception_caller("here@test.example", &[app.clinic]).await,
            there: app.reception_caller("there@test.example", &[elsewhere]).await,
            appointments: [here, there],
            elsewhere,
            patients,
            app,
        }
    }

    fn change(&self, caller: &Caller, reference: &str, to: Status) -> ChangeStatus {
        ChangeStatus {
            caller: caller.clone(),
            which: reference.into(),
            to,
            version: None,
            reason: "The doctor is ill".to_owned(),
            key: None,
        }
    }

    async fn changed(&self, caller: &Caller, reference: &str, to: Status) -> Result<Summary, AppError> {
        change_status(
            &self.app.database,
            self.change(caller, reference, to),
            self.app.now,
        )
        .await
    }
}
