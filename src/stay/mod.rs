//! Room stays: the pages on which rooms are chosen, held, booked and changed, the desk's board, and the calls for programs.

pub mod api;
pub mod forms;
pub mod page;
