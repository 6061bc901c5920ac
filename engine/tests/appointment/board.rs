//! The board of a large organisation: its pages, its counts, and what a search finds.

use sqlx::AssertSqlSafe;

use crate::support::TestApp;
use engine::{
    account::Country,
    appointment::{Board, Count, Filter, Mark, PER_PAGE, Search, Status, Turn, board},
};

impl TestApp {
    /// Appointments from tomorrow on, four at each hour: of each doctor, with a patient of their own.
    async fn grow(&self, count: i64) {
        self.patients(4).await;
        let statement = format!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select overlay(coded placing '-' from 5 for 0), doctors[1 + number % 4], clinic, service,
                    patients[1 + number % 4], case when number % 10 = 3 then 'no_show' else 'confirmed' end,
                    at, at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
             from (select array_agg(id order by id) as doctors from doctors) as doctors,
                  (select array_agg(id order by id) as patients from patients) as patients,
                  (select min(id) as clinic from clinics) as clinics,
                  (select min(id) as service from services) as services,
                  generate_series(0, {count} - 1) as number,
                  lateral (select translate(lpad(number::text, 8, '0'), '0123456789', 'ABCDEFGHJK') as coded,
                                  date_trunc('hour', now()) + interval '1 day' + number / 4 * interval '1 hour' as at)
                      as times"
        );
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *self.spare().await)
            .await
            .unwrap();
    }

    async fn board(&self, filter: &Filter) -> Board {
        board(&self.database, filter.clone()).await.unwrap()
    }

    /// The ids of what a search finds, and the number that is stated.
    async fn finds(&self, typed: &str) -> (Vec<i64>, Option<Count>) {
        let found = self
            .board(&Filter {
                search: Search::new(typed, Country::default()),
                ..Filter::default()
            })
            .await;
        (ids(&found), found.count(None))
    }
}

fn ids(board: &Board) -> Vec<i64> {
    board.items.iter().map(|item| item.id).collect()
}

fn exactly(number: i64) -> Option<Count> {
    Some(Count {
        number,
        is_more: false,
    })
}

#[tokio::test]
async fn pages_show_each_appointment_once_there_and_back() {
    let app = TestApp::new().await;
    app.grow(60).await;
    let all: Vec<i64> = sqlx::query_scalar("select id from appointments order by starts_at, id")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap();
    let mut filter = Filter::default();
    let mut pages = Vec::new();
    let last = loop {
        let page = app.board(&filter).await;
        assert_eq!(page.count(None), exactly(60));
        assert_eq!(page.earlier.is_some(), !pages.is_empty());
        pages.push(ids(&page));
        match page.later {
            Some(turn) => filter.turn = turn,
            None => break page,
        }
    };
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 10]);
    assert_eq!(pages.concat(), all);

    filter.turn = last.earlier.unwrap();
    let second = app.board(&filter).await;
    assert_eq!(ids(&second), pages[1]);
    assert!(second.later.is_some());
    filter.turn = second.earlier.unwrap();
    let first = app.board(&filter).await;
    assert_eq!(ids(&first), pages[0]);
    assert_eq!((first.earlier, first.later.is_some()), (None, true));

    // What came in between does not move the page; turned back to the beginning, it is a whole one.
    app.sql(
        "update appointments set starts_at = starts_at - interval '7 days', ends_at = ends_at - interval '7 days',
                                 blocks_from = blocks_from - interval '7 days', blocks_until = blocks_until - interval '7 days'
         where id = (select id from appointments order by starts_at desc, id desc limit 1)",
    )
    .await;
    filter.turn = Turn::After(Mark {
        starts_at: first.items[PER_PAGE - 1].starts_at,
        id: first.items[PER_PAGE - 1].id,
    });
    assert_eq!(ids(&app.board(&filter).await), pages[1]);
    filter.turn = Turn::Before(Mark {
        starts_at: first.items[3].starts_at,
        id: first.items[3].id,
    });
    let beginning = app.board(&filter).await;
    assert_eq!((beginning.items.len(), beginning.earlier), (PER_PAGE, None));
    assert_eq!(beginning.items[0].id, *all.last().unwrap());
}

