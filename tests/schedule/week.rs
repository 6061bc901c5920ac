//! The week.

use crate::support::TestApp;
use engine::error::{AppError, Field, FieldProblem};

/// The fields of the form of a week.
fn week_fields<'a>(of: &[(&'a str, &'a str)], rows: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    of.iter().chain(rows).copied().collect()
}

#[tokio::test]
async fn a_week_is_planned_previewed_and_saved_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    // On Monday to Sunday around the clock until now; this is at ten in the evening.
    let late = app.confirmed(patient, 0, app.slot(44)).await;
    let (doctor, clinic) = (app.doctors[0].id.to_string(), app.clinic.to_string());
    let path = format!("/admin/doctors/{doctor}/plan");
    let admin = site.staff("admin@test.example").await;
    let fresh = admin.get(&path).await;
    assert_eq!(fresh.status, 200);
    assert_eq!(fresh.texts("#attention"), Vec::<String>::new());
    assert!(fresh.texts("#coming")[0].len() > 3);
    let of = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*clinic),
        ("version", "1"),
        ("rows", "2"),
    ];
    let all_week = [
        ("week[0][days][1]", "1"),
        ("week[0][days][2]", "2"),
        ("week[0][days][3]", "3"),
        ("week[0][days][4]", "4"),
        ("week[0][days][5]", "5"),
        ("week[0][days][6]", "6"),
        ("week[0][days][7]", "7"),
        ("week[0][from]", "08:00"),
        ("week[0][until]", "17.00"),
        ("week[0][kind]", "work"),
        ("week[0][valid_from]", ""),
        ("week[0][valid_until]", ""),
        ("week[1][days][3]", "3"),
        ("week[1][from]", "12:00"),
        ("week[1][until]", "13:00"),
        ("week[1][kind]", "break"),
        ("week[1][valid_from]", ""),
        ("week[1][valid_until]", ""),
    ];
    let with = |doing: &'static str| {
        let mut fields = week_fields(&of, &all_week);
        fields.push(("doing", doing));
        fields
    };
    let answer = admin.submit(&path, "plan-week", &with("preview")).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let seen = admin.get(answer.location().split('#').next().unwrap()).await;
    let said = seen.texts("#preview");
    assert!(
        said[0].contains("One appointment would no longer fit"),
        "{said:?}"
    );
    assert!(said[0].contains(&late), "{said:?}");
    assert_eq!(app.doctor_version(0).await, 1);
    // The form still has the text that was typed.
    let form = seen.form("plan-week");
    assert!(
        form.contains(&("week[0][until]".to_owned(), "17.00".to_owned())),
        "{form:?}"
    );

    let mut wrong = with("save");
    wrong.retain(|(name, _)| *name != "week[0][from]");
    let answer = admin.submit(&path, "plan-week", &wrong).await;
    assert!(matches!(
        answer.error(),
        Some(AppError::ValidationFailed {
            field: Field::Hours,
            ..
        })
    ));
    let back = admin.get(answer.location().split('#').next().unwrap()).await;
    assert_eq!(back.texts("#week .error").len(), 1);
    assert!(
        back.form("plan-week")
            .contains(&("week[1][from]".to_owned(), "12:00".to_owned()))
    );

    let answer = admin.submit(&path, "plan-week", &with("save")).await;
    assert!(
        answer.location().ends_with("saved=week&attention=1"),
        "{answer:?}"
    );
    let saved = admin.get(&answer.location()).await;
    assert_eq!(saved.texts("#attention li").len(), 1);
    assert!(saved.texts("#errors")[0].contains("The weekly hours are saved."));
    assert_eq!(
        app.count("select count(*) from working_hours where is_break")
            .await,
        1
    );
    assert_eq!(app.appointment(&late).await.0, "confirmed");

    // Somebody else was faster: nothing typed is lost, and it can be saved on top.
    let own = site.staff("doctor1@test.example").await;
    let answer = own.submit("/doctor/plan", "plan-week", &with("save")).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let told = own.get(answer.location().split('#').next().unwrap()).await;
    assert!(
        told.texts("#errors")[0].contains("admin changed the week"),
        "{:?}",
        told.texts("#errors")
    );
    let form = told.form("plan-week");
    assert!(form.contains(&("version".to_owned(), "2".to_owned())));
    assert!(form.contains(&("week[0][until]".to_owned(), "17.00".to_owned())));
}

#[tokio::test]
async fn hours_are_typed_on_a_keypad() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (doctor, clinic) = (app.doctors[0].id.to_string(), app.clinic.to_string());
    let path = format!("/admin/doctors/{doctor}/plan");
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(&path).await;
    assert!(page.body.contains("inputmode=\"decimal\""), "{}", page.body);
    assert!(!page.body.contains("inputmode=\"numeric\""), "{}", page.body);
    let row = |version: &'static str, from: &'static str, until: &'static str| {
        vec![
            ("version", version),
            ("rows", "1"),
            ("week[0][days][1]", "1"),
            ("week[0][from]", from),
            ("week[0][until]", until),
            ("week[0][kind]", "work"),
            ("doing", "save"),
        ]
    };
    let of = [("doctor_id", &*doctor), ("clinic_id", &*clinic)];
    for (version, from, until, minutes) in [
        ("1", "0900", "1730", 540 + 1050),
        ("2", "9", "17", 540 + 1020),
        ("3", "9,00", "17,30", 540 + 1050),
        ("4", "16", "0000", 960 + 1440),
        ("5", "9:00 AM", "12:00 AM", 540 + 1440),
    ] {
        let fields = week_fields(&of, &row(version, from, until));
        let answer = admin.submit(&path, "plan-week", &fields).await;
        assert_eq!(answer.error(), None, "{from} to {until}");
        let sum = "select sum(from_minute + until_minute) from working_hours where doctor_id = 1";
        assert_eq!(app.count(sum).await, minutes, "{from} to {until}");
    }
    let fields = week_fields(&of, &row("6", "22:00", "02:00"));
    let answer = admin.submit(&path, "plan-week", &fields).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Hours, FieldProblem::PastMidnight))
    );
    let back = admin.get(answer.location().split('#').next().unwrap()).await;
    assert!(back.texts("#week .error")[0].contains("24:00"), "{back:?}");
}
