//! The rules that clinics keep.

use super::unknown_zones;
use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule},
};

/// The zone of a clinic is not one for this program and for PostgreSQL.
pub const ZONE_UNKNOWN: Rule = Rule::new("zone_unknown");

/// The rules of the organisation.
pub const ORGANISATION: Integrity = Integrity {
    rules: &[ZONE_UNKNOWN],
    guards: &[],
    check: |checks| Box::pin(zones_are_known(checks)),
};

async fn zones_are_known(checks: &mut Checks) -> Result<(), Failure> {
    checks.refuse_late()?;
    let unknown = unknown_zones(&mut checks.tx).await?;
    let said = unknown
        .into_iter()
        .map(|(clinic_id, zone)| format!("clinic {clinic_id}: {zone}"))
        .collect();
    checks.found(ZONE_UNKNOWN, said);
    Ok(())
}
