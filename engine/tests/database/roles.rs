//! A database with two roles: the owner of the tables, and a lesser one that serves.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use engine::{
    account::{
        self, Country,
        access::{SetAccess, set_access},
        renumber::renumber,
        session::SignedIn,
    },
    audit::{self, Kind, Note},
    database::{Address, Database, StartError, Upgrade, migrate},
    demo, idempotency,
    monitoring::{locks::locks, verify::verify},
    notification,
};

use crate::support::{Heard, TestApp, TestDatabase, VISIT, emptied, settings};

/// A role of this database alone, which may do nothing yet.
async fn lesser_role(options: &PgConnectOptions) -> (String, PgConnectOptions) {
    let mut owner = options.connect().await.unwrap();
    let role: String = sqlx::query_scalar("select 'server_' || left(md5(current_database()), 16)")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    for statement in [
        format!("drop role if exists \"{role}\""),
        format!("create role \"{role}\" login nosuperuser"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut owner)
            .await
            .unwrap();
    }
    owner.close().await.unwrap();
    let lesser = options.clone().username(&role);
    (role, lesser)
}

fn address(owner: &PgConnectOptions, lesser: &PgConnectOptions) -> Address {
    Address {
        url: lesser.to_url_lossy().to_string(),
        owner_url: Some(owner.to_url_lossy().to_string()),
    }
}

async fn refusal(connection: &mut PgConnection, statement: &'static str) -> Option<String> {
    let error = sqlx::raw_sql(statement).execute(connection).await.err()?;
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn a_lesser_role_serves_and_its_owner_migrates() {
    let options = TestDatabase::new().await;
    emptied(&options).await;
    let (role, lesser) = lesser_role(&options).await;
    // By itself, it makes no tables, and is told who does.
    let alone = migrate(lesser.to_url_lossy().as_ref()).await.unwrap_err();
    assert!(
        matches!(&alone, StartError::NotOwner(who, _) if *who == role),
        "{alone}"
    );
    assert!(!alone.to_string().contains('\n') && alone.to_string().contains("JANJI_MIGRATE_URL"));
    address(&options, &lesser).make_ready(Upgrade::Run).await.unwrap();
    // From then on it starts without the owner, as long as nothing is to be done.
    migrate(lesser.to_url_lossy().as_ref()).await.unwrap();

    let mut server = lesser.connect().await.unwrap();
    for refused in [
        "create table mine (id bigint)",
        "alter table patients add column more text",
        "drop trigger security_notes_stay on security_notes",
        "insert into security_notes (kind, actor, noted_at) values ('denied', 'visitor', now() - interval '2 years')",
        "update security_notes set kind = 'sign_in'",
        "delete from security_notes",
        "truncate security_notes",
        "delete from patient_reads",
        "update patient_reads set what = 'list'",
        "delete from _sqlx_migrations",
        "drop function security_notes_stay() cascade",
    ] {
        assert_eq!(
            refusal(&mut server, refused).await.as_deref(),
            Some("42501"),
            "{refused}"
        );
    }
    let mut owner = options.connect().await.unwrap();
    sqlx::raw_sql("create table of_tomorrow (id bigint generated always as identity, what text)")
        .execute(&mut owner)
        .await
        .unwrap();
    for allowed in [
        "insert into security_notes (kind, actor) values ('denied', 'visitor')",
        "select forget_old_security_notes()",
        "insert into of_tomorrow (what) values ('x'); update of_tomorrow set what = 'y'; delete from of_tomorrow",
    ] {
        assert_eq!(refusal(&mut server, allowed).await, None, "{allowed}");
    }
    server.close().await.unwrap();
    owner.close().await.unwrap();
}

#[tokio::test]
async fn all_that_a_server_does_a_lesser_role_can_do() {
    let options = TestDatabase::new().await;
    let (_, lesser) = lesser_role(&options).await;
    address(&options, &lesser)
        .make_ready(Upgrade::Check)
        .await
        .unwrap();
    let app = TestApp::on(options.by(lesser.clone()), settings()).await;
    let (me, now) = (app.patient(1).await, app.now);
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(20)), now)
        .await
        .unwrap();
    app.submit(1, me, &held, now).await.unwrap();
    audit::note(&app.database, Note::new(Kind::Denied)).await;
    app.database
        .write("test.tidy", move |mut tx| async move {
            account::tidy(&mut tx, now).await?;
            audit::tidy(&mut tx).await?;
            idempotency::tidy(&mut tx, now).await?;
            notification::outbox::tidy(&mut tx, now).await?;
            tx.commit().await
        })
        .await
        .unwrap();
    let close = SetAccess {
        caller: None,
        who: SignedIn::Patient(me),
        active: false,
        key: None,
    };
    set_access(&app.database, close, now).await.unwrap();
    renumber(&app.database, Country::default()).await.unwrap();
    locks(&app.database).await.unwrap();
    app.database.can_write().await.unwrap();
    let report = verify(&app.database, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    assert!(report.is_sound(), "{}", report.to_text());
    assert_eq!(app.count("select count(*) from security_notes").await, 2);
}

#[tokio::test]
async fn a_lesser_role_fills_a_demo() {
    let options = TestDatabase::new().await;
    let (_, lesser) = lesser_role(&options).await;
    let address = address(&options, &lesser);
    address.make_ready(Upgrade::Run).await.unwrap();
    let database = Database::connect(&address.url, &settings()).await.unwrap();
    assert_eq!(demo::seed(&database).await, Ok(true));
    database.close().await;
}

#[tokio::test]
async fn a_role_that_can_do_more_is_said() {
    let options = TestDatabase::new().await;
    let (role, lesser) = lesser_role(&options).await;
    let mut owner = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("alter role \"{role}\" superuser")))
        .execute(&mut owner)
        .await
        .unwrap();
    owner.close().await.unwrap();
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    address(&options, &lesser).make_ready(Upgrade::Run).await.unwrap();
    drop(guard);
    assert_eq!(heard.containing("the role that serves").len(), 1);
}

#[tokio::test]
async fn the_address_of_the_owner_has_a_name_of_its_own_in_errors() {
    let options = TestDatabase::new().await;
    let address = Address {
        url: options.to_url_lossy().to_string(),
        owner_url: Some("nonsense".to_owned()),
    };
    let error = address.make_ready(Upgrade::Run).await.unwrap_err();
    assert!(matches!(error, StartError::BadMigrateUrl), "{error}");
}
