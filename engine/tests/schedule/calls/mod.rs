//! Whom a change would hit, the deed as it was decided, and the list of whom to call.

mod list;
mod question;

use super::{dates, hours};
use crate::support::TestApp;
use engine::{
    account::Caller,
    i18n::{Locale, Texts},
    schedule::{Act, AsDecided, CancelDay, Close, Edit, cancel_day_as_decided},
};

impl TestApp {
    async fn day_to_cancel(&self) -> CancelDay {
        CancelDay {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            clinic_id: self.clinic,
            day: self.day(20),
            reason: "Ill".to_owned(),
            texts: Texts::of(Locale::En),
            key: None,
        }
    }

    async fn absence(&self) -> Edit {
        Edit {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            act: Act::Absence {
                clinic_id: None,
                dates: dates(self.day(20), Some(hours(0, 1440))),
            },
            key: None,
        }
    }

    fn closure(&self) -> Close {
        Close {
            caller: self.admin_caller(),
            clinic_id: Some(self.clinic),
            dates: dates(self.day(20), None),
            key: None,
        }
    }

    /// Another admin, by the number of a doctor's account.
    fn colleague(&self, doctor: usize) -> Caller {
        let staff_id = self.doctors[doctor].staff_id;
        Caller::Admin {
            clinics: engine::account::Clinics::All,
            staff_id,
            name: format!("Colleague {doctor}"),
        }
    }

    /// Cancels tomorrow with the first doctor, on whom these have booked, and answers with the list.
    async fn list_of(&self, count: usize) -> i64 {
        for (number, patient) in self.patients(count).await.into_iter().enumerate() {
            let slot = 20 + i64::try_from(number).unwrap();
            self.confirmed(patient, 0, self.slot(slot)).await;
        }
        let command = self.day_to_cancel().await;
        let done = cancel_day_as_decided(&self.database, command, AsDecided::unasked(), self.now).await;
        done.unwrap().call_list.unwrap()
    }
}
