//! Cal.com: the appointments of a doctor become bookings of an account there, and bookings there are busy times here (X8).
//!
//! It is a [`Remote`](engine::caldav::Remote) like a server of CalDAV, with the same jobs, worker, questions and pages. There, a
//! booking gets another uid whenever it is moved; so an entry of ours is known by what we write to the metadata of its booking. What
//! is posted to us says only that it is time to look.

mod booking;
mod entry;
mod forms;
pub mod page;
pub mod remote;
pub mod said;
pub mod signature;
mod step;