#[tokio::test]
async fn pages_and_counts_keep_to_the_filter() {
    let app = TestApp::new().await;
    app.grow(60).await;
    let missed = Filter {
        status: Some(Status::NoShow),
        doctor_id: Some(app.doctors[3].id),
        ..Filter::default()
    };
    let page = app.board(&missed).await;
    let expected = app
        .count("select count(*) from appointments where status = 'no_show' and doctor_id = (select max(id) from doctors)")
        .await;
    assert!(expected > 0);
    assert_eq!(i64::try_from(page.items.len()), Ok(expected));
    assert_eq!(page.count(Some(Status::NoShow)), exactly(expected));
    assert_eq!(page.count(None), exactly(15));
    let past = Filter {
        until: Some(app.day(-96)),
        ..Filter::default()
    };
    assert_eq!(app.board(&past).await.count(None), exactly(0));
    let never = Filter {
        from: Some(app.day(48)),
        until: Some(app.day(0)),
        ..Filter::default()
    };
    let never = app.board(&never).await;
    assert_eq!((never.items.len(), never.count(None)), (0, exactly(0)));
}

#[tokio::test]
async fn what_is_many_is_counted_to_a_thousand() {
    let app = TestApp::new().await;
    app.grow(1200).await;
    let page = app.board(&Filter::default()).await;
    let more = Some(Count {
        number: 1000,
        is_more: true,
    });
    assert_eq!(page.count(None), more);
    assert_eq!(page.count(Some(Status::Confirmed)), more);
    assert_eq!(page.count(Some(Status::NoShow)), exactly(120));
    assert_eq!(page.count(Some(Status::Pending)), exactly(0));
}

#[tokio::test]
async fn a_search_finds_by_name_phone_and_reference() {
    let app = TestApp::new().await;
    app.grow(60).await;
    app.sql("update patients set name = 'Zoë Ångström' where phone = '+6281255500002'")
        .await;
    let of_zoe: Vec<i64> = sqlx::query_scalar(
        "select appointments.id from appointments join patients on patients.id = patient_id
         where phone = '+6281255500002' order by starts_at, appointments.id",
    )
    .fetch_all(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!(of_zoe.len(), 15);
    for typed in [
        "zoe ang",
        "ÅNGSTRÖM",
        "o",
        "0812 5550 0002",
        "+62 812-555-00002",
        "500002",
    ] {
        assert_eq!(app.finds(typed).await, (of_zoe.clone(), exactly(15)), "{typed}");
    }
    // AAAA-AADF is the one with the number 35.
    let one = app
        .count("select id from appointments where reference = 'AAAA-AADF'")
        .await;
    for typed in ["AAAA-AADF", "aaaaaadf", "AADF", "# aaaa aadf"] {
        assert_eq!(app.finds(typed).await, (vec![one], exactly(1)), "{typed}");
    }
    assert_eq!(app.finds("AAAA-AAD").await.1, exactly(10));
    assert_eq!(app.finds("AAAA").await.1, exactly(60));
    for typed in ["nobody", "0899", "ZZZZ", "%", "_"] {
        assert_eq!(app.finds(typed).await, (Vec::new(), exactly(0)), "{typed}");
    }
}

/// So many people fit that their appointments are neither counted nor found through them.
#[tokio::test]
async fn a_search_that_fits_many_patients_shows_the_first_appointments() {
    let app = TestApp::new().await;
    app.grow(60).await;
    app.sql(
        "insert into patients (phone, name)
         select '+62813' || lpad(number::text, 8, '0'), 'Maya ' || number from generate_series(1, 600) as number;
         update patients set name = 'Maya Putri' where phone = '+6281255500001'",
    )
    .await;
    let (found, count) = app.finds("maya").await;
    let expected: Vec<i64> = sqlx::query_scalar(
        "select appointments.id from appointments join patients on patients.id = patient_id
         where phone = '+6281255500001' order by starts_at, appointments.id",
    )
    .fetch_all(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!((found, count), (expected.clone(), None));
    assert_eq!(app.finds("maya p").await, (expected, exactly(15)));
}
