//! Payments: the providers and what is done there, the pages of patients and of the desk, and the calls for programs.

use engine::payment::Subject;

pub mod admin;
pub mod api;
pub mod forms;
pub mod numbers;
pub mod options;
pub mod page;
pub mod provider;
pub mod settings;
pub mod stand_in;
pub mod way;
pub mod worker;

/// The page of what is paid, at the desk.
pub fn desk_path_of(subject: Subject, reference: &str) -> String {
    match subject {
        Subject::Appointment(_) => format!("/admin/appointments/{reference}"),
        Subject::Stay(_) => format!("/admin/stays/{reference}"),
    }
}

/// The page of what is paid, for its patient.
pub fn own_path_of(subject: Subject, reference: &str) -> String {
    match subject {
        Subject::Appointment(_) => format!("/appointments/{reference}"),
        Subject::Stay(_) => format!("/stays/{reference}"),
    }
}

/// The path of the page about a payment, to which a provider leads back.
pub fn path_of(payment_id: i64) -> String {
    format!("/payments/{payment_id}")
}
