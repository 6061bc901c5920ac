//! Reports as managers and doctors get them: the page, and the tables for other programs.

use crate::support::{Browser, TestApp};

/// Fills a day of every half hour with appointments that were declined: nothing keeps those from being at one time.
const MANY: &str = "
    alter table appointments disable trigger user;
    insert into patients (phone, name) values ('+6281255500999', 'Somebody');
    insert into appointments
        (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from, blocks_until,
         duration_minutes, mode, service_name, cutoff_minutes)
    select 'R' || n, (select min(id) from doctors), (select min(id) from clinics), (select min(id) from services),
           (select min(id) from patients), 'rejected', at, at + interval '30 minutes', at, at + interval '30 minutes', 30,
           'in_person', case n when 7 then '=cmd|x!A1' when 8 then 'Semi;colon' else 'Visit' end, 0
    from generate_series(1, ROWS) as n,
         lateral (select timestamptz '2025-02-03' + n % 240 * interval '30 minutes' as at) as times;
    analyze appointments";

/// Adds so many appointments in February 2025.
async fn filled(app: &TestApp, rows: u32) {
    let statements = MANY.replace("ROWS", &rows.to_string());
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
}

const FEBRUARY: &str = "from=2025-02-01&until=2025-02-28";

#[tokio::test]
async fn the_page_has_figures_with_definitions_and_keeps_what_was_asked_for() {
    let app = TestApp::new().await;
    filled(&app, 20).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let doctor = app.doctors[0].id;
    let page = admin
        .get(&format!("/admin/report?{FEBRUARY}&by=channel&doctor={doctor}"))
        .await;
    assert_eq!(page.status, 200);
    let first = page.texts("table tbody tr:first-child td");
    assert_eq!(first[..2], ["20", "0"], "{first:?}");
    assert!(first[2].starts_with("Promised or asked for"), "{first:?}");
    let values = |selector: &str| page.texts(selector);
    assert_eq!(values("#by option[selected]"), ["Way of booking"]);
    assert_eq!(values("#doctor option[selected]"), ["Dr 1"]);
    assert!(page.body.contains("value=\"2025-02-01\""));
    assert!(page.body.contains("<svg"), "no picture");
    // Days that are no period are said to be none, and kept.
    let page = admin.get("/admin/report?from=2025-03-01&until=2025-02-01").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("These days are no period"));
    assert!(page.body.contains("value=\"2025-03-01\"") && page.body.contains("value=\"2025-02-01\""));
}

#[tokio::test]
async fn a_doctor_has_their_own_report_and_no_other() {
    let app = TestApp::new().await;
    filled(&app, 20).await;
    let site = app.serve().await;
    let (own, other) = (
        site.staff("doctor1@test.example").await,
        site.staff("doctor2@test.example").await,
    );
    let count = async |browser: &Browser| {
        let page = browser.get(&format!("/doctor/report?{FEBRUARY}")).await;
        assert_eq!(page.status, 200);
        assert!(page.texts("#doctor").is_empty(), "a choice of doctors");
        page.texts("table tbody tr:first-child td")[0].clone()
    };
    assert_eq!(count(&own).await, "20");
    assert_eq!(count(&other).await, "0");
    let file = format!("/staff/report.csv?{FEBRUARY}&rows=appointments");
    assert_eq!(own.get(&file).await.body.lines().count(), 21);
    assert_eq!(other.get(&file).await.body.lines().count(), 1);
    let of_another = format!("{file}&doctor={}", app.doctors[0].id);
    assert_eq!(other.get(&of_another).await.status, 404);
}

#[tokio::test]
async fn a_table_is_written_as_it_was_asked_for_and_without_formulas() {
    let app = TestApp::new().await;
    filled(&app, 20).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let path = format!("/staff/report.csv?{FEBRUARY}&rows=appointments");
    let plain = admin.get(&path).await;
    assert_eq!(plain.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = plain.body.split("\r\n").collect();
    assert!(lines[0].starts_with("reference,clinic,doctor,service,status,channel,day,starts_at"));
    assert_eq!(
        lines.len(),
        22,
        "a head, the rows, and nothing after the last end of a line"
    );
    let row = lines.iter().find(|line| line.starts_with("R1,")).unwrap();
    assert!(
        row.contains(",2025-02-03,2025-02-03T00:30:00+00:00,2025-02-03T01:00:00+00:00,UTC,"),
        "{row}"
    );
    assert!(plain.body.contains(",'=cmd|x!A1,"));
    assert!(
        !plain.body.contains("Somebody") && !plain.body.contains("+62812555"),
        "a patient is named"
    );
    let marked = admin.get(&format!("{path}&separator=semicolon&mark=1")).await;
    assert!(marked.body.starts_with("\u{feff}reference;clinic;"));
    assert!(marked.body.contains(";\"Semi;colon\";"));
    let figures = admin.get(&format!("/staff/report.csv?{FEBRUARY}")).await;
    let lines: Vec<&str> = figures.body.split("\r\n").collect();
    assert!(lines[0].starts_with("part,first_day,last_day,appointments,"));
    assert!(
        lines[1].starts_with("Dr 1,2025-02-01,2025-02-28,20,"),
        "{}",
        figures.body
    );
    let wrong = admin
        .get("/staff/report.csv?from=2025-03-01&until=2025-02-01")
        .await;
    assert_eq!(wrong.status, 400);
    assert_eq!(
        app.count("select count(*) from security_notes where kind = 'export'")
            .await,
        3
    );
}

/// The memory of this process, in KiB.
fn memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Takes so many rows along, and answers with how much memory that took, in KiB.
async fn streamed(app: &TestApp, rows: u32) -> i64 {
    filled(app, rows).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    // What a first table takes stays.
    let few = "/staff/report.csv?from=2025-02-03&until=2025-02-03&rows=appointments&doctor=1";
    assert_eq!(admin.get(few).await.status, 200);
    let (before, mut most) = (memory(), 0);
    let url = admin.url(&format!("/staff/report.csv?{FEBRUARY}&rows=appointments"));
    let mut answer = reqwest::Client::new()
        .get(url)
        .header("cookie", admin.cookies())
        .send()
        .await
        .unwrap();
    let mut lines = 0;
    while let Some(part) = answer.chunk().await.unwrap() {
        lines += part.iter().filter(|byte| **byte == b'\n').count();
        most = most.max(memory() - before);
    }
    assert_eq!(lines, rows as usize + 1);
    most
}

#[tokio::test]
async fn a_hundred_thousand_rows_take_no_memory() {
    let app = TestApp::new().await;
    let taken = streamed(&app, 100_000).await;
    assert!(taken < 20 * 1024, "{taken} KiB");
}

#[tokio::test]
#[ignore = "it takes minutes"]
async fn a_million_rows_take_no_memory() {
    let app = TestApp::new().await;
    let taken = streamed(&app, 1_000_000).await;
    assert!(taken < 20 * 1024, "{taken} KiB");
}
