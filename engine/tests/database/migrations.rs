//! Migrations: an old database opens with its data, and none of them keeps a large table from those who work.

use std::{collections::BTreeSet, time::Duration};

use engine::{database::migrate, monitoring::verify::verify};
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    migrate::{Migration, Migrator},
};

use crate::support::{TestApp, TestDatabase, emptied};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// The tables that grow with every day of work: what reads or writes all of one keeps others waiting.
const LARGE: [&str; 18] = [
    "appointments",
    "appointment_changes",
    "calendar_hours",
    "clinical_notes",
    "consultation_messages",
    "idempotency_keys",
    "message_links",
    "messages",
    "patient_changes",
    "patient_reads",
    "patients",
    "payments",
    "prescriptions",
    "ratings",
    "security_notes",
    "sessions",
    "waitlist_entries",
    "webhook_deliveries",
];

/// The last migration from before there were two servers of different releases: nobody works while it runs.
const LAST_OF_THE_BEGINNING: i64 = 290;

/// Statements that look dangerous and are not, each with its reason.
const KNOWN: [(i64, &str); 0] = [];

/// The statements of a migration, without comments, in lower case and on one line each. The body of a function is one with it.
fn statements(sql: &str) -> Vec<String> {
    let text: Vec<&str> = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let mut statements = vec![String::new()];
    for (number, part) in text.join("\n").split("$$").enumerate() {
        if number % 2 == 1 {
            statements.last_mut().unwrap().push_str(" $$ body $$ ");
            continue;
        }
        for (number, piece) in part.split(';').enumerate() {
            if number > 0 {
                statements.push(String::new());
            }
            statements.last_mut().unwrap().push_str(piece);
        }
    }
    let in_one_line = |text: String| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    statements
        .into_iter()
        .map(in_one_line)
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// What a statement does to a table that is there already and large, where that takes longer than a moment.
fn danger(statement: &str, made_here: &BTreeSet<String>) -> Option<&'static str> {
    let is_large = |name: &str| {
        let name = name.trim_start_matches("only ").trim_matches(['"', '(', ',']);
        LARGE.contains(&name) && !made_here.contains(name)
    };
    let after = |prefix: &str| statement.strip_prefix(prefix)?.split(' ').next();
    if after("alter table ").is_some_and(is_large) {
        // Each action for itself.
        for action in statement.split(", add ").flat_map(|part| part.split(", alter ")) {
            let checks = ["check (", "foreign key", "references "]
                .iter()
                .any(|word| action.contains(word));
            if checks && !action.contains("not valid") {
                return Some("a constraint that is not `not valid` reads all rows");
            }
            if ["unique (", "exclude ", "primary key ("]
                .iter()
                .any(|word| action.contains(word))
            {
                return Some("a unique constraint builds its index while nobody can write");
            }
            if action.contains("set not null") {
                return Some("`set not null` reads all rows");
            }
            if action.contains(" type ") {
                return Some("another type writes all rows anew");
            }
            let volatile = ["gen_random_uuid()", "clock_timestamp()", "random()", "nextval("];
            if action.contains("generated always as (")
                || action.contains(" default ") && volatile.iter().any(|word| action.contains(word))
            {
                return Some("a default of its own for each row writes all rows anew");
            }
        }
    }
    if (statement.starts_with("create index ") || statement.starts_with("create unique index "))
        && !statement.contains(" concurrently ")
        && let Some((_, table)) = statement.split_once(" on ")
        && is_large(table.split([' ', '(']).next().unwrap_or_default())
    {
        return Some("an index that is not built concurrently keeps everybody from writing");
    }
    let written = after("update ").or_else(|| after("delete from "));
    if written.is_some_and(is_large) {
        return Some("rows that are there are moved in batches, outside of the migration");
    }
    if after("truncate ").is_some_and(is_large) || after("lock table ").is_some_and(is_large) {
        return Some("it keeps everybody out");
    }
    None
}

