//! Appointments, once they are booked.

mod api;
mod board;
mod form;
mod overdue;
mod search;
