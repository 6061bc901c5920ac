//! The pages of the admin's board.

use crate::support::{Answer, TestApp};

/// The links to the pages before and after this one.
fn turns_of(page: &Answer) -> Vec<String> {
    let links = page.links(".pager a").into_iter();
    links.filter(|link| link.starts_with("/admin?")).collect()
}

#[tokio::test]
async fn an_admin_turns_the_pages_of_the_board() {
    let app = TestApp::new().await;
    app.patients(1).await;
    app.sql(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
              blocks_until, duration_minutes, mode)
         select 'P' || lpad(number::text, 4, '0'), doctor, clinic, service, patient, 'confirmed', at,
                at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
         from (select min(id) as doctor from doctors) as doctors, (select min(id) as clinic from clinics) as clinics,
              (select min(id) as service from services) as services, (select min(id) as patient from patients) as patients,
              generate_series(1, 1010) as number,
              lateral (select date_trunc('hour', now()) + number * interval '1 hour' as at) as times",
    )
    .await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    // The link that moves it is none to its page.
    let shown = |body: &str| {
        let links = body.split("\"/admin/appointments/P").skip(1);
        links.filter(|rest| rest.find('"') == Some(4)).count()
    };
    let first = admin.get("/admin?from=").await;
    assert_eq!(shown(&first.body), 25);
    assert!(first.body.contains("/admin/appointments/P0001"), "{}", first.body);
    assert!(
        first.body.contains("More than 1000 appointments"),
        "{}",
        first.body
    );
    let turns = turns_of(&first);
    assert_eq!(turns.len(), 1, "{turns:?}");
    let second = admin.get(&turns[0]).await;
    assert_eq!(shown(&second.body), 25);
    assert!(
        second.body.contains("/admin/appointments/P0026"),
        "{}",
        second.body
    );
    let turns = turns_of(&second);
    assert_eq!(turns.len(), 2, "{turns:?}");
    let back = admin.get(&turns[0]).await;
    assert!(back.body.contains("/admin/appointments/P0001"), "{}", back.body);
    // Links of before, and what is no mark, show the first page.
    for odd in ["page=7", "after=x", "before=1_", "after=9223372036854775807_1"] {
        let page = admin.get(&format!("/admin?from=&{odd}")).await;
        assert_eq!(page.status, 200, "{odd}");
        assert!(page.body.contains("/admin/appointments/P0001"), "{odd}");
    }
}
