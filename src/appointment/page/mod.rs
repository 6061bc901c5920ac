//! The pages of appointments: the patient's, the doctor's, the admin's.

mod admin;
mod doctor;
mod patient;

pub use self::{
    admin::{AdminAppointmentPage, AdminDoctorsPage, BoardPage},
    doctor::{DoctorAppointmentPage, TodayPage},
    patient::{CancelPage, DonePage, MinePage, OnePage, ReschedulePage},
};