#[test]
fn no_migration_keeps_a_large_table_for_long() {
    let mut found = Vec::new();
    for migration in MIGRATIONS
        .iter()
        .filter(|one| one.version > LAST_OF_THE_BEGINNING)
    {
        let statements = statements(migration.sql.as_str());
        let made_here: BTreeSet<String> = statements
            .iter()
            .filter_map(|statement| statement.strip_prefix("create table "))
            .filter_map(|rest| rest.trim_start_matches("if not exists ").split([' ', '(']).next())
            .map(ToOwned::to_owned)
            .collect();
        for statement in &statements {
            let is_known =
                |(version, text): &(i64, &str)| *version == migration.version && statement.contains(text);
            if let Some(why) = danger(statement, &made_here).filter(|_| !KNOWN.iter().any(is_known)) {
                found.push(format!("migration {}: {why}: {statement}", migration.version));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn dangerous_statements_are_recognised() {
    let none = BTreeSet::new();
    for dangerous in [
        "alter table appointments add constraint a check (version > 0)",
        "alter table patients add column a bigint, add constraint b foreign key (a) references staff (id)",
        "alter table patients add column a bigint references staff (id)",
        "alter table messages alter column body set not null",
        "alter table messages alter column body type varchar(9)",
        "alter table messages add column a uuid not null default gen_random_uuid()",
        "create index a on appointments (status)",
        "create unique index a on messages(id)",
        "update appointments set version = 1",
        "delete from messages where id = 1",
    ] {
        assert!(danger(dangerous, &none).is_some(), "{dangerous}");
    }
    for harmless in [
        "alter table appointments add column a boolean not null default false",
        "alter table appointments add constraint a check (version > 0) not valid",
        "alter table appointments validate constraint a",
        "create index concurrently if not exists a on appointments (status)",
        "create index a on closures (id)",
        "update clinics set name = ''",
        "comment on table appointments is 'x'",
    ] {
        assert!(danger(harmless, &none).is_none(), "{harmless}");
    }
    let made_here = BTreeSet::from(["payments".to_owned()]);
    assert!(danger("create index a on payments (id)", &made_here).is_none());
    let body = statements("-- a; b\ncreate function f() as $$ begin; end $$;\nselect 1; -- c\n");
    assert_eq!(body, ["create function f() as $$ body $$", "select 1"]);
}

/// The schemas that programs were run with, by the last migration of each.
const SCHEMAS: [i64; 10] = [21, 44, 65, 81, 100, 130, 152, 180, 208, 242];

/// A clinic whose appointments are over, ahead, asked for and cancelled, in words that every schema knows.
const DATA: &str = "
    insert into clinics (name, address, city, phone, time_zone) values ('Clinic', 'Street 1', 'Town', '+1 555 0100', 'UTC');
    insert into services (key, name, mode, duration_minutes, slot_interval_minutes, cutoff_minutes)
        values ('visit', 'Visit', 'in_person', 30, 30, 60);
    insert into staff (role, name, email, password_hash)
        values ('doctor', 'Dr One', 'one@test.example', 'x'), ('admin', 'Admin', 'admin@test.example', 'x');
    insert into doctors (staff_id, name, speciality) select id, name, 'General practice' from staff where role = 'doctor';
    insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services;
    insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
        select doctors.id, clinics.id, weekday, 0, 1440 from doctors, clinics, generate_series(1, 7) as weekday;
    insert into patients (phone, name) values ('+6281255500001', 'Patient One'), ('+6281255500002', 'Patient Two');
    insert into appointments (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                              blocks_until, duration_minutes, mode, answer_until, version)
        select made.reference, doctors.id, clinics.id, services.id, patients.id, made.status, made.starts_at,
               made.starts_at + interval '30 minutes', made.starts_at, made.starts_at + interval '30 minutes', 30, 'in_person',
               made.starts_at, made.version
        from doctors, clinics, services, patients,
             (values ('K7QM-4D2P', 'completed', date_trunc('hour', now()) - interval '9 days', 3),
                     ('K7QM-4D3P', 'cancelled', date_trunc('hour', now()) + interval '8 days', 2),
                     ('K7QM-4D4P', 'no_show', date_trunc('hour', now()) - interval '8 days', 2)
             ) as made (reference, status, starts_at, version)
        where patients.phone = '+6281255500001';
    insert into appointment_changes (appointment_id, from_status, to_status, from_starts_at, to_starts_at, version, actor, staff_id)
        select id, case step when 1 then null when 2 then 'confirmed' else 'in_progress' end,
               case when step = 1 then 'confirmed' when step = 2 and version = 3 then 'in_progress' else status end,
               null, starts_at, step, 'doctor', (select id from staff where role = 'doctor')
        from appointments, generate_series(1, version) as step;";

async fn brought_to(connection: &mut PgConnection, version: i64) {
    let some: Vec<Migration> = MIGRATIONS
        .iter()
        .filter(|migration| migration.version <= version)
        .cloned()
        .collect();
    Migrator::with_migrations(some).run(connection).await.unwrap();
}

#[tokio::test]
async fn an_old_database_opens_with_its_data() {
    let options = TestDatabase::new().await;
    let url = options.to_url_lossy().to_string();
    for version in SCHEMAS {
        emptied(&options).await;
        let mut connection = options.connect().await.unwrap();
        brought_to(&mut connection, version).await;
        sqlx::raw_sql(DATA)
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("schema {version}: {error}"));
        connection.close().await.unwrap();
        migrate(&url)
            .await
            .unwrap_or_else(|error| panic!("schema {version}: {error}"));

        let database = engine::database::Database::connect(&url, &crate::support::settings())
            .await
            .unwrap();
        let report = verify(&database, Duration::from_secs(60)).await.unwrap();
        assert!(report.is_sound(), "schema {version}: {}", report.to_text());
        assert_eq!(
            (report.appointments, report.changes, report.patients),
            (3, 7, 2),
            "schema {version}"
        );
        database.close().await;
    }
}

/// Those of the release before go on working while a migration of the next one waits for them.
#[tokio::test]
async fn an_old_database_is_opened_while_others_work() {
    let app = TestApp::crowded().await;
    app.sql(
        "delete from _sqlx_migrations where version = 360;
         alter table installation drop column paused_since, drop column restored_from;
         drop table backups;",
    )
    .await;
    let patients = app.patients(6).await;
    let url = app.options.to_url_lossy().to_string();
    let booking = async {
        for (number, patient_id) in patients.into_iter().enumerate() {
            let slot = app.slot(i64::try_from(number).unwrap());
            app.requested(patient_id, app.wanted(0, crate::support::VISIT, slot))
                .await;
        }
    };
    let (migrated, ()) = tokio::join!(migrate(&url), booking);
    migrated.unwrap();
    assert_eq!(
        app.count("select count(*) from appointments where status = 'pending'")
            .await,
        6
    );
    app.assert_whole().await;
}
