//! A thousand who wait are searched by one index.

use engine::group::{self, Change, Details};

use super::{cancels, clinic, is, joins, seats, state, wishes};

#[tokio::test]
async fn among_a_thousand_the_next_one_is_found_by_one_index() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(60)).await;
    // A thousand who wait for another doctor, and many who waited once.
    sqlx::raw_sql(
        "insert into patients (phone, name)
         select '+6281' || 100000000 + number, 'Somebody' from generate_series(1, 21000) as number;
         insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, first_day, last_day, notice_minutes, state, ended_because,
              joined_at, ended_at)
         select patients.id, services.id, (select max(id) from doctors), clinics.id, current_date, current_date + 20, 0,
                case when patients.id % 21 = 0 then 'waiting' else 'ended' end,
                case when patients.id % 21 = 0 then null else 'left' end, now() - interval '1 day',
                case when patients.id % 21 = 0 then null else now() end
         from patients, services, clinics
         where patients.name = 'Somebody' and services.key = 'visit'",
    )
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    app.sql("vacuum analyze patients, waitlist_entries, appointments")
        .await;
    let entry = joins(&app, patients[1], wishes(&app), 5).await;
    let reads = "select coalesce(seq_tup_read, 0), coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
                 where relname = 'waitlist_entries'";
    let read = async || -> (i64, i64) {
        let mut connection = app.connection().await;
        sqlx::query("select pg_stat_clear_snapshot()")
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query_as(reads).fetch_one(&mut connection).await.unwrap()
    };
    let before = read().await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    // A connection tells what it has read when it ends.
    app.database.close().await;
    let after = read().await;
    let (scanned, fetched) = (after.0 - before.0, after.1 - before.1);
    assert_eq!(scanned, 0, "the whole table was read");
    // Those who wait, once to choose and once to count who waited longer.
    assert!(fetched < 5_000, "{fetched} rows were fetched");
}

#[tokio::test]
async fn among_a_thousand_who_wait_for_one_session_the_next_one_is_found_at_once() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = seats::session(&app, 60, 1).await.id;
    let reference = seats::seated(&app, group, patients[0], 1).await;
    // A thousand parties that are too large, in this session, and many who waited in others before.
    sqlx::raw_sql(
        "insert into patients (phone, name)
         select '+6281' || 100000000 + number, 'Somebody' from generate_series(1, 21000) as number;
         insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, group_id, seats, first_day, last_day, notice_minutes, state,
              ended_because, joined_at, ended_at)
         select patients.id, service_id, doctor_id, clinic_id, groups.id, 2, current_date, current_date + 20, 0,
                case when patients.id % 21 = 0 then 'waiting' else 'ended' end,
                case when patients.id % 21 = 0 then null else 'left' end, now() - interval '1 day',
                case when patients.id % 21 = 0 then null else now() end
         from patients, groups
         where patients.name = 'Somebody'",
    )
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    app.sql("vacuum analyze patients, waitlist_entries, appointments")
        .await;
    let entry = seats::waits_for(&app, group, patients[1], 1, 5).await;
    let reads = "select coalesce(seq_tup_read, 0), coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
                 where relname = 'waitlist_entries'";
    let read = async || -> (i64, i64) {
        let mut connection = app.connection().await;
        sqlx::query("select pg_stat_clear_snapshot()")
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query_as(reads).fetch_one(&mut connection).await.unwrap()
    };
    let before = read().await;
    let began = std::time::Instant::now();
    cancels(&app, 0, &reference).await;
    let took = began.elapsed();
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    app.database.close().await;
    let after = read().await;
    let (scanned, fetched) = (after.0 - before.0, after.1 - before.1);
    assert_eq!(scanned, 0, "the whole table was read");
    // Those who wait: to choose, to count who waited longer, and to look who is somewhere else.
    assert!(fetched < 6_000, "{fetched} rows were fetched");
    // The whole cancellation, on a machine that does other things as well.
    assert!(took.as_millis() < 1_000, "{took:?}");
}

#[tokio::test]
async fn a_session_that_moves_finds_those_who_wait_for_it_at_once() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = seats::session(&app, 60, 1).await;
    seats::seated(&app, group.id, patients[0], 1).await;
    let entry = seats::waits_for(&app, group.id, patients[1], 1, 5).await;
    // A thousand who wait for another session, of a service that the doctor does not offer, and many who waited once.
    seats::session_of(&app, app.doctors[1].id, 80, 1).await;
    sqlx::raw_sql(
        "delete from offers where service_id = (select id from services where key = 'long');
         insert into patients (phone, name)
         select '+6281' || 100000000 + number, 'Somebody' from generate_series(1, 21000) as number;
         insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, group_id, seats, first_day, last_day, notice_minutes, state,
              ended_because, joined_at, ended_at)
         select patients.id, services.id, doctor_id, clinic_id, groups.id, 2, current_date, current_date + 20, 0,
                case when patients.id % 21 = 0 then 'waiting' else 'ended' end,
                case when patients.id % 21 = 0 then null else 'left' end, now() - interval '1 day',
                case when patients.id % 21 = 0 then null else now() end
         from patients, groups, services
         where patients.name = 'Somebody' and services.key = 'long' and groups.id = (select max(id) from groups)",
    )
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    app.sql("vacuum analyze patients, waitlist_entries, appointments, groups")
        .await;
    let reads = "select coalesce(seq_tup_read, 0), coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
                 where relname = 'waitlist_entries'";
    let read = async || -> (i64, i64) {
        let mut connection = app.connection().await;
        sqlx::query("select pg_stat_clear_snapshot()")
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query_as(reads).fetch_one(&mut connection).await.unwrap()
    };
    let before = read().await;
    let command = Change {
        caller: app.admin_caller(),
        group_id: group.id,
        version: group.version,
        details: Details {
            title: group.title.clone(),
            starts_at: app.slot(100),
            minutes: 60,
            capacity: 1,
            price: None,
        },
        key: None,
    };
    group::change(&app.database, command, app.now).await.unwrap();
    assert_eq!(state(&app, entry.id).await, is("waiting", "moved"));
    app.database.close().await;
    let after = read().await;
    let (scanned, fetched) = (after.0 - before.0, after.1 - before.1);
    assert_eq!(scanned, 0, "the whole table was read");
    // The doctor's time is free as well, and is looked for once among those who wait for one. Nobody who waited before is read.
    assert!(fetched < 2_000, "{fetched} rows were fetched");
}
