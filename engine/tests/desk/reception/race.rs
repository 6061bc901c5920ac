//! Receptions that race each other and a doctor for an answer and for a time.

use super::TwoClinics;
use crate::support::{APPOINTMENTS, VISIT, refusal};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    booking::Wanted,
    error::{AppError, Refusal},
};

#[tokio::test]
async fn two_receptions_and_a_doctor_answering_at_once_are_one_answer() {
    let two = TwoClinics::new().await;
    let app = &two.app;
    let second = app.reception_caller("second@test.example", &[app.clinic]).await;
    let reference = &two.appointments[0];
    let racers: Vec<_> = [
        (two.here.clone(), Status::Confirmed),
        (second, Status::Rejected),
        (app.doctor_caller(0), Status::Rejected),
        (two.there.clone(), Status::Confirmed),
    ]
    .into_iter()
    .map(|(caller, to)| {
        let command = ChangeStatus {
            version: Some(2),
            ..two.change(&caller, reference, to)
        };
        let (database, now) = (app.database.clone(), app.now);
        async move { change_status(&database, command, now).await }
    })
    .collect();
    let results = app.race_behind(APPOINTMENTS, vec![racers]).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(results[3], Err(AppError::NotFound));
    assert_eq!(app.appointment(reference).await.1, 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn receptions_of_two_clinics_racing_for_one_time_of_a_doctor_get_one() {
    let two = TwoClinics::new().await;
    let app = &two.app;
    let racers: Vec<_> = (0..20)
        .map(|number| {
            let (caller, clinic_id) = match number % 2 {
                0 => (two.here.clone(), app.clinic),
                _ => (two.there.clone(), two.elsewhere),
            };
            let wanted = Wanted {
                clinic_id,
                ..app.wanted(0, VISIT, app.slot(60))
            };
            app.sent(
                app.booking(caller, two.patients[number % 2], wanted, false),
                app.now,
            )
        })
        .collect();
    let results = app.race(racers).await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "{results:?}");
    let mut lost = results.iter().filter(|result| result.is_err()).map(refusal);
    assert!(lost.all(|reason| matches!(reason, Some(Refusal::SlotTaken | Refusal::PatientOverlap))));
    app.assert_sound().await;
}
