//! The program itself, as an operator starts it.

use std::{process::Stdio, time::Duration};

use sqlx::ConnectOptions;
use tokio::process::Command;

use crate::engine_support::TestDatabase;
use crate::support::TestApp;

/// What a program has said: its exit code, and its lines on standard output and standard error.
struct Said {
    code: Option<i32>,
    out: String,
    errors: String,
}

/// Runs the program until it ends, with nothing in its environment but these variables.
async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_janji"));
    command
        .args(arguments)
        .env_clear()
        .env("RUST_LOG", "off")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(120), command.output())
        .await
        .expect("it goes on running")
        .unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn the_demo_does_not_start_on_the_database_of_a_clinic() {
    let app = TestApp::new().await;
    let url = app.options.to_url_lossy().to_string();
    let before = app.count("select count(*) from staff").await;
    for arguments in [
        &["serve", "--demo", "--addr", "127.0.0.1:0"][..],
        &["--demo", "--addr", "127.0.0.1:0", "serve", "--no-migrate"],
        &["seed"],
    ] {
        let said = run(arguments, &[("DATABASE_URL", &url)]).await;
        assert_eq!(said.code, Some(1), "{arguments:?}: {}", said.errors);
        assert_eq!(said.errors.lines().count(), 1, "{arguments:?}: {}", said.errors);
        assert!(
            said.errors.starts_with("janji: this database is a clinic's"),
            "{arguments:?}: {}",
            said.errors
        );
        // Nobody is told where it is, or with which password to come in.
        assert_eq!(said.out, "", "{arguments:?}");
    }
    // By an option or by the environment, it is the same.
    let variables = [
        ("DATABASE_URL", &*url),
        ("JANJI_DEMO", "true"),
        ("JANJI_ADDR", "127.0.0.1:0"),
    ];
    assert_eq!(run(&["serve"], &variables).await.code, Some(1));
    assert_eq!(app.count("select count(*) from staff").await, before);
    assert_eq!(app.count("select count(*) from demo_marks").await, 0);
}

#[tokio::test]
async fn the_url_of_the_owner_alone_is_refused() {
    let options = TestDatabase::new().await;
    let url = options.to_url_lossy().to_string();
    let said = run(&["migrate"], &[("JANJI_MIGRATE_URL", &url)]).await;
    assert_eq!(said.code, Some(1), "{}", said.errors);
    assert!(
        said.errors.starts_with("janji: JANJI_MIGRATE_URL is"),
        "{}",
        said.errors
    );
    let both = [("JANJI_MIGRATE_URL", &*url), ("DATABASE_URL", &*url)];
    let said = run(&["migrate"], &both).await;
    assert_eq!((said.code, said.errors.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused_in_one_line() {
    let app = TestApp::new().await;
    app.sql(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9998, 'of tomorrow', true, '\\x01', 1)",
    )
    .await;
    let url = app.options.to_url_lossy().to_string();
    let before = app.count("select count(*) from staff").await;
    for arguments in [
        &["serve", "--addr", "127.0.0.1:0"][..],
        &["--addr", "127.0.0.1:0", "serve", "--no-migrate"],
        &["migrate"],
        &[
            "admin",
            "--email",
            "new@example.org",
            "--name",
            "New",
            "--password",
            "long enough to be one",
        ],
    ] {
        let said = run(arguments, &[("DATABASE_URL", &url)]).await;
        assert_eq!(said.code, Some(1), "{arguments:?}: {}", said.errors);
        assert_eq!(said.errors.lines().count(), 1, "{arguments:?}: {}", said.errors);
        assert!(
            said.errors
                .starts_with("janji: the tables are those of a newer Janji: they have migration 9998"),
            "{arguments:?}: {}",
            said.errors
        );
        assert_eq!(said.out, "", "{arguments:?}");
    }
    assert_eq!(app.count("select count(*) from staff").await, before);
    // Whoever only looks may look.
    let said = run(&["doctor"], &[("DATABASE_URL", &url)]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(
        said.out.contains("are those of a newer Janji (migration 9998"),
        "{}",
        said.out
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_well() {
    // Nobody listens where somebody did a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    for arguments in [&["health"][..], &["health", "--ready"]] {
        let said = run(arguments, &[("JANJI_ADDR", &address)]).await;
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
        assert!(
            said.errors
                .starts_with(&format!("janji: the server at {address} does not answer")),
            "{}",
            said.errors
        );
        assert_eq!(said.errors.lines().count(), 1, "{}", said.errors);
    }
}

#[tokio::test]
async fn the_doctor_looks_at_an_installation_in_one_screen() {
    let app = TestApp::new().await;
    let url = app.options.to_url_lossy().to_string();
    let said = run(&["doctor"], &[("DATABASE_URL", &url)]).await;
    for line in [
        "ok       database      PostgreSQL ",
        "ok       tables        are up to date",
        "ok       clock         agrees with that of the database",
        "warning  backups       Janji has made none",
        "warning  settings      nobody knows the address",
        "warning  messages      no sender of messages is configured",
        "warning  secret key    there is none",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    assert!(said.out.lines().count() < 24, "{}", said.out);
    // What scratch databases of tests are set to is wrong for a clinic.
    let is_durable = app
        .count("select count(*) from pg_settings where name = 'fsync' and setting = 'on'")
        .await
        == 1;
    assert_eq!(said.code, Some(i32::from(!is_durable)), "{}", said.out);
    app.sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .await;
    let said = run(&["doctor"], &[("DATABASE_URL", &url)]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("WRONG    tables "), "{}", said.out);
}

#[tokio::test]
async fn the_doctor_says_what_else_it_found_where_the_database_is_gone() {
    let variables = [
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
        // Nobody listens there, either.
        ("JANJI_PUBLIC_URL", "https://127.0.0.1:1"),
    ];
    let said = run(&["doctor"], &variables).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(
        said.out
            .contains("WRONG    database      PostgreSQL cannot be reached"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("WRONG    public URL    does not answer from here"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("ok       settings      people find Janji at https://127.0.0.1:1"),
        "{}",
        said.out
    );
}
