//! The status machine of an appointment (A1).

use serde::{Deserialize, Serialize};

use crate::account::role::Role;

/// The status of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Chosen, and kept for the visitor until the hold runs out.
    Held,
    /// Requested; waits for the doctor's answer, and occupies its time meanwhile.
    Pending,
    Confirmed,
    InProgress,
    Completed,
    Cancelled,
    Rejected,
    /// A hold that ran out, or a request that nobody answered.
    Expired,
    NoShow,
}

impl Status {
    pub const ALL: [Self; 9] = [
        Self::Held,
        Self::Pending,
        Self::Confirmed,
        Self::InProgress,
        Self::Completed,
        Self::Cancelled,
        Self::Rejected,
        Self::Expired,
        Self::NoShow,
    ];

    /// The name in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::NoShow => "no_show",
        }
    }

    /// Reads the name that [`Status::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether the appointment takes its time. The exclusion constraints say the same.
    pub fn occupies(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Rejected | Self::Expired)
    }

    /// Whether there is something left to happen.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Held | Self::Pending | Self::Confirmed | Self::InProgress
        )
    }

    /// The status in which somebody in this role calls an appointment of this status off: a doctor declines what was asked for,
    /// and everything else is cancelled. Whether they may is asked of the [`Transition`].
    pub fn called_off_by(self, role: Role) -> Self {
        match (role, self) {
            (Role::Doctor, Self::Pending) => Self::Rejected,
            _ => Self::Cancelled,
        }
    }
}

/// A change of status with the facts that its rules depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    pub from: Status,
    pub to: Status,
    /// Whether the start has passed.
    pub started: bool,
    /// Whether the service's cut-off for patients has passed.
    pub past_cutoff: bool,
    /// Whether it has no doctor, as seats in a session without one: whoever is at the desk takes the doctor's steps then.
    pub without_doctor: bool,
}

impl Transition {
    /// Whether somebody in this role may make it. Whether it is *their* appointment is decided elsewhere.
    ///
    /// Whoever is at the desk may answer a request in the doctor's place.
    pub fn is_allowed(self, role: Role) -> bool {
        use Status::*;
        match (self.from, self.to) {
            // Staff answer for a patient to whom the waitlist keeps a time, and for nobody else who holds one.
            (Held, Pending | Confirmed | Cancelled) => role == Role::Patient || role.is_staff(),
            (Held | Pending, Expired) => role == Role::System,
            (Pending, Confirmed | Rejected) => role.is_staff(),
            (Pending, Cancelled) => role == Role::Patient || role.is_at_desk(),
            (Confirmed, InProgress) | (InProgress, Completed) => match self.without_doctor {
                true => role.is_at_desk(),
                false => role == Role::Doctor,
            },
            (Confirmed, Cancelled) => {
                role.is_staff() || role == Role::Patient && !self.past_cutoff && !self.started
            }
            (Confirmed, NoShow) => role.is_staff() && self.started,
            _ => false,
        }
    }

    /// Whether it is a step of the doctor, so that somebody at the desk who takes it acts for the doctor.
    pub fn is_the_doctors(self) -> bool {
        use Status::*;
        !self.without_doctor
            && matches!(
                (self.from, self.to),
                (Pending, Confirmed | Rejected) | (Confirmed, InProgress) | (InProgress, Completed)
            )
    }
}

