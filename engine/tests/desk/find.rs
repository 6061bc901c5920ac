//! Finding anybody in one box.

use crate::support::{TestApp, VISIT};
use engine::{
    account::{Caller, Country},
    booking::Wanted,
    desk::find::{Anybody, Asked, MOST_FOUND, find_anybody},
    error::AppError,
};

impl TestApp {
    async fn anybody(&self, caller: &Caller, typed: &str) -> Anybody {
        let asked = Asked::new(typed, Country::default());
        find_anybody(&self.database, caller, asked, self.now)
            .await
            .unwrap()
    }

    async fn found(&self, caller: &Caller, typed: &str) -> Vec<i64> {
        let anybody = self.anybody(caller, typed).await;
        anybody.people.into_iter().map(|person| person.id).collect()
    }

    async fn called(&self, id: i64, name: &str) {
        sqlx::query("update patients set name = $2 where id = $1")
            .bind(id)
            .bind(name)
            .execute(&mut *self.spare().await)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_name_is_found_in_any_order_and_a_phone_in_any_writing() {
    let app = TestApp::new().await;
    let ids = app.patients(3).await;
    app.called(ids[0], "Hendra Wijaya").await;
    app.called(ids[1], "Elif Yılmaz").await;
    app.called(ids[2], "Hendra Kusuma").await;
    sqlx::query(
        "insert into patient_cards (patient_id, birthday, version, changed_at, changed_by)
         values ($1, '1985-04-12', 1, now(), $2)",
    )
    .bind(ids[1])
    .bind(app.admin_staff_id)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    let admin = app.admin_caller();
    for (typed, expected) in [
        ("12.04.1985", vec![ids[1]]),
        ("1985-04-12", vec![ids[1]]),
        ("13.04.1985", vec![]),
        ("Wijaya Hendra", vec![ids[0]]),
        ("hendra wij", vec![ids[0]]),
        ("yilmaz", vec![ids[1]]),
        ("YILMAZ elif", vec![ids[1]]),
        ("hendra", vec![ids[2], ids[0]]),
        ("+62 812-5550-0001", vec![ids[1]]),
        ("0812 5550 0002", vec![ids[2]]),
        ("hendra yilmaz", vec![]),
        ("100%", vec![]),
        ("h", vec![]),
        ("", vec![]),
    ] {
        let mut found = app.found(&admin, typed).await;
        let mut expected = expected;
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{typed}");
    }
}

#[tokio::test]
async fn everybody_finds_among_those_whom_they_have_to_do_with() {
    let app = TestApp::new().await;
    let elsewhere = app.another_clinic().await;
    app.works_at(1, elsewhere).await;
    let ids = app.patients(2).await;
    let here = app.requested(ids[0], app.wanted(0, VISIT, app.slot(20))).await;
    let wanted = Wanted {
        clinic_id: elsewhere,
        ..app.wanted(1, VISIT, app.slot(20))
    };
    let there = app.requested(ids[1], wanted).await;
    let reception = app.reception_caller("here@test.example", &[app.clinic]).await;
    let other = app.reception_caller("there@test.example", &[elsewhere]).await;
    for (caller, own, of_others) in [
        (&reception, 0, 1),
        (&other, 1, 0),
        (&app.doctor_caller(0), 0, 1),
        (&app.doctor_caller(1), 1, 0),
    ] {
        let references = [&here, &there];
        assert_eq!(app.found(caller, "patient").await, [ids[own]], "{caller:?}");
        assert_eq!(app.found(caller, "+62812555000").await, [ids[own]], "{caller:?}");
        // Whole, in another writing, and either half.
        let reference = references[own];
        let typed = [
            reference.clone(),
            reference.to_lowercase().replace('-', " "),
            reference[..4].to_owned(),
            reference[5..].to_owned(),
        ];
        for typed in typed {
            let anybody = app.anybody(caller, &typed).await;
            let found: Vec<&str> = anybody.appointments.iter().map(|item| &*item.reference).collect();
            assert!(
                found.contains(&reference.as_str()),
                "{typed} by {caller:?}: {found:?}"
            );
        }
        assert!(
            app.anybody(caller, references[of_others]).await.is_empty(),
            "{caller:?}"
        );
    }
    assert_eq!(app.found(&app.admin_caller(), "patient").await.len(), 2);
    let patient = Caller::Patient {
        id: ids[0],
        name: None,
        family: Vec::new(),
        opened_since: None,
    };
    let asked = Asked::new("patient", Country::default());
    let refused = find_anybody(&app.database, &patient, asked, app.now).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
    // Whoever is in a list is recorded.
    let recorded = "select count(distinct (staff_id, patient_id)) from patient_reads where what = 'list'";
    assert_eq!(app.count(recorded).await, 6);
}

#[tokio::test]
async fn a_vague_search_shows_a_few_and_says_that_there_are_more() {
    let app = TestApp::new().await;
    app.patients(MOST_FOUND + 1).await;
    let anybody = app.anybody(&app.admin_caller(), "patient").await;
    assert_eq!((anybody.people.len(), anybody.has_more), (MOST_FOUND, true));
    let anybody = app.anybody(&app.admin_caller(), "patient 3").await;
    assert_eq!((anybody.people.len(), anybody.has_more), (1, false));
}

#[tokio::test]
async fn a_name_and_a_phone_are_found_by_an_index() {
    let app = TestApp::new().await;
    app.sql(
        "insert into patients (phone, name)
         select '+62899' || lpad(number::text, 7, '0'), 'Somebody Else ' || md5(number::text)
         from generate_series(1, 2000) as number;
         analyze patients",
    )
    .await;
    let mut connection = app.connection().await;
    // Whether there is one at all: so few are read as they come.
    sqlx::raw_sql("set enable_seqscan = off; set enable_indexscan = off")
        .execute(&mut connection)
        .await
        .unwrap();
    for condition in [
        "folded_name like containing('hendra') and folded_name like containing('wijaya')",
        "phone like '%' || '81255500' || '%'",
        "folded_name like containing('hendra') or phone like '%' || '81255500' || '%'",
    ] {
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "explain select id from patients where active and ({condition})
             order by created_at desc, id desc limit 9"
        )))
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert!(
            plan.iter().any(|line| line.contains("Bitmap Index Scan")),
            "{plan:#?}"
        );
    }
}
