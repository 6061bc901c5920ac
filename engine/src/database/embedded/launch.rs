//! Making a cluster and starting it.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::Stdio,
};

use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::{process::Child, time::Instant};

use super::{
    ClusterError, NAME, SERVER_ROLE, Settings,
    files::{file, last_lines},
    memory,
    place::{PORT, Place},
    programs::{Account, Binaries},
};

/// A log that has grown beyond this is put aside at the next start.
pub(super) const MAX_LOG: u64 = 16 * 1024 * 1024;

/// Starts a cluster that does not run, and waits until it answers.
pub(super) async fn launch(place: &Place, settings: &Settings, alone: bool) -> Result<Child, ClusterError> {
    let account = Account::for_data(&place.data)?;
    account.check_reach(&place.data)?;
    let binaries = Binaries::find(&account, &place.data).await?;
    if !place.data.join("PG_VERSION").exists() {
        initialize(place, settings, &account, &binaries).await?;
    }
    prepare_socket_dir(place, &account)?;
    if alone {
        put_log_aside(&place.log);
    }

    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&place.log)
        .and_then(|log| {
            log.set_permissions(Permissions::from_mode(0o600))?;
            Ok((log.try_clone()?, log))
        })
        .map_err(file("open", &place.log))?;

    let program = binaries.folder.join("postgres");
    let mut command = account.command(&program);
    command.arg("-D").arg(&place.data);
    let memory = memory_settings(place, settings);
    for setting in server_settings(place, settings).into_iter().chain(memory) {
        command.arg("-c").arg(setting);
    }
    command
        // Ctrl-C in a terminal reaches its whole process group. Janji has work to finish before its database goes.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.0)
        .stderr(log.1);
    let started = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|source| ClusterError::Run { program, source })?;
    if let Err(error) = place.wait_until_ready(Some(&mut child)).await {
        // Nobody will use it; the error to report is the first one.
        let _ = place.shut_down(Some(&mut child)).await;
        return Err(error);
    }
    tracing::info!(
        version = binaries.version,
        user = account.name,
        data = %place.data.display(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "started PostgreSQL"
    );
    Ok(child)
}

/// Memory that fits the machine, where nobody has chosen another amount in the files of the cluster. Tests go without.
fn memory_settings(place: &Place, settings: &Settings) -> Vec<OsString> {
    let Some(bytes) = memory::available().filter(|_| settings.durable) else {
        return Vec::new();
    };
    memory::settings(bytes, settings.max_connections)
        .into_iter()
        .filter(|(name, _)| !memory::is_tuned(&place.data, name))
        .map(|(name, value)| OsString::from(format!("{name}={value}")))
        .collect()
}

/// Settings that are not left to `postgresql.conf`: the promises that Janji makes, and who can connect. All else may be tuned
/// there.
pub(super) fn server_settings(place: &Place, settings: &Settings) -> Vec<OsString> {
    let mut socket_dir = OsString::from("unix_socket_directories=");
    // A list, in which a quoted part may hold anything.
    socket_dir.push("\"");
    socket_dir.push(&place.socket_dir);
    socket_dir.push("\"");
    let promise = if settings.durable { "on" } else { "off" };
    let mut all = vec![socket_dir];
    all.extend(
        [
            "listen_addresses=".to_owned(),
            format!("port={PORT}"),
            "unix_socket_permissions=0700".to_owned(),
            format!("max_connections={}", settings.max_connections),
            format!("fsync={promise}"),
            format!("synchronous_commit={promise}"),
            format!("full_page_writes={promise}"),
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
            "log_min_messages=warning".to_owned(),
            // The detail of a violated constraint quotes the row: names and phone numbers have no place in a log.
            "log_error_verbosity=terse".to_owned(),
            "log_min_error_statement=panic".to_owned(),
        ]
        .map(OsString::from),
    );
    all
}

/// Makes the cluster. It comes to its name only when it is complete, so that a start which is interrupted here
/// leaves nothing that looks like one.
pub(super) async fn initialize(
    place: &Place,
    settings: &Settings,
    account: &Account,
    binaries: &Binaries,
) -> Result<(), ClusterError> {
    tracing::info!(data = %place.data.display(), "making a new PostgreSQL cluster");
    let unfinished = place.data.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(file("remove", &unfinished))?;
    }
    account.make_private_dir(&unfinished)?;
    let program = binaries.folder.join("initdb");
    let mut command = account.command(&program);
    command.arg("-D").arg(&unfinished).args([
        "--username",
        NAME,
        // Whoever can open the socket is the owner of the files, or root.
        "--auth=trust",
        "--encoding=UTF8",
        // Sorts by code point: an index does not depend on the system's language data, which changes with upgrades.
        "--locale=C.UTF-8",
        "--no-instructions",
    ]);
    if settings.durable {
        command.arg("--data-checksums");
    } else {
        command.arg("--no-sync");
    }
    let output = command
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|source| ClusterError::Run { program, source })?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let _ = fs::remove_dir_all(&unfinished);
        return Err(ClusterError::InitFailed {
            data: place.data.clone(),
            output: last_lines(&String::from_utf8_lossy(&text)),
        });
    }
    fs::rename(&unfinished, &place.data).map_err(file("create", &place.data))?;
    if let (true, Some(parent)) = (settings.durable, place.data.parent()) {
        File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(file("write", parent))?;
    }
    Ok(())
}

/// The database in the cluster, which a new cluster does not have yet.
pub(super) async fn create_database(place: &Place) -> Result<(), ClusterError> {
    let mut connection: PgConnection = place.options("postgres").connect().await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(NAME)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        sqlx::query("create database janji")
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}

/// The role that serves, also in a cluster of earlier days, where the owner served. What it may do with tables is given to it
/// after the migrations; of the cluster it sees how busy it is, and nobody else but the owner has any business in it.
pub(super) async fn create_server_role(place: &Place) -> Result<(), ClusterError> {
    let mut connection: PgConnection = place.options(NAME).connect().await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
        .bind(SERVER_ROLE)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        for statement in [
            "create role janji_server login nosuperuser nocreatedb nocreaterole noreplication nobypassrls",
            "grant pg_read_all_stats to janji_server",
        ] {
            sqlx::query(statement).execute(&mut connection).await?;
        }
    }
    // Without temporary tables, too. A copy of the data that was restored by hand has these as a new database has them.
    for statement in [
        "revoke all on database janji from public",
        "grant connect on database janji to janji_server",
    ] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}

/// The folder of the socket: its mode is what keeps everybody else out of the database.
pub(super) fn prepare_socket_dir(place: &Place, account: &Account) -> Result<(), ClusterError> {
    let folder = &place.socket_dir;
    match fs::symlink_metadata(folder) {
        // Under /tmp anybody may have made it before us.
        Ok(metadata) if !metadata.is_dir() || metadata.uid() != account.uid => {
            Err(ClusterError::NotOurs(folder.clone()))
        }
        Ok(_) => fs::set_permissions(folder, Permissions::from_mode(0o700))
            .map_err(file("close to others", folder)),
        Err(_) => account.make_private_dir(folder),
    }
}

pub(super) fn put_log_aside(log: &Path) {
    if fs::metadata(log).is_ok_and(|metadata| metadata.len() > MAX_LOG) {
        // Only a matter of space.
        let _ = fs::rename(log, log.with_extension("log.old"));
    }
}
