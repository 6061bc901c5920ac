//! Backups, and what comes of them: everything that was there, nothing that leaves, and nothing lost of a database that has
//! something.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use engine::{
    database::{
        Address, Database,
        backup::{BackupError, Kind, Target, back_up, check, prune, restore},
    },
    monitoring::verify::verify,
    payment::{self, Settled, Started},
};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, postgres::PgConnectOptions};

use crate::{
    payment::{fact, goes_to_pay, held, paid, start},
    support::{RULES, TestApp, VISIT, settings},
};

/// A folder of a test, which is deleted with it.
struct Folder(PathBuf);

impl Folder {
    fn of(options: &PgConnectOptions) -> Self {
        let name = format!("janji-{}", options.get_database().unwrap());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An empty database beside that of the test.
pub struct Beside {
    options: PgConnectOptions,
    first: PgConnectOptions,
}

impl Beside {
    pub async fn of(first: &PgConnectOptions) -> Self {
        let name = format!("{}_copy", first.get_database().unwrap());
        let mut connection = first.connect().await.unwrap();
        for statement in [
            format!("drop database if exists \"{name}\" with (force)"),
            format!("create database \"{name}\" template template0"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        Self {
            options: first.clone().database(&name),
            first: first.clone(),
        }
    }

    pub fn address(&self) -> Address {
        Address::of_one_role(self.options.to_url_lossy().to_string())
    }

    async fn connect(&self) -> PgConnection {
        self.options.connect().await.unwrap()
    }

    pub async fn database(&self) -> Database {
        Database::connect(&self.address().url, &settings()).await.unwrap()
    }

    async fn tables(&self) -> i64 {
        sqlx::query_scalar("select count(*) from pg_tables where schemaname = 'public'")
            .fetch_one(&mut self.connect().await)
            .await
            .unwrap()
    }

    pub async fn drop(self) {
        let name = self.options.get_database().unwrap().to_owned();
        let statement = format!("drop database \"{name}\" with (force)");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut self.first.connect().await.unwrap())
            .await
            .unwrap();
    }
}

fn url(options: &PgConnectOptions) -> String {
    options.to_url_lossy().to_string()
}

/// The rows of each table as one digest, and what PostgreSQL holds them to.
async fn contents(connection: &mut PgConnection) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
         and relname not in ('_sqlx_migrations', 'backups', 'installation') order by relname",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut contents = Vec::new();
    for table in tables {
        let query = format!(
            "select '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from \"{table}\" t"
        );
        let digest: String = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        contents.push(digest);
    }
    for query in [
        "select conrelid::regclass || ' ' || conname || ' ' || convalidated || ' ' || pg_get_constraintdef(oid)
         from pg_constraint where connamespace = 'public'::regnamespace order by 1",
        "select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal order by 1",
        "select indexdef from pg_indexes where schemaname = 'public' order by 1",
        "select sequencename || ' ' || coalesce(last_value::text, '-') from pg_sequences
         where schemaname = 'public' and sequencename not like 'backups%'
           and sequencename not in ('payments_id_seq', 'receipt_numbers') order by 1",
    ] {
        let found: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await.unwrap();
        contents.extend(found);
    }
    contents
}

async fn installation(connection: &mut PgConnection) -> (String, bool, bool) {
    sqlx::query_as("select id::text, paused_since is not null, restored_from is not null from installation")
        .fetch_one(connection)
        .await
        .unwrap()
}

/// A clinic with something in every corner that a text could break.
async fn with_patients(app: &TestApp) {
    for (number, patient_id) in app.patients(5).await.into_iter().enumerate() {
        let slot = app.slot(i64::try_from(number).unwrap());
        app.requested(patient_id, app.wanted(0, VISIT, slot)).await;
    }
    app.sql(
        "update patients set name = E'A\\tname\\nof \\\\. lines \u{1F600} \\\\N' where id = (select min(id) from patients);
         delete from patients where id = (select max(id) from patients where not exists
             (select from appointments where patient_id = patients.id));",
    )
    .await;
}

#[tokio::test]
async fn a_restored_database_has_everything_and_is_paused() {
    let app = TestApp::new().await;
    with_patients(&app).await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    let made = back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    assert_eq!(made.path.as_deref(), Some(file.as_path()));
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(
        (metadata.permissions().mode() & 0o777, metadata.len()),
        (0o600, made.bytes)
    );
    assert_eq!(
        fs::read_dir(&folder.0).unwrap().count(),
        1,
        "something was left beside it"
    );

    let before = contents(&mut *app.spare().await).await;
    let restored = restore(&beside.address(), &file, Kind::Same).await.unwrap();
    assert_eq!((restored.rows, restored.taken_at), (made.rows, made.taken_at));
    let after = contents(&mut beside.connect().await).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(before.len(), after.len());
    let (id, _, _) = installation(&mut *app.spare().await).await;
    assert_eq!(installation(&mut beside.connect().await).await, (id, true, true));

    let database = beside.database().await;
    assert!(database.is_paused().await.unwrap());
    assert!(!app.database.is_paused().await.unwrap());
    let report = verify(&database, Duration::from_secs(60)).await.unwrap();
    assert!(report.is_sound(), "{}", report.to_text());
    // Numbers go on where they were.
    let next: i64 = sqlx::query_scalar(
        "insert into clinics (name, address, city, phone, time_zone) values ('Another', '', '', '', 'UTC') returning id",
    )
    .fetch_one(&mut beside.connect().await)
    .await
    .unwrap();
    let last = app.count("select max(id) from clinics").await;
    assert!(next > last, "{next} after {last}");
    database.close().await;
    beside.drop().await;
}

/// The provider knows those that were made since the backup.
#[tokio::test]
async fn the_number_of_a_payment_is_not_given_again() {
    let (app, patient, reference) = held().await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    let lost = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    restore(&beside.address(), &file, Kind::Same).await.unwrap();
    let database = beside.database().await;
    let started = payment::start(&database, start(1, patient, &reference), app.now)
        .await
        .unwrap();
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    assert!(payment_id > lost + 1000, "{payment_id} after {lost}");
    let event = fact(lost, paid(), Some("evt_lost"));
    let settled = payment::settle(&database, event, RULES, app.now).await.unwrap();
    assert_eq!(settled, Settled::Unknown);
    database.close().await;
    beside.drop().await;
}

/// A calendar elsewhere and a webhook, with something that is still to be said to each.
const OUTSIDE: &str = "
    insert into calendar_accounts (doctor_id, kind, url, username, secret, language, state, linked_at, pull_at)
    select min(id), 'caldav', 'https://dav.example', 'sari', 'sealed', 'en', 'active', now(), now() from doctors;
    insert into calendar_events (account_id, appointment_id, href) select id, 1, '/one.ics' from calendar_accounts;
    insert into calendar_jobs (account_id, appointment_id, action, due_at)
    select id, 1, 'put', now() from calendar_accounts;
    insert into webhooks (staff_id, url, description, events, language, secret, made_at)
    select min(id), 'https://hook.example', '', array['appointment.confirmed'], 'en', 'sealed', now() from staff;";

#[tokio::test]
async fn a_copy_beside_the_first_leaves_calendars_and_webhooks_to_it() {
    let app = TestApp::new().await;
    app.sql(OUTSIDE).await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    restore(&beside.address(), &file, Kind::Copy).await.unwrap();
    let left: String = sqlx::query_scalar(
        "select concat_ws(' ', state, trouble, length(secret), (select count(*) from calendar_events),
                          (select count(*) from calendar_jobs), (select state || ' ' || because from webhooks))
         from calendar_accounts",
    )
    .fetch_one(&mut beside.connect().await)
    .await
    .unwrap();
    assert_eq!(left, "paused unauthorized 0 0 0 paused by_hand");
    beside.drop().await;
}

#[tokio::test]
async fn a_copy_beside_the_first_has_an_id_of_its_own() {
    let app = TestApp::new().await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    restore(&beside.address(), &file, Kind::Copy).await.unwrap();
    let (first, _, _) = installation(&mut *app.spare().await).await;
    let (second, is_paused, _) = installation(&mut beside.connect().await).await;
    assert_ne!(first, second);
    assert!(is_paused);
    beside.drop().await;
}

/// Whoever books meanwhile is in the backup with everything that belongs to the booking, or not at all; and whoever was
/// answered before it began is in it.
#[tokio::test]
async fn a_backup_under_bookings_is_of_one_moment() {
    let app = Arc::new(TestApp::crowded().await);
    let options = app.options.clone();
    let (folder, beside) = (Folder::of(&options), Beside::of(&options).await);
    let patients = app.patients(40).await;
    let booked = |number: usize, patient_id: i64| {
        let app = app.clone();
        async move {
            let slot = app.slot(i64::try_from(number / 4).unwrap());
            app.requested(patient_id, app.wanted(number % 4, VISIT, slot))
                .await
        }
    };
    for (number, patient_id) in patients[..8].iter().enumerate() {
        booked(number, *patient_id).await;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let booking = tokio::spawn({
        let rest: Vec<_> = (8..)
            .zip(patients[8..].to_vec())
            .map(|(number, id)| booked(number, id))
            .collect();
        let is_over = is_over.clone();
        async move {
            for one in rest {
                one.await;
            }
            is_over.store(true, Ordering::SeqCst);
        }
    });
    let mut files = Vec::new();
    for number in 0.. {
        let file = folder.file(&format!("{number}.sql.gz"));
        back_up(&url(&options), Target::File(file.clone())).await.unwrap();
        files.push(file);
        if is_over.load(Ordering::SeqCst) {
            break;
        }
    }
    booking.await.unwrap();
    let middle = &files[files.len() / 2];
    restore(&beside.address(), middle, Kind::Same).await.unwrap();
    let database = beside.database().await;
    let report = verify(&database, Duration::from_secs(60)).await.unwrap();
    assert!(report.is_sound(), "{}", report.to_text());
    assert!(report.appointments >= 8, "{}", report.appointments);
    let torn: i64 = sqlx::query_scalar(
        "select count(*) from appointments
         where version <> (select count(*) from appointment_changes where appointment_id = appointments.id)",
    )
    .fetch_one(&mut beside.connect().await)
    .await
    .unwrap();
    assert_eq!(torn, 0);
    database.close().await;
    beside.drop().await;
}

#[tokio::test]
async fn a_broken_file_leaves_the_database_empty() {
    let app = TestApp::new().await;
    with_patients(&app).await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    check(&file).unwrap();
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    // Behind the head, which says that it is a backup at all.
    let late = flipped.len() * 9 / 10;
    flipped[late] ^= 0x10;
    let broken = [
        ("half.sql.gz", whole[..whole.len() / 2].to_vec()),
        ("nearly.sql.gz", whole[..whole.len() - 6].to_vec()),
        ("flipped.sql.gz", flipped),
    ];
    for (name, bytes) in broken {
        let file = folder.file(name);
        fs::write(&file, bytes).unwrap();
        let error = restore(&beside.address(), &file, Kind::Same).await.unwrap_err();
        assert!(matches!(error, BackupError::Broken(_, _)), "{name}: {error}");
        assert_eq!(beside.tables().await, 0, "{name}");
    }
    let other = folder.file("other.sql.gz");
    fs::write(&other, b"something else").unwrap();
    let error = restore(&beside.address(), &other, Kind::Same).await.unwrap_err();
    assert!(matches!(error, BackupError::NoBackup(_)), "{error}");
    // It is as good as before for the whole one.
    restore(&beside.address(), &file, Kind::Same).await.unwrap();
    beside.drop().await;
}

#[tokio::test]
async fn nothing_is_restored_over_what_is_there() {
    let app = TestApp::new().await;
    with_patients(&app).await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    let error = back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");

    // The test itself is a server at work.
    let first = Address::of_one_role(url(&app.options));
    let error = restore(&first, &file, Kind::Same).await.unwrap_err();
    assert!(matches!(error, BackupError::InUse), "{error}");
    restore(&beside.address(), &file, Kind::Same).await.unwrap();
    let error = restore(&beside.address(), &file, Kind::Same).await.unwrap_err();
    assert!(matches!(error, BackupError::NotEmpty), "{error}");

    // After a first start without anybody, there is nothing to lose.
    let mut connection = beside.connect().await;
    sqlx::raw_sql("truncate staff, patients, clinics cascade")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    restore(&beside.address(), &file, Kind::Same).await.unwrap();
    beside.drop().await;
}

/// A backup is made before an upgrade, by the new program.
#[tokio::test]
async fn older_tables_are_brought_up_to_date() {
    let app = TestApp::new().await;
    app.sql(
        "delete from _sqlx_migrations where version = 290;
         drop index waitlist_entries_open_of_session_idx",
    )
    .await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    restore(&beside.address(), &file, Kind::Same).await.unwrap();
    let is_there: bool = sqlx::query_scalar(
        "select to_regclass('waitlist_entries_open_of_session_idx') is not null
                and exists (select from _sqlx_migrations where version = 290)",
    )
    .fetch_one(&mut beside.connect().await)
    .await
    .unwrap();
    assert!(is_there);
    beside.drop().await;
}

#[tokio::test]
async fn a_backup_of_a_newer_program_is_refused() {
    let app = TestApp::new().await;
    app.sql(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9998, 'of tomorrow', true, '\\x01', 1)",
    )
    .await;
    let (folder, beside) = (Folder::of(&app.options), Beside::of(&app.options).await);
    let file = folder.file("one.sql.gz");
    back_up(&url(&app.options), Target::File(file.clone()))
        .await
        .unwrap();
    let error = restore(&beside.address(), &file, Kind::Same).await.unwrap_err();
    assert!(matches!(error, BackupError::Newer(_)), "{error}");
    assert_eq!(beside.tables().await, 0);
    beside.drop().await;
}

#[test]
fn the_newest_are_kept() {
    let folder = std::env::temp_dir().join(format!("janji-prune-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut names: Vec<String> = (1..=9)
        .map(|day| format!("daily-2026-11-0{day}T020000Z.sql.gz"))
        .collect();
    names.push("daily-2026-11-01T020000Z.sql.gz.part".to_owned());
    names.push("janji-2020-01-01T020000Z.sql.gz".to_owned());
    for name in &names {
        fs::write(folder.join(name), b"").unwrap();
    }
    prune(&folder, "daily", 7).unwrap();
    let is_there = |name: &str| Path::new(&folder).join(name).exists();
    assert!(!is_there(&names[0]) && !is_there(&names[1]) && !is_there(&names[9]));
    assert!(is_there(&names[2]) && is_there(&names[8]) && is_there(&names[10]));
    fs::remove_dir_all(&folder).unwrap();
}
