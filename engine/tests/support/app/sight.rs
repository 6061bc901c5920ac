//! What a test sees of its clinic: times, versions, appointments and messages.

use jiff::Timestamp;

use super::TestApp;
use engine::{
    availability::{Except, is_free},
    booking::Wanted,
};

impl TestApp {
    /// Whether the list of times has this one.
    pub async fn is_free(&self, wanted: Wanted) -> bool {
        is_free(&self.database, wanted, Except::default(), self.now)
            .await
            .unwrap()
    }

    /// Listed and bookable, or neither: what both say.
    pub async fn offers(&self, wanted: Wanted) -> bool {
        let is_listed = self.is_free(wanted).await;
        let held = self.hold(usize::MAX, wanted, self.now).await;
        assert_eq!(held.is_ok(), is_listed, "{wanted:?} {held:?}");
        self.sql("update appointments set held_until = created_at where status = 'held'")
            .await;
        is_listed
    }

    /// The version of a doctor, which a change of the schedule has to name.
    pub async fn doctor_version(&self, doctor: usize) -> i32 {
        sqlx::query_scalar("select version from doctors where id = $1")
            .bind(self.doctors[doctor].id)
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    pub async fn id_of(&self, reference: &str) -> i64 {
        sqlx::query_scalar("select id from appointments where reference = $1")
            .bind(reference)
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    /// Status, version and start of an appointment.
    pub async fn appointment(&self, reference: &str) -> (String, i32, Timestamp) {
        let (status, version, starts_at): (String, i32, jiff_sqlx::Timestamp) =
            sqlx::query_as("select status, version, starts_at from appointments where reference = $1")
                .bind(reference)
                .fetch_one(&mut *self.spare().await)
                .await
                .unwrap();
        (status, version, starts_at.to_jiff())
    }

    /// The text of the newest message to this phone.
    pub async fn newest_message(&self, phone: &str) -> String {
        sqlx::query_scalar("select body from messages where recipient = $1 order by id desc limit 1")
            .bind(phone)
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    /// The code that was sent to this phone last.
    pub async fn newest_code(&self, phone: &str) -> String {
        let message = self.newest_message(phone).await;
        let digits: String = message.chars().filter(char::is_ascii_digit).collect();
        digits[..6].to_owned()
    }
}
