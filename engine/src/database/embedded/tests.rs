//! Clusters that are started, shared, killed and moved.

use std::{ffi::OsString, os::unix::fs::PermissionsExt};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{
    files::last_lines,
    launch::server_settings,
    place::{MAX_SOCKET_PATH, socket_in},
    programs::{may_enter, parse_version},
    *,
};

#[test]
fn versions_are_read_as_the_distributions_write_them() {
    for (text, version) in [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
        ("postgres (PostgreSQL) 18.4\n", Some(18)),
        ("postgres (PostgreSQL) 17beta1\n", Some(17)),
        ("postgres: command not found\n", None),
        ("", None),
    ] {
        assert_eq!(parse_version(text), version, "{text:?}");
    }
}

#[test]
fn a_url_names_the_socket_in_the_data_directory() {
    let place = Place::of(Path::new("/var/lib/janji"));
    assert_eq!(
        place.url(NAME),
        "postgres:///janji?host=%2Fvar%2Flib%2Fjanji%2Frun&port=5432&user=janji"
    );
    assert!(!place.socket_is_elsewhere());
}

#[test]
fn sqlx_reads_the_url_of_any_path() {
    let place = Place::of(Path::new("/srv/Klinik Sehat & Söhne/100%"));
    let options: PgConnectOptions = place.url(NAME).parse().unwrap();
    assert_eq!(options.get_socket(), Some(&place.socket_dir));
    assert_eq!(
        (options.get_username(), options.get_database()),
        ("janji", Some("janji"))
    );
}

#[test]
fn a_long_path_gets_a_short_socket_that_is_always_the_same() {
    let long = Path::new("/srv").join("x".repeat(120));
    let place = Place::of(&long);
    assert!(place.socket_is_elsewhere());
    assert!(socket_in(&place.socket_dir).as_os_str().len() <= MAX_SOCKET_PATH);
    assert_eq!(place, Place::of(&long));
    assert_ne!(place.socket_dir, Place::of(&long.join("y")).socket_dir);
}

#[test]
fn the_longest_path_that_fits_keeps_its_socket() {
    let room = MAX_SOCKET_PATH - "/run/.s.PGSQL.5432".len();
    let fits = PathBuf::from(format!("/{}", "x".repeat(room - 1)));
    assert!(!Place::of(&fits).socket_is_elsewhere());
    let too_long = PathBuf::from(format!("/{}", "x".repeat(room)));
    assert!(Place::of(&too_long).socket_is_elsewhere());
}

#[test]
fn a_folder_is_entered_as_owner_or_group_or_other() {
    let (postgres, root) = ((101, 104), (0, 0));
    assert!(may_enter(0o755, root, postgres));
    assert!(may_enter(0o711, root, postgres));
    assert!(!may_enter(0o700, root, postgres));
    assert!(!may_enter(0o710, root, postgres));
    assert!(may_enter(0o710, (0, 104), postgres));
    assert!(may_enter(0o700, postgres, postgres));
    // The class that applies is the first that matches, also where a later one would allow more.
    assert!(!may_enter(0o071, (101, 104), postgres));
    assert!(!may_enter(0o701, (0, 104), postgres));
}

#[test]
fn only_tests_do_without_durability() {
    let place = Place::of(Path::new("/var/lib/janji"));
    let mut settings = Settings {
        data_dir: "/var/lib/janji".into(),
        durable: true,
        max_connections: 64,
    };
    let durable = server_settings(&place, &settings);
    for promise in [
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on",
        "listen_addresses=",
    ] {
        assert!(durable.contains(&OsString::from(promise)), "{promise}");
    }
    settings.durable = false;
    assert!(server_settings(&place, &settings).contains(&OsString::from("fsync=off")));
}

#[test]
fn an_error_quotes_the_end_of_the_output_on_one_line() {
    assert_eq!(last_lines("one\n\ntwo\n three \nfour\n"), "two; three; four");
    assert_eq!(last_lines(""), "");
}

/// A data directory of its own, gone with the test.
struct Scratch(Settings);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = format!("janji-cluster-{name}-{}", std::process::id());
        Self(Settings {
            data_dir: std::env::temp_dir().join(folder),
            durable: false,
            max_connections: 20,
        })
    }

    async fn start(&self) -> Cluster {
        Cluster::start(&self.0).await.unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0.data_dir);
    }
}

