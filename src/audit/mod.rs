//! The security log: its page, its call, and notes in the words of the faces. [`engine::audit`] has the rules.

pub mod api;
pub mod page;

use engine::{
    audit::{Kind, Note},
    error::AppError,
};

pub use engine::account::note_by;

/// The note about a sign-in by password, with the id of the member of staff; none where nobody was asked.
pub fn of_password(result: &Result<i64, AppError>) -> Option<Note> {
    match result {
        Ok(staff_id) => Some(Note::new(Kind::SignIn).of_staff(*staff_id).about("password")),
        Err(AppError::WrongPassword) => Some(Note::new(Kind::SignInFailed).about("password")),
        Err(_) => None,
    }
}

/// The note about a sign-in by code, with the id of the patient; none where nobody was asked.
pub fn of_code(result: &Result<i64, AppError>) -> Option<Note> {
    match result {
        Ok(patient_id) => Some(Note::new(Kind::SignIn).of_patient(*patient_id).about("code")),
        Err(AppError::WrongCode) => Some(Note::new(Kind::CodeFailed)),
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
