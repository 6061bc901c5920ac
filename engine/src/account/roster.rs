//! The accounts of staff, as admins see them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Caller, Role, must_be_admin};
use crate::{database::Database, error::AppError};

/// An account of staff.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: i64,
    pub role: Role,
    pub name: String,
    pub email: String,
    pub active: bool,
    /// Whether the first password has not been chosen yet.
    pub is_invited: bool,
    /// Until when the link of an invitation is good, where one was sent and not used.
    pub invited_until: Option<Timestamp>,
    /// As whom patients know them, where they do.
    pub doctor_id: Option<i64>,
    /// Whether no other admin of all clinics can sign in.
    pub is_last_admin: bool,
    /// The clinics of which they are; none for an admin of all of them.
    pub clinics: Vec<i64>,
    /// Whether there is a second factor.
    pub has_factor: bool,
}

/// Lists the accounts of staff: admins first, then by name.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics.
pub async fn members(database: &Database, caller: &Caller, now: Timestamp) -> Result<Vec<Member>, AppError> {
    must_be_admin(caller)?;
    database
        .read("staff.members", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select staff.id, role, staff.name, email, staff.active, invited_at is not null as "is_invited!",
                          doctors.id as "doctor_id?",
                          (select max(expires_at) from account_links
                           where staff_id = staff.id and purpose = 'invitation' and expires_at > $1
                             and bound_to = sha256(convert_to(password_hash, 'UTF8')))
                              as "invited_until?: jiff_sqlx::Timestamp",
                          role = 'admin' and staff.active
                              and (select count(*) from staff as others
                                   where others.role = 'admin' and others.active and others.invited_at is null
                                     and others.id <> staff.id
                                     and not exists (select from staff_clinics where staff_id = others.id)) = 0
                              as "is_last_admin!",
                          exists (select from totp_factors where staff_id = staff.id and confirmed_at is not null)
                              or exists (select from passkeys where passkeys.staff_id = staff.id)
                              as "has_factor!",
                          array(select clinic_id from staff_clinics where staff_clinics.staff_id = staff.id
                                order by clinic_id) as "clinics!"
                   from staff left join doctors on doctors.staff_id = staff.id
                   order by role, staff.name, staff.id"#,
                now.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .filter_map(|row| {
                    Some(Member {
                        id: row.id,
                        role: Role::parse(&row.role)?,
                        name: row.name,
                        email: row.email,
                        active: row.active,
                        is_invited: row.is_invited,
                        invited_until: row.invited_until.map(jiff_sqlx::Timestamp::to_jiff),
                        doctor_id: row.doctor_id,
                        is_last_admin: row.is_last_admin,
                        clinics: row.clinics,
                        has_factor: row.has_factor,
                    })
                })
                .collect())
        })
        .await
}
