//! The pages of appointments: the patient's, the doctor's, the admin's.

mod admin;
mod arrival;
mod badge;
mod board;
mod doctor;
mod doctors;
mod left;
mod moving;
mod notice;
mod overdue;
mod parts;
mod patient;
mod reschedule;
mod today;
mod visit;

pub use self::{
    admin::AdminAppointmentPage,
    arrival::{arrive_form, waiting},
    badge::{badge, status_key},
    board::{BoardPage, read_filter},
    doctor::DoctorAppointmentPage,
    doctors::AdminDoctorsPage,
    left::waited,
    moving::{MoveForm, chosen_time, move_check, moving_page},
    notice::news,
    overdue::OverduePage,
    parts::{here, patient_name, reason_field},
    patient::{CancelPage, DonePage, MinePage, OnePage, ReschedulePage},
    reschedule::{AdminReschedulePage, DoctorReschedulePage, move_link},
    today::TodayPage,
};
