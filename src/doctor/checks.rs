//! The rules by which something is fine, deserves a warning, or is wrong.

use std::time::Duration;

use engine::{
    appointment::HeldBack,
    installation::Standing,
    monitoring::installation::{Installation, Room},
};
use jiff::{SignedDuration, Timestamp};

use super::Finding;
use crate::{
    monitoring::about_old_check,
    notification::sender::{about_missing, senders},
    server::{
        Config,
        worker::{about_clock, about_held_back, is_wrong},
    },
};

/// A database that answers slower is far away, or busy.
const SLOW: Duration = Duration::from_millis(20);

/// The age at which a daily backup has been missing twice.
const OLD_BACKUP: SignedDuration = SignedDuration::from_hours(48);

/// The room below which a disk is nearly full, and below which PostgreSQL will stop soon.
const LITTLE_BYTES: u64 = 5 << 30;
const TOO_LITTLE_BYTES: u64 = 1 << 30;

/// The parts of a disk that have to be free, in percent, for the same two.
const LITTLE_PERCENT: u64 = 15;
const TOO_LITTLE_PERCENT: u64 = 3;

pub(super) fn settings(config: &Config) -> Vec<Finding> {
    vec![
        address(config),
        cookies(config),
        secret_key(config),
        messages(config),
    ]
}

fn address(config: &Config) -> Finding {
    match &config.messages.public_url {
        Some(url) => Finding::fine("settings", format!("people find Janji at {}", url.as_str())),
        None => Finding::warning(
            "settings",
            "nobody knows the address at which people find Janji: messages have no links; set JANJI_PUBLIC_URL",
        ),
    }
}

fn cookies(config: &Config) -> Finding {
    match config.secure_cookies {
        true => Finding::fine("cookies", "go over HTTPS alone"),
        false => Finding::warning(
            "cookies",
            "also go over HTTP, where others can read them: put a proxy with TLS in front, and set JANJI_SECURE_COOKIES",
        ),
    }
}

fn secret_key(config: &Config) -> Finding {
    match &config.accounts.secret_key {
        Some(_) => Finding::fine("secret key", "seals what is secret in the database"),
        None => Finding::warning(
            "secret key",
            "there is none: secrets are in the database, and in its backups, as they are; set JANJI_SECRET_KEY_FILE",
        ),
    }
}

fn messages(config: &Config) -> Finding {
    match senders(&config.messages, config.demo) {
        Err(error) => Finding::wrong("messages", error.to_string()),
        Ok(senders) => match about_missing(&senders) {
            Some(missing) => Finding::warning("messages", missing),
            None => Finding::fine(
                "messages",
                "there is a sender; `janji message test --to …` tries it",
            ),
        },
    }
}

pub(super) fn disk(room: Option<Room>) -> Finding {
    let Some(Room {
        free_bytes,
        total_bytes,
    }) = room
    else {
        return Finding::wrong(
            "disk",
            "the folder of the data cannot be looked at: see --data-dir",
        );
    };
    let percent = 100 * free_bytes / total_bytes.max(1);
    let text = format!(
        "{} of {} are free ({percent} %)",
        size(free_bytes),
        size(total_bytes)
    );
    if free_bytes < TOO_LITTLE_BYTES || percent < TOO_LITTLE_PERCENT {
        Finding::wrong("disk", format!("{text}: make room, PostgreSQL will stop soon"))
    } else if free_bytes < LITTLE_BYTES && percent < LITTLE_PERCENT {
        Finding::warning("disk", format!("{text}: make room"))
    } else {
        Finding::fine("disk", text)
    }
}

/// A number of bytes, for people.
fn size(bytes: u64) -> String {
    let megabytes = bytes >> 20;
    match megabytes {
        0..1024 => format!("{megabytes} MB"),
        _ => format!("{:.1} GB", megabytes as f64 / 1024.0),
    }
}