async fn answers(url: &str) -> bool {
    let Ok(mut connection) = PgConnection::connect(url).await else {
        return false;
    };
    sqlx::query_scalar("select true")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_last_to_leave_stops_the_cluster_that_two_shared() {
    let scratch = Scratch::new("shared");
    let (one, other) = tokio::join!(scratch.start(), scratch.start());
    let url = one.url().to_owned();
    assert_eq!(url, other.url());
    assert_eq!(url, Cluster::url_of(&scratch.0.data_dir));

    one.stop().await.unwrap();
    assert!(answers(&url).await);
    let place = other.place.clone();
    other.stop().await.unwrap();
    assert!(!answers(&url).await);
    assert!(place.processes().is_empty());
}

/// Runs one statement, and says the code of PostgreSQL's refusal.
async fn refusal(connection: &mut PgConnection, statement: &'static str) -> Option<String> {
    let error = sqlx::raw_sql(statement).execute(connection).await.err()?;
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn the_role_that_serves_works_with_rows_and_changes_nothing_else() {
    let scratch = Scratch::new("roles");
    let cluster = scratch.start().await;
    // A folder of earlier days: the owner has served, and there is no other role.
    let mut owner = PgConnection::connect(cluster.url()).await.unwrap();
    crate::database::migration::migrate(cluster.url()).await.unwrap();
    for statement in [
        "insert into security_notes (kind, actor) values ('denied', 'visitor')",
        "revoke all on database janji from janji_server",
        "drop owned by janji_server; drop role janji_server",
    ] {
        sqlx::raw_sql(statement).execute(&mut owner).await.unwrap();
    }
    cluster.stop().await.unwrap();

    let cluster = scratch.start().await;
    let address = cluster.address();
    for tables in [
        crate::database::migration::Upgrade::Run,
        crate::database::migration::Upgrade::Check,
        crate::database::migration::Upgrade::Run,
    ] {
        address.make_ready(tables).await.unwrap();
    }
    let mut server = PgConnection::connect(&address.url).await.unwrap();
    let who: String = sqlx::query_scalar("select current_user::text")
        .fetch_one(&mut server)
        .await
        .unwrap();
    assert_eq!(who, SERVER_ROLE);
    for allowed in [
        "insert into security_notes (kind, actor) values ('denied', 'visitor')",
        "select * from security_notes",
        "select forget_old_security_notes()",
        "select * from patients for update",
        "update patients set name = name",
        "select * from _sqlx_migrations",
        "select * from patients_of_doctors",
    ] {
        assert_eq!(refusal(&mut server, allowed).await, None, "{allowed}");
    }
    for refused in [
        "insert into security_notes (kind, actor, noted_at) values ('denied', 'visitor', now() - interval '2 years')",
        "update security_notes set kind = 'sign_in'",
        "delete from security_notes",
        "truncate security_notes",
        "delete from patient_reads",
        "alter table security_notes disable trigger all",
        "drop trigger security_notes_stay on security_notes",
        "drop table security_notes",
        "drop function security_notes_stay() cascade",
        "create or replace function security_notes_stay() returns trigger language plpgsql as 'begin return old; end'",
        "set session_replication_role = replica",
        "create table mine (id bigint)",
        "create temporary table mine (id bigint)",
        "create schema mine",
        "create role another superuser",
        "alter role janji_server superuser",
        "set role janji",
        "set session authorization janji",
        "update _sqlx_migrations set success = false",
        "alter table patients add column more text",
        "copy (select 1) to program 'true'",
        "select pg_read_file('postgresql.conf')",
        "alter system set fsync = off",
    ] {
        assert_eq!(
            refusal(&mut server, refused).await.as_deref(),
            Some("42501"),
            "{refused}"
        );
    }
    // Tables of a later release are there for a server of this one.
    sqlx::raw_sql("create table of_tomorrow (id bigint)")
        .execute(&mut owner_of(&cluster).await)
        .await
        .unwrap();
    assert_eq!(
        refusal(&mut server, "insert into of_tomorrow values (1)").await,
        None
    );
    let count = sqlx::query_scalar::<_, i64>("select count(*) from security_notes");
    assert_eq!(count.fetch_one(&mut server).await.unwrap(), 2);
    server.close().await.unwrap();
    cluster.stop().await.unwrap();
}

async fn owner_of(cluster: &Cluster) -> PgConnection {
    PgConnection::connect(cluster.url()).await.unwrap()
}

#[tokio::test]
async fn a_cluster_that_outlived_its_janji_is_joined_and_stopped() {
    let scratch = Scratch::new("outlived");
    let killed = scratch.start().await;
    let pid = killed.place.recorded_pid();
    // What a `kill -9` leaves: the locks are gone, PostgreSQL is not.
    drop(killed);

    let next = scratch.start().await;
    assert_eq!(next.place.recorded_pid(), pid);
    assert!(answers(next.url()).await);
    let place = next.place.clone();
    next.stop().await.unwrap();
    assert!(place.processes().is_empty());
}

#[tokio::test]
async fn a_cluster_behind_a_link_is_known_and_stopped() {
    let scratch = Scratch::new("linked");
    let disk = Scratch::new("disk");
    let (data_dir, larger) = (&scratch.0.data_dir, &disk.0.data_dir);
    // First a link to where nothing is yet, then one to data that was moved, then a link to the data directory.
    for folder in [data_dir, larger] {
        fs::create_dir_all(folder).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    std::os::unix::fs::symlink(larger.join("first"), data_dir.join("postgres")).unwrap();
    scratch.start().await.stop().await.unwrap();
    assert!(larger.join("first/PG_VERSION").exists());

    fs::rename(larger.join("first"), larger.join("second")).unwrap();
    fs::remove_file(data_dir.join("postgres")).unwrap();
    std::os::unix::fs::symlink(larger.join("second"), data_dir.join("postgres")).unwrap();
    let link = larger.join("link");
    std::os::unix::fs::symlink(data_dir, &link).unwrap();
    let mut settings = scratch.0.clone();
    settings.data_dir = link;
    let cluster = Cluster::start(&settings).await.unwrap();
    let (url, place) = (cluster.url().to_owned(), cluster.place.clone());
    assert!(answers(&url).await);
    assert!(place.is_running());
    assert!(place.postmaster(false).await.unwrap().is_some());
    cluster.stop().await.unwrap();
    assert!(!answers(&url).await);
    assert!(place.processes().is_empty());
    assert!(!larger.join("second/postmaster.pid").exists());
}

#[tokio::test]
async fn a_cluster_that_was_killed_is_started_again() {
    let scratch = Scratch::new("watched");
    let (mut one, mut other) = tokio::join!(scratch.start(), scratch.start());
    let (url, place) = (one.url().to_owned(), one.place.clone());
    let killed = place.recorded_pid().unwrap();
    kill(Pid::from_raw(killed), Signal::SIGKILL).unwrap();
    let back = async {
        while place.recorded_pid() == Some(killed) || !answers(&url).await {
            sleep(POLL).await;
        }
    };
    tokio::select! {
        _ = one.watch() => {}
        _ = other.watch() => {}
        back = tokio::time::timeout(READY_WITHIN, back) => back.unwrap(),
    }
    one.stop().await.unwrap();
    assert!(answers(&url).await);
    other.stop().await.unwrap();
    assert!(place.processes().is_empty());
}

#[tokio::test]
async fn a_cluster_starts_after_a_crash() {
    let scratch = Scratch::new("crashed");
    let crashed = scratch.start().await;
    let place = crashed.place.clone();
    kill(Pid::from_raw(place.recorded_pid().unwrap()), Signal::SIGKILL).unwrap();
    drop(crashed);
    // As after a restart, when the old number belongs to some other process: here, to this test.
    let pid_file = place.data.join("postmaster.pid");
    let rest = fs::read_to_string(&pid_file)
        .unwrap()
        .split_once('\n')
        .unwrap()
        .1
        .to_owned();
    fs::write(&pid_file, format!("{}\n{rest}", std::process::id())).unwrap();

    let next = scratch.start().await;
    assert!(answers(next.url()).await);
    next.stop().await.unwrap();
}
