//! The security log: its page, its call, and notes in the words of the faces. [`engine::audit`] has the rules.

pub mod api;
pub mod export;
pub mod files;
pub mod page;

use engine::{
    account::{
        access::{self, Account},
        otp,
    },
    audit::{Kind, Note},
    database::Database,
    error::AppError,
};

pub use engine::account::note_by;

/// The note about a sign-in by password, with the account where there is one; none where nobody was asked.
pub async fn of_password(database: &Database, email: &str, result: &Result<i64, AppError>) -> Option<Note> {
    match result {
        Ok(staff_id) => Some(Note::new(Kind::SignIn).of_staff(*staff_id).about("password")),
        Err(AppError::WrongPassword) => {
            let note = Note::new(Kind::SignInFailed).about("password");
            let whose = access::find_account(database, Account::Staff(email.to_owned())).await;
            Some(match whose.ok().and_then(|who| who.ids().1) {
                Some(staff_id) => note.of_staff(staff_id),
                None => note,
            })
        }
        Err(_) => None,
    }
}

/// The note about a sign-in by code, with the patient where there is one; none where nobody was asked.
pub async fn of_code(database: &Database, challenge: &str, result: &Result<i64, AppError>) -> Option<Note> {
    match result {
        Ok(patient_id) => Some(Note::new(Kind::SignIn).of_patient(*patient_id).about("code")),
        Err(AppError::WrongCode) => {
            let note = Note::new(Kind::CodeFailed);
            Some(match otp::patient_of(database, challenge).await {
                Ok(Some(patient_id)) => note.of_patient(patient_id),
                _ => note,
            })
        }
        Err(_) => None,
    }
}

/// The part of a path that says what it is of, without what names a person or an appointment.
pub fn place(path: &str) -> String {
    path.split('/')
        .skip(1)
        .take_while(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
        .take(3)
        .fold(String::new(), |place, part| place + "/" + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_nobody() {
        for (path, expected) in [
            ("/admin", "/admin"),
            ("/admin/appointments/K7QM-4D2P", "/admin/appointments"),
            ("/doctor/patients/17", "/doctor/patients"),
            ("/form/set-doctor-active", "/form/set-doctor-active"),
            ("/admin/Sari Putri", "/admin"),
            ("/", ""),
            ("", ""),
        ] {
            assert_eq!(place(path), expected, "{path}");
        }
    }
}