pub(super) fn database(found: &Installation, pool_size: u32) -> Vec<Finding> {
    vec![
        server(found),
        durability(found),
        connections(found, pool_size),
        tables(found),
        clock(found.ahead),
    ]
}

fn server(found: &Installation) -> Finding {
    let bytes = u64::try_from(found.bytes).unwrap_or_default();
    let text = format!(
        "PostgreSQL {}, {} of data, answers in {:.1} ms",
        found.version,
        size(bytes),
        found.latency.as_secs_f64() * 1000.0
    );
    match found.latency > SLOW {
        true => Finding::warning(
            "database",
            format!("{text}: it is far away or busy, and every page waits for it"),
        ),
        false => Finding::fine("database", text),
    }
}

fn durability(found: &Installation) -> Finding {
    if found.unsafe_settings.is_empty() {
        return Finding::fine("durability", "what is acknowledged is on disk");
    }
    let wrong: Vec<String> = found
        .unsafe_settings
        .iter()
        .map(|(name, wanted)| format!("{name} has to be {wanted}"))
        .collect();
    Finding::wrong(
        "durability",
        format!(
            "{}: a power cut loses bookings or the whole database",
            wrong.join(", ")
        ),
    )
}

fn connections(found: &Installation, pool_size: u32) -> Finding {
    let text = format!(
        "{} of {} are open, and this server takes up to {pool_size}",
        found.connections, found.most_connections
    );
    let others = found.connections.saturating_add(i64::from(pool_size));
    match others > i64::from(found.most_connections) {
        true => Finding::warning(
            "connections",
            format!("{text}: they may run out; raise max_connections of PostgreSQL"),
        ),
        false => Finding::fine("connections", text),
    }
}

fn tables(found: &Installation) -> Finding {
    let (done, known) = (found.migration, found.newest_migration);
    if found.broken_migrations > 0 {
        return Finding::wrong(
            "tables",
            "a migration broke off: run `janji migrate`, and read what it says",
        );
    }
    match done.cmp(&known) {
        std::cmp::Ordering::Equal => Finding::fine("tables", format!("are up to date (migration {done})")),
        std::cmp::Ordering::Less => Finding::wrong(
            "tables",
            format!("are those of migration {done}, and this program needs {known}: run `janji migrate`"),
        ),
        std::cmp::Ordering::Greater => Finding::wrong(
            "tables",
            format!(
                "are those of a newer Janji (migration {done}; this program knows {known}): who runs goes on, and who starts \
                 refuses; install the new one here, too"
            ),
        ),
    }
}

fn clock(ahead: SignedDuration) -> Finding {
    match is_wrong(ahead) {
        true => Finding::wrong("clock", about_clock(ahead)),
        false => Finding::fine(
            "clock",
            format!("agrees with that of the database ({:+.1} s)", ahead.as_secs_f64()),
        ),
    }
}

pub(super) fn backups(standing: &Standing, now: Timestamp) -> Finding {
    let Some(last) = &standing.last_backup else {
        return Finding::warning(
            "backups",
            "Janji has made none: set JANJI_BACKUP_DIR, unless another program makes them",
        );
    };
    let age = now.duration_since(last.ended_at);
    let text = format!("the last one was made {} hours ago", age.as_hours().max(0));
    match age > OLD_BACKUP {
        true => Finding::warning(
            "backups",
            format!("{text}: see the log for why there is none since"),
        ),
        false => Finding::fine("backups", text),
    }
}

pub(super) fn integrity(age: Option<SignedDuration>) -> Finding {
    match age {
        Some(age) => Finding::warning("integrity", about_old_check(age)),
        None => Finding::fine(
            "integrity",
            "was checked within the last hours; `janji verify` checks now",
        ),
    }
}

pub(super) fn held_back(held_back: HeldBack) -> Finding {
    Finding::warning("requests", about_held_back(held_back))
}

#[cfg(test)]
mod tests {
    use engine::installation::BackupMade;

