//! Reports: a page for managers, one for each doctor, and their tables for other programs.

mod asked;
pub mod files;
pub mod page;
