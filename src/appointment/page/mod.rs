//! The pages of appointments: the patient's, the doctor's, the admin's.

mod admin;
mod arrival;
mod badge;
mod doctor;
mod doctors;
mod moving;
mod notice;
mod overdue;
mod parts;
mod patient;
mod reschedule;
mod visit;

pub use self::{
    admin::{AdminAppointmentPage, BoardPage},
    arrival::waiting,
    badge::{badge, status_key},
    doctor::{DoctorAppointmentPage, TodayPage},
    doctors::AdminDoctorsPage,
    moving::{MoveForm, chosen_time, move_check, moving_page},
    notice::news,
    overdue::OverduePage,
    parts::{here, patient_name},
    patient::{CancelPage, DonePage, MinePage, OnePage, ReschedulePage},
    reschedule::{AdminReschedulePage, DoctorReschedulePage, move_link},
};