    use super::*;
    use crate::doctor::Verdict;

    fn found() -> Installation {
        Installation {
            version: "17.2".to_owned(),
            latency: Duration::from_micros(400),
            unsafe_settings: Vec::new(),
            most_connections: 100,
            connections: 9,
            bytes: 3 << 30,
            migration: 350,
            newest_migration: 350,
            broken_migrations: 0,
            ahead: SignedDuration::from_millis(-200),
        }
    }

    fn verdicts(found: &Installation) -> Vec<Verdict> {
        database(found, 8).iter().map(|finding| finding.verdict).collect()
    }

    #[test]
    fn a_healthy_database_is_fine_in_every_way() {
        assert_eq!(verdicts(&found()), [Verdict::Fine; 5]);
        let text = &database(&found(), 8)[0].text;
        assert_eq!(text, "PostgreSQL 17.2, 3.0 GB of data, answers in 0.4 ms");
    }

    #[test]
    fn each_illness_is_found() {
        use Verdict::{Fine, Warning, Wrong};
        let cases = [
            (
                Installation {
                    latency: Duration::from_millis(80),
                    ..found()
                },
                [Warning, Fine, Fine, Fine, Fine],
            ),
            (
                Installation {
                    unsafe_settings: vec![("fsync", "on")],
                    ..found()
                },
                [Fine, Wrong, Fine, Fine, Fine],
            ),
            (
                Installation {
                    connections: 97,
                    ..found()
                },
                [Fine, Fine, Warning, Fine, Fine],
            ),
            (
                Installation {
                    migration: 349,
                    ..found()
                },
                [Fine, Fine, Fine, Wrong, Fine],
            ),
            (
                Installation {
                    migration: 351,
                    ..found()
                },
                [Fine, Fine, Fine, Wrong, Fine],
            ),
            (
                Installation {
                    broken_migrations: 1,
                    ..found()
                },
                [Fine, Fine, Fine, Wrong, Fine],
            ),
            (
                Installation {
                    ahead: SignedDuration::from_secs(600),
                    ..found()
                },
                [Fine, Fine, Fine, Fine, Wrong],
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(verdicts(&found), expected, "{found:?}");
        }
    }

    #[test]
    fn a_disk_is_judged_by_what_is_left() {
        let of = |free_bytes, total_bytes| {
            disk(Some(Room {
                free_bytes,
                total_bytes,
            }))
            .verdict
        };
        assert_eq!(of(50 << 30, 100 << 30), Verdict::Fine);
        // A small disk that is mostly empty, and a large one of which a small part is much.
        assert_eq!(of(4 << 30, 8 << 30), Verdict::Fine);
        assert_eq!(of(40 << 30, 1000 << 30), Verdict::Fine);
        assert_eq!(of(4 << 30, 100 << 30), Verdict::Warning);
        assert_eq!(of(512 << 20, 2 << 30), Verdict::Wrong);
        assert_eq!(of(20 << 30, 1000 << 30), Verdict::Wrong);
        assert_eq!(disk(None).verdict, Verdict::Wrong);
    }

    #[test]
    fn a_backup_that_is_missing_is_said() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let standing = |hours: Option<i64>| Standing {
            paused_since: None,
            restored_from: None,
            last_backup: hours.map(|hours| BackupMade {
                ended_at: now - SignedDuration::from_hours(hours),
                name: "daily-1.janji".to_owned(),
                bytes: 1,
                rows: 1,
            }),
            waiting: 0,
            failed: 0,
        };
        for (hours, verdict) in [
            (None, Verdict::Warning),
            (Some(0), Verdict::Fine),
            (Some(48), Verdict::Fine),
            (Some(49), Verdict::Warning),
        ] {
            assert_eq!(backups(&standing(hours), now).verdict, verdict, "{hours:?}");
        }
        assert_eq!(
            backups(&standing(Some(9)), now).text,
            "the last one was made 9 hours ago"
        );
    }
}
