//! Appointments, once they are booked.

mod api;
mod arrive;
mod board;
mod form;
mod overdue;
mod search;
mod several;
mod staff_move;
