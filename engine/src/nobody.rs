//! Nobody: whom the appointments of a group session are with that has no doctor, such as a class that a nurse holds.
//!
//! Every appointment is with somebody, and so is every list of them. Where there is no doctor, the row of `doctors` with the id
//! 0 stands for that. It is made when the first such session is planned. It belongs to no member of staff, is never active and
//! offers nothing, which constraints of the table keep; so no list of those who can be booked has it. What lists doctors for
//! other reasons leaves it out by [`NOBODY`]. It has no calendar: sessions without a doctor keep nobody's time, and take no lock
//! of hours. No constraint of the database knows two appointments with nobody to be at one time, since seats block nothing.

use crate::database::{Failure, Lock, Tx, locking};

/// The id of nobody.
pub const NOBODY: i64 = 0;

/// The name of the row, which people read where a list has no words for it.
const NAME: &str = "–";

/// Whether this is the id of nobody.
pub fn is_nobody(doctor_id: i64) -> bool {
    doctor_id == NOBODY
}

/// The id of a doctor; `None` for nobody.
pub fn somebody(doctor_id: i64) -> Option<i64> {
    (!is_nobody(doctor_id)).then_some(doctor_id)
}

/// The name of a doctor; `None` for nobody's.
pub fn name_of(doctor_id: i64, name: String) -> Option<String> {
    somebody(doctor_id).map(|_| name)
}

/// Makes the row, where it is not there yet.
///
/// # Errors
/// Those of the database.
pub(crate) async fn make_nobody(tx: &mut Tx) -> Result<(), Failure> {
    let made = sqlx::query!(
        "insert into doctors (id, name, speciality, active) overriding system value values ($1, $2, '', false)
         on conflict on constraint doctors_pkey do nothing",
        NOBODY,
        NAME,
    );
    locking(Lock::Doctor, made.execute(&mut **tx)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_no_name() {
        assert_eq!(somebody(7), Some(7));
        assert_eq!(somebody(NOBODY), None);
        assert_eq!(name_of(7, "Dr Sari".to_owned()), Some("Dr Sari".to_owned()));
        assert_eq!(name_of(NOBODY, NAME.to_owned()), None);
    }
}