/// The next steps that somebody in this role has, the usual one first. `facts` is a change to whichever status.
pub fn next_steps(role: Role, facts: Transition) -> Vec<Status> {
    use Status::*;
    [Confirmed, InProgress, Completed, Rejected, NoShow, Cancelled]
        .into_iter()
        .filter(|&to| facts.from != Held && Transition { to, ..facts }.is_allowed(role))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Status::*, *};

    fn allowed(from: Status, to: Status, role: Role, started: bool) -> bool {
        Transition {
            from,
            to,
            started,
            past_cutoff: false,
            without_doctor: false,
        }
        .is_allowed(role)
    }

    #[test]
    fn exactly_the_transitions_of_the_table_are_allowed() {
        const HOLDERS: &[Role] = &[Role::Patient, Role::Doctor, Role::Admin, Role::Reception];
        let table: &[(Status, Status, &[Role])] = &[
            (Held, Pending, HOLDERS),
            (Held, Confirmed, HOLDERS),
            (Held, Cancelled, HOLDERS),
            (Held, Expired, &[Role::System]),
            (Pending, Confirmed, &[Role::Doctor, Role::Admin, Role::Reception]),
            (Pending, Rejected, &[Role::Doctor, Role::Admin, Role::Reception]),
            (Pending, Cancelled, &[Role::Patient, Role::Admin, Role::Reception]),
            (Pending, Expired, &[Role::System]),
            (Confirmed, InProgress, &[Role::Doctor]),
            (
                Confirmed,
                Cancelled,
                &[Role::Patient, Role::Doctor, Role::Admin, Role::Reception],
            ),
            (InProgress, Completed, &[Role::Doctor]),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                for role in [
                    Role::Patient,
                    Role::Doctor,
                    Role::Admin,
                    Role::Reception,
                    Role::System,
                ] {
                    let expected = table
                        .iter()
                        .any(|(f, t, roles)| *f == from && *t == to && roles.contains(&role));
                    assert_eq!(
                        allowed(from, to, role, false),
                        expected,
                        "{from:?} to {to:?} by {role:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn nobody_is_marked_as_absent_before_the_start() {
        assert!(!allowed(Confirmed, NoShow, Role::Doctor, false));
        assert!(allowed(Confirmed, NoShow, Role::Doctor, true));
        assert!(!allowed(Confirmed, NoShow, Role::Patient, true));
    }

    #[test]
    fn a_patient_cannot_cancel_past_the_cutoff_but_the_clinic_can() {
        let late = Transition {
            from: Confirmed,
            to: Cancelled,
            started: false,
            past_cutoff: true,
            without_doctor: false,
        };
        assert!(!late.is_allowed(Role::Patient));
        assert!(late.is_allowed(Role::Doctor));
        assert!(late.is_allowed(Role::Admin) && late.is_allowed(Role::Reception));
    }

    #[test]
    fn the_desk_begins_and_ends_what_has_no_doctor() {
        for (from, to) in [(Confirmed, InProgress), (InProgress, Completed)] {
            let without = Transition {
                from,
                to,
                started: true,
                past_cutoff: false,
                without_doctor: true,
            };
            assert!(without.is_allowed(Role::Admin) && without.is_allowed(Role::Reception));
            assert!(!without.is_allowed(Role::Doctor) && !without.is_allowed(Role::Patient));
            assert!(!without.is_the_doctors());
            let with = Transition {
                without_doctor: false,
                ..without
            };
            assert!(!with.is_allowed(Role::Admin) && with.is_the_doctors());
        }
    }

    #[test]
    fn a_doctor_declines_a_request_and_everything_else_is_cancelled() {
        for (from, role, expected) in [
            (Pending, Role::Doctor, Rejected),
            (Pending, Role::Admin, Cancelled),
            (Pending, Role::Reception, Cancelled),
            (Pending, Role::Patient, Cancelled),
            (Confirmed, Role::Doctor, Cancelled),
            (Confirmed, Role::Admin, Cancelled),
            (Confirmed, Role::Reception, Cancelled),
            (Confirmed, Role::Patient, Cancelled),
        ] {
            let to = from.called_off_by(role);
            assert_eq!(to, expected, "{from:?} by {role:?}");
            assert!(allowed(from, to, role, false), "{from:?} to {to:?} by {role:?}");
        }
    }

    #[test]
    fn every_status_is_read_as_it_is_written() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("confirmed; drop table"), None);
    }
}
