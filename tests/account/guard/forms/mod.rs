//! The guard of the forms.

mod accounts;
mod appointments;
mod day;
mod organisation;

use crate::support::{Everybody, TestApp, VISIT, request};

/// A form, what is filled in, and how each of [`Everybody::all`] is answered, in that order. 0 is where it would do something
/// that is allowed; that is tested elsewhere.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], [u16; 8]);

/// What the forms are about, as it is filled in.
#[derive(Clone, Copy)]
struct Known<'a> {
    /// A request of the patient to the doctor.
    theirs: &'a str,
    /// A hold of a browser that is none of theirs.
    held: &'a str,
    doctor: &'a str,
    staff_id: &'a str,
    clinic: &'a str,
    starts_at: &'a str,
    later: &'a str,
    /// The clinic, the service and the start of a free time.
    wanted: &'a [String; 3],
    /// A session that is a draft.
    group: &'a str,
}

/// Sends the forms as everybody, and says where the answer is another one.
async fn ask(everybody: &Everybody, table: &[Row<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (form, fields, expected) in table {
        for ((who, browser), expected) in everybody.all().into_iter().zip(expected) {
            if *expected == 0 {
                continue;
            }
            let answer = browser.call(form, fields).await;
            if answer.status != *expected {
                wrong.push(format!(
                    "{form} by {who}: {} instead of {expected}: {}",
                    answer.status, answer.body
                ));
            }
        }
    }
    wrong
}

#[tokio::test]
async fn no_form_works_for_people_whom_it_is_not_for() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(50)), app.now)
        .await
        .unwrap();
    let doctor = app.doctors[0].id.to_string();
    let starts_at = app.slot(9 * 48).as_second().to_string();
    let wanted = app.wanted(0, VISIT, app.slot(60));
    let wanted = [wanted.clinic_id, wanted.service_id, wanted.starts_at].map(|number| number.to_string());
    let clinic = app.clinic.to_string();
    let staff_id = app.doctors[0].staff_id.to_string();
    let later = app.slot(62).as_second().to_string();
    let group = app.group(1, false).await.to_string();
    let known = Known {
        theirs: &theirs,
        held: &held,
        doctor: &doctor,
        staff_id: &staff_id,
        clinic: &clinic,
        starts_at: &starts_at,
        later: &later,
        wanted: &wanted,
        group: &group,
    };
    let mut wrong = appointments::wrong(&everybody, known).await;
    wrong.extend(day::wrong(&everybody, known).await);
    wrong.extend(accounts::wrong(&everybody, known).await);
    wrong.extend(organisation::wrong(&everybody, known).await);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(app.appointment(&theirs).await.1, 2);
    assert_eq!(app.appointment(&held).await.1, 1);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_eq!(
        app.count("select count(*) from doctors where not active").await,
        0
    );
    assert_eq!(app.count("select count(*) from schedule_changes").await, 0);
    app.assert_sound().await;
}
