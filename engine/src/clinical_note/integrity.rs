//! The rules that clinical notes keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A note of an appointment has a gap between its versions.
pub const CLINICAL_NOTE_GAP: Rule = Rule::new("clinical_note_gap");

/// A note was written by somebody else than the doctor of the appointment.
pub const CLINICAL_NOTE_MISPLACED: Rule = Rule::new("clinical_note_misplaced");

/// The rules of clinical notes: every version is kept, and each is the doctor's.
pub const CLINICAL_NOTES: Integrity = Integrity {
    rules: &[CLINICAL_NOTE_GAP, CLINICAL_NOTE_MISPLACED],
    guards: &["clinical_notes_pkey"],
    check: |checks| Box::pin(check_notes(checks)),
};

async fn check_notes(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        CLINICAL_NOTE_GAP,
        "select format('note of appointment %s: %s versions, the last one is %s', appointment_id, count(*), max(version))
                    as said
         from clinical_notes
         group by appointment_id
         having count(*) <> max(version) or min(version) <> 1
         order by appointment_id"
    );
    check!(
        checks,
        CLINICAL_NOTE_MISPLACED,
        "select format('version %s of the note of appointment %s, by staff %s', clinical_notes.version, appointment_id,
                       clinical_notes.staff_id) as said
         from clinical_notes
         join appointments on appointments.id = appointment_id
         join doctors on doctors.id = doctor_id
         where clinical_notes.staff_id <> doctors.staff_id
         order by appointment_id, clinical_notes.version"
    );
    Ok(())
}
