//! Ranges of time in lists: both ends are moments at the clinic.

use jiff::{Timestamp, ToSpan};

use crate::support::{People, TestApp, data, refused};
use engine::time;

#[tokio::test]
async fn local_and_utc_are_compared_as_moments() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let day = app.day(2 * 48);
    let slots = format!("doctors/{}/slots?service=visit", app.doctors[0].id);
    let of_any = "slots?service=visit".to_owned();
    let appointments = "appointments?limit=10".to_owned();
    for (from, to, is_one) in [
        ("T10:30:00", "T07:00:00Z", true),
        ("T10:30:00", "T04:00:00Z", true),
        ("T10:30:00", "T03:30:00Z", false),
        ("T03:00:00Z", "T10:30:00", true),
        ("T03:30:00Z", "T10:30:00", false),
        ("T10:30:00", "T10:30:00", false),
        ("", "", true),
    ] {
        for list in [&slots, &of_any, &appointments] {
            let answer = people
                .patient
                .get(&format!("{list}&from={day}{from}&to={day}{to}"))
                .await;
            match is_one {
                true => drop(data(&answer, 200)),
                false => drop(refused(&answer, 400, "INVALID_DATE_RANGE")),
            }
        }
    }
    let two_hours = format!("{slots}&from={day}T10:30:00&to={day}T05:30:00Z");
    let times = data(&people.patient.get(&two_hours).await, 200);
    assert_eq!(times.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn today_ends_a_range_wherever_the_clinic_is() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    for name in [
        "Pacific/Honolulu",
        "America/Los_Angeles",
        "UTC",
        "Pacific/Kiritimati",
    ] {
        sqlx::query("update clinics set time_zone = $1")
            .bind(name)
            .execute(&mut *app.spare().await)
            .await
            .unwrap();
        let today = time::local_date(Timestamp::now(), &time::zone(name).unwrap());
        for list in [
            format!("doctors/{}/slots?service=visit", app.doctors[0].id),
            "slots?service=visit".to_owned(),
        ] {
            let answer = people.patient.get(&format!("{list}&to={today}")).await;
            data(&answer, 200);
            let yesterday = today - 1.day();
            let answer = people.patient.get(&format!("{list}&to={yesterday}")).await;
            refused(&answer, 400, "INVALID_DATE_RANGE");
        }
        data(
            &people.patient.get(&format!("appointments?to={today}")).await,
            200,
        );
    }
}
