//! Lists as tables for other programs.

use crate::support::{Everybody, PHONE, TestApp, request};

/// Every list that can be taken along.
const LISTS: [(&str, &str); 7] = [
    ("/admin/board.csv", "board"),
    ("/admin/day.csv", "day"),
    ("/admin/week.csv", "week"),
    ("/admin/phone-calls.csv", "phone-calls"),
    ("/admin/messages.csv", "messages"),
    ("/admin/security.csv", "security"),
    ("/admin/changes.csv", "changes"),
];

#[tokio::test]
async fn every_list_is_a_table_of_whose_it_is_and_is_noted() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = request(&app).await;
    for (path, what) in LISTS {
        for (who, browser) in everybody.all() {
            let answer = browser.get(path).await;
            let is_desks = ["board", "day", "week", "phone-calls"].contains(&what);
            let expected = match who {
                "admin" => 200,
                "reception" | "other reception" if is_desks => 200,
                // Their own week.
                "doctor" | "other doctor" if what == "week" => 200,
                _ => 404,
            };
            assert_eq!(answer.status, expected, "{path} for {who}");
            let may_see = ["admin", "reception"].contains(&who);
            if !may_see {
                assert!(!answer.body.contains(PHONE), "{path} for {who}");
            }
            if what == "board" {
                assert_eq!(
                    answer.body.contains(&reference),
                    may_see,
                    "{who}: {}",
                    answer.body
                );
            }
        }
    }
    let noted = "select count(distinct about) from security_notes where kind = 'export' and actor = 'admin'";
    assert_eq!(app.count(noted).await, 7);
    let by_reception = "select count(*) from security_notes where kind = 'export' and actor = 'reception'";
    assert_eq!(app.count(by_reception).await, 8);
}

#[tokio::test]
async fn a_long_board_is_written_to_its_end_with_its_filter_and_without_formulas() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    app.sql("update patients set name = '=1+1'").await;
    // More than are read at a time.
    app.sql(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
              blocks_until, duration_minutes, mode)
         select 'P' || lpad((number / 10000)::text, 3, '0') || '-' || lpad((number % 10000)::text, 4, '0'), doctor, clinic,
                service, patient, case when number % 2 = 0 then 'confirmed' else 'rejected' end, at,
                at + interval '10 minutes', at, at + interval '10 minutes', 10, 'in_person'
         from (select min(id) as doctor from doctors) as doctors, (select min(id) as clinic from clinics) as clinics,
              (select min(id) as service from services) as services, (select min(id) as patient from patients) as patients,
              generate_series(1, 1201) as number,
              lateral (select now() + interval '3 days' + number * interval '10 minutes' as at) as times",
    )
    .await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let rows = async |path: &str| -> Vec<String> {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.body.lines().skip(1).map(str::to_owned).collect()
    };
    assert_eq!(rows("/admin/board.csv").await.len(), 1201);
    let confirmed = rows("/admin/board.csv?status=confirmed&from=").await;
    assert_eq!(confirmed.len(), 600);
    assert!(confirmed[0].contains("'=1+1"), "{}", confirmed[0]);
    assert_eq!(rows("/admin/board.csv?until=2020-01-01&from=").await.len(), 0);
    // With the words that the session keeps, and not with those that nobody asked for.
    admin
        .submit("/admin", "search-board", &[("search", "P000-0001"), ("from", "")])
        .await;
    assert_eq!(rows("/admin/board.csv?from=&searched=1").await.len(), 1);
    assert_eq!(rows("/admin/board.csv?from=").await.len(), 1201);
    admin.submit("/admin", "find-anybody", &[("q", "1+1")]).await;
    let found = rows("/staff/patients.csv").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("'=1+1,"), "{found:?}");
    let _ = patient;
}
