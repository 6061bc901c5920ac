//! Services, clinics and doctors, for programs: everybody may read what patients see of them, and admins describe them.

pub mod accounts;
pub mod clinics;
pub mod doctors;
pub mod identity;
pub mod import;
pub mod offers;
pub(crate) mod pay_when;
mod put;
mod service;
pub mod services;
pub mod specialities;
pub mod stale;

use serde::Serialize;
use utoipa::ToSchema;

use crate::server::api::Fault;
use engine::{
    account::{Caller, must_be_admin},
    organisation::Saved,
};

/// Defines what describes something new, and what describes it anew: the same, with the version that was seen.
macro_rules! described {
    (
        $(#[$of_new:meta])* $new:ident,
        $(#[$of_change:meta])* $change:ident,
        { $($(#[$of_field:meta])* $field:ident: $type:ty,)+ }
    ) => {
        #[derive(serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$of_new])*
        pub struct $new {
            $($(#[$of_field])* $field: $type,)+
        }

        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$of_change])*
        pub struct $change {
            $($(#[$of_field])* $field: $type,)+
            /// The version that was read, if it is not in `If-Match`.
            #[schema(example = 3)]
            version: Option<i32>,
        }

        impl $change {
            pub(super) fn split(self) -> ($new, Option<i32>) {
                ($new { $($field: self.$field,)+ }, self.version)
            }
        }
    };
}
use described;

/// The id and the version of something that was added or changed.
#[derive(Serialize, ToSchema)]
pub struct Described {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments and names.
    #[schema(example = 3)]
    version: i32,
}

impl From<Saved> for Described {
    fn from(saved: Saved) -> Self {
        Self {
            id: saved.id,
            version: saved.version,
        }
    }
}

fn is_admin(caller: Option<&Caller>) -> bool {
    caller.is_some_and(|caller| must_be_admin(caller).is_ok())
}

/// The order that is asked for, of these: its place among them, and whether it is turned around.
fn order(sort: Option<&str>, names: &[&str]) -> Result<(usize, bool), Fault> {
    let Some(sort) = sort else {
        return Ok((0, false));
    };
    let name = sort.strip_prefix('-').unwrap_or(sort);
    match names.iter().position(|known| *known == name) {
        Some(place) => Ok((place, sort.starts_with('-'))),
        None => Err(Fault::malformed("sort")),
    }
}
