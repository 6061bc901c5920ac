//! The rules that every database keeps, whatever happened.

use std::time::Duration;

use super::app::TestApp;
use engine::monitoring::verify::verify;

impl TestApp {
    /// Nobody is in two places, and every history is a walk that leads to what is there now.
    pub async fn assert_sound(&self) {
        for (what, query) in [
            (
                "two appointments of one doctor at once",
                "select count(*) from appointments a join appointments b
                 on a.id < b.id and a.doctor_id = b.doctor_id
                    and tstzrange(a.blocks_from, a.blocks_until) && tstzrange(b.blocks_from, b.blocks_until)
                 where a.status not in ('cancelled', 'rejected', 'expired')
                   and b.status not in ('cancelled', 'rejected', 'expired')
                   and a.overbooked_because is null and b.overbooked_because is null",
            ),
            (
                "two appointments of one patient at once",
                "select count(*) from appointments a join appointments b
                 on a.id < b.id and a.patient_id = b.patient_id
                    and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
                 where a.status not in ('held', 'cancelled', 'rejected', 'expired')
                   and b.status not in ('held', 'cancelled', 'rejected', 'expired')",
            ),
            (
                "histories that do not count from 1 to the version",
                "select count(*) from appointments
                 where (select array_agg(version order by version) from appointment_changes
                        where appointment_id = appointments.id)
                       is distinct from (select array_agg(n) from generate_series(1, version) as n)",
            ),
            (
                "histories that do not end at what is there",
                "select count(*) from appointments
                 where not exists (select from appointment_changes c
                                   where c.appointment_id = appointments.id and c.version = appointments.version
                                     and c.to_status = appointments.status and c.to_starts_at = appointments.starts_at)",
            ),
            (
                "steps that do not begin where the one before ended",
                "select count(*) from appointment_changes a join appointment_changes b
                 on a.appointment_id = b.appointment_id and b.version = a.version + 1
                 where b.from_status is distinct from a.to_status",
            ),
        ] {
            assert_eq!(self.count(query).await, 0, "{what}");
        }
    }

    /// Nobody is in two places, nothing is there in part, and `verify` finds nothing either.
    pub async fn assert_whole(&self) {
        self.assert_sound().await;
        let report = verify(&self.database, Duration::from_secs(60)).await.unwrap();
        assert!(report.is_sound(), "{}", report.to_text());
    }
}
