//! The people of a test's clinic: patients, doctors, admins and the reception, and where they work.

use super::{Doctor, HASH, TestApp};
use engine::account::{
    Caller, Clinics,
    acquaintance::{Gift, give},
};

impl TestApp {
    /// Adds somebody of the staff of this role, with [`PASSWORD`] and no clinics yet.
    pub async fn staff(&self, role: &str, email: &str) -> i64 {
        sqlx::query_scalar(
            "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4) returning id",
        )
        .bind(role)
        .bind(email.split('@').next())
        .bind(email)
        .bind(HASH)
        .fetch_one(&mut *self.spare().await)
        .await
        .unwrap()
    }

    pub async fn patient(&self, number: usize) -> i64 {
        sqlx::query_scalar("insert into patients (phone, name) values ($1, $2) returning id")
            .bind(format!("+6281255500{number:03}"))
            .bind(format!("Patient {number}"))
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    pub async fn patients(&self, count: usize) -> Vec<i64> {
        self.patients_from(0, count).await
    }

    /// So many patients, counted from this one on.
    pub async fn patients_from(&self, first: usize, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        for number in first..first + count {
            ids.push(self.patient(number).await);
        }
        ids
    }

    pub fn doctor_caller(&self, doctor: usize) -> Caller {
        let Doctor { id, staff_id } = self.doctors[doctor];
        Caller::Doctor {
            staff_id,
            doctor_id: id,
            name: format!("Dr {}", doctor + 1),
        }
    }

    /// An admin gives the patient to the doctor.
    pub async fn given(&self, doctor: usize, patient_id: i64) {
        let gift = Gift {
            staff_id: self.admin_staff_id,
            patient_id,
            doctor_id: self.doctors[doctor].id,
        };
        give(&self.database, gift, self.now).await.unwrap();
    }

    /// A clinic of which none of the doctors is, in the same zone; the same one each time.
    pub async fn another_clinic(&self) -> i64 {
        sqlx::query_scalar(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Other clinic', 'Street 2', 'Town', '+1 555 0200', 'UTC')
             on conflict (name) do update set name = excluded.name
             returning id",
        )
        .fetch_one(&mut *self.spare().await)
        .await
        .unwrap()
    }

    /// The doctor offers and works at this clinic what they do at the other one.
    pub async fn works_at(&self, doctor: usize, clinic_id: i64) {
        let doctor_id = self.doctors[doctor].id;
        for statement in [
            "insert into offers select $1, $2, id from services",
            "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select $1, $2, weekday, 0, 1440 from generate_series(1, 7) as weekday",
        ] {
            sqlx::query(statement)
                .bind(doctor_id)
                .bind(clinic_id)
                .execute(&mut *self.spare().await)
                .await
                .unwrap();
        }
    }

    /// Gives somebody at the desk these clinics.
    pub async fn give_clinics(&self, staff_id: i64, clinics: &[i64]) {
        sqlx::query("insert into staff_clinics (staff_id, clinic_id) select $1, unnest($2::bigint[])")
            .bind(staff_id)
            .bind(clinics)
            .execute(&mut *self.spare().await)
            .await
            .unwrap();
    }

    /// The account of somebody at the reception of these clinics.
    pub async fn reception(&self, email: &str, clinics: &[i64]) -> i64 {
        let staff_id = self.staff("reception", email).await;
        self.give_clinics(staff_id, clinics).await;
        staff_id
    }

    /// Somebody at the reception of these clinics.
    pub async fn reception_caller(&self, email: &str, clinics: &[i64]) -> Caller {
        Caller::Reception {
            staff_id: self.reception(email, clinics).await,
            name: email.split('@').next().unwrap_or_default().to_owned(),
            clinics: Clinics::Named(clinics.to_vec()),
        }
    }

    pub fn admin_caller(&self) -> Caller {
        Caller::Admin {
            clinics: Clinics::All,
            staff_id: self.admin_staff_id,
            name: "admin".to_owned(),
        }
    }
}
