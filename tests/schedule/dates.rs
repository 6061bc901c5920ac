//! Exceptions, absences and cancelled days.

use crate::support::{TestApp, VISIT};

#[tokio::test]
async fn exceptions_absences_and_days_are_planned_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    let booked = app.confirmed(patient, 0, app.slot(20)).await;
    let (doctor, clinic) = (app.doctors[0].id.to_string(), app.clinic.to_string());
    let (day, next) = (app.day(20).to_string(), app.day(68).to_string());
    let own = site.staff("doctor1@test.example").await;
    let send = async |form: &str, version: &str, fields: &[(&str, &str)]| {
        let mut all = vec![
            ("doctor_id", &*doctor),
            ("clinic_id", &*clinic),
            ("version", version),
        ];
        all.extend_from_slice(fields);
        let answer = own.submit("/doctor/plan", form, &all).await;
        own.get(answer.location().split('#').next().unwrap()).await
    };
    let why = async |day: &str, clock: &str| {
        let service = app.services[VISIT];
        let path = format!("/doctor/plan?ask_day={day}&ask_time={clock}&service={service}");
        own.get(&path).await.texts("#why [role=status]").join("")
    };
    assert_eq!(why(&next, "10:00").await, "This time is offered.");
    assert_eq!(
        why(&next, "10:10").await,
        "Times of this service do not begin then."
    );
    assert_eq!(why(&next, "soon").await, "Write the time as 09:00.");
    let exception = [
        ("exception[day]", &*next),
        ("exception[hours]", "8:00-9:00, 14:00-15:00"),
        ("exception[breaks]", ""),
        ("exception[note]", "Training"),
    ];
    let said = send("plan-exception", "1", &exception).await;
    assert!(said.texts("#exception li")[0].contains("08:00–09:00, 14:00–15:00 Training"));
    assert_eq!(
        why(&next, "10:00").await,
        "That date has an exception, which has no hours then."
    );
    let said = send("remove-exception", "2", &[("day", &*next)]).await;
    assert_eq!(said.texts("#exception li").len(), 0);

    let bad = [
        ("dates[first_day]", &*next),
        ("dates[from]", "nine"),
        ("dates[until]", "10:00"),
        ("dates[note]", "Dentist"),
    ];
    let said = send("plan-absence", "3", &bad).await;
    assert_eq!(said.texts("#absence .error").len(), 2, "both hours are marked");
    assert!(
        said.form("plan-absence")
            .contains(&("dates[note]".to_owned(), "Dentist".to_owned()))
    );
    let absence = [
        ("dates[first_day]", &*next),
        ("dates[from]", "9:00"),
        ("dates[until]", "11:00"),
        ("dates[yearly]", "true"),
    ];
    let said = send("plan-absence", "3", &absence).await;
    assert_eq!(said.texts("#absence li").len(), 1);
    assert_eq!(why(&next, "10:00").await, "The doctor is away then.");
    let id = app.count("select id from time_off").await.to_string();
    let said = send("remove-absence", "4", &[("id", &*id)]).await;
    assert_eq!(said.texts("#absence li").len(), 0);

    let said = send("stop-day", "5", &[("day", &*day), ("doing", "stop")]).await;
    assert!(said.texts("#errors")[0].contains("No more bookings"));
    assert_eq!(said.texts("#attention li").len(), 1);
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
    let said = send("stop-day", "6", &[("day", &*day), ("doing", "cancel")]).await;
    assert!(
        said.texts("#errors")[0].contains("Give a reason."),
        "{:?}",
        said.texts("#errors")
    );
    let cancel = [("day", &*day), ("doing", "cancel"), ("reason", "Ill")];
    let asked = send("stop-day", "6", &cancel).await;
    assert_eq!(asked.texts("#ask .row").len(), 1, "{}", asked.body);
    assert!(asked.texts("#ask .row")[0].contains("Patient 1"));
    assert_eq!(
        app.appointment(&booked).await.0,
        "confirmed",
        "nothing is done before the answer"
    );
    let decided = asked.field("cancel-day", "decided");
    let unasked = send("cancel-day", "6", &cancel).await;
    assert_eq!(app.appointment(&booked).await.0, "confirmed", "{}", unasked.body);
    let cancel = [("day", &*day), ("reason", "Ill"), ("decided", &decided)];
    let said = send("cancel-day", "6", &cancel).await;
    assert!(
        said.texts("#errors")[0].contains("Messages on their way to patients: 1"),
        "{:?}",
        said.texts("#errors")
    );
    assert!(
        said.links("a.btn.primary")
            .iter()
            .any(|link| link.starts_with("/doctor/calls/"))
    );
    assert_eq!(app.appointment(&booked).await.0, "cancelled");
    assert!(app.newest_message("+6281255500001").await.contains("Ill"));
    app.assert_sound().await;
}
