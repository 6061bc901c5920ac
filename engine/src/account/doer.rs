//! Who did what the security log notes.

use super::Caller;
use crate::audit::{Kind, Note};

/// A note of what somebody who has signed in did.
pub fn note_by(caller: &Caller, kind: Kind) -> Note {
    let note = Note::new(kind);
    match caller {
        Caller::Patient { id, .. } => note.by_patient(*id),
        Caller::Doctor { staff_id, .. } => note.by_staff("doctor", *staff_id),
        Caller::Admin { staff_id, .. } => note.by_staff("admin", *staff_id),
        Caller::Reception { staff_id, .. } => note.by_staff("reception", *staff_id),
    }
}

/// A note of what somebody did; nobody is whoever has the command line of the server.
pub fn note_of(caller: Option<&Caller>, kind: Kind) -> Note {
    match caller {
        Some(caller) => note_by(caller, kind),
        None => Note::new(kind).by_system(),
    }
}
