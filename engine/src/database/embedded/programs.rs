//! The installed PostgreSQL, and whom it runs as.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::{DirBuilderExt, MetadataExt, chown},
    path::{Path, PathBuf},
};

use nix::unistd::{Uid, User};
use tokio::process::Command;

use super::{ClusterError, files::file};

/// The oldest PostgreSQL that Janji is tested with.
pub(super) const OLDEST: u32 = 15;

/// The user that PostgreSQL runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) name: String,
    /// Whether it is another one than we are ourselves, so that processes and folders have to be handed over.
    pub(super) other: bool,
}

impl Account {
    /// Ourselves; or, since PostgreSQL refuses to run as root, the owner of the data or else a user that is there for it.
    pub(super) fn for_data(data: &Path) -> Result<Self, ClusterError> {
        let owner = fs::metadata(data)
            .ok()
            .map(|metadata| Uid::from_raw(metadata.uid()));
        let us = Uid::effective();
        if !us.is_root() {
            if owner.is_some_and(|owner| owner != us) {
                return Err(ClusterError::NotOurs(data.to_owned()));
            }
            return Ok(Self {
                uid: us.as_raw(),
                gid: nix::unistd::Gid::effective().as_raw(),
                name: User::from_uid(us)
                    .ok()
                    .flatten()
                    .map_or_else(|| us.to_string(), |user| user.name),
                other: false,
            });
        }
        let by_owner = owner
            .filter(|owner| !owner.is_root())
            .and_then(|owner| User::from_uid(owner).ok().flatten());
        let by_name = || {
            ["postgres", "nobody"]
                .iter()
                .find_map(|name| User::from_name(name).ok().flatten())
        };
        let user = by_owner.or_else(by_name).ok_or(ClusterError::NoUser)?;
        Ok(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            name: user.name,
            other: true,
        })
    }

    /// A program, run as this user and without the settings that a shell may have for PostgreSQL's tools.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Messages that are looked up and quoted are in English. The folder we are in may be closed to this user.
        command.env("LC_ALL", "C").current_dir("/");
        if self.other {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// A folder that only this user can enter.
    pub(super) fn make_private_dir(&self, path: &Path) -> Result<(), ClusterError> {
        DirBuilder::new()
            .mode(0o700)
            .create(path)
            .map_err(file("create", path))?;
        if self.other {
            chown(path, Some(self.uid), Some(self.gid)).map_err(file("hand over", path))?;
        }
        Ok(())
    }

    /// Whether this user can get to where the data will be: root's home, for one, is closed to everybody else.
    pub(super) fn check_reach(&self, data: &Path) -> Result<(), ClusterError> {
        for folder in data.ancestors().skip(1).collect::<Vec<_>>().into_iter().rev() {
            let metadata = fs::metadata(folder).map_err(file("look at", folder))?;
            if !may_enter(
                metadata.mode(),
                (metadata.uid(), metadata.gid()),
                (self.uid, self.gid),
            ) {
                return Err(ClusterError::Unreachable {
                    user: self.name.clone(),
                    folder: folder.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Whether a folder of that mode and owner lets a user pass, who has no further groups.
pub(super) fn may_enter(mode: u32, (owner, group): (u32, u32), (uid, gid): (u32, u32)) -> bool {
    if uid == owner {
        mode & 0o100 != 0
    } else if gid == group {
        mode & 0o010 != 0
    } else {
        mode & 0o001 != 0
    }
}

/// An installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) version: u32,
}

impl Binaries {
    /// The PostgreSQL to run: the one that wrote the data, or, for new data, the first that is new enough.
    pub(super) async fn find(account: &Account, data: &Path) -> Result<Self, ClusterError> {
        let written_by: Option<u32> = fs::read_to_string(data.join("PG_VERSION"))
            .ok()
            .and_then(|version| version.trim().parse().ok());
        let mut too_old = None;
        for folder in candidates() {
            let Some(version) = version_of(account, &folder).await else {
                continue;
            };
            if written_by.is_some_and(|wanted| wanted != version) {
                continue;
            }
            if version >= OLDEST {
                return Ok(Self { folder, version });
            }
            too_old.get_or_insert(ClusterError::TooOld {
                found: version,
                folder,
            });
        }
        Err(match (written_by, too_old) {
            (_, Some(too_old)) => too_old,
            (Some(version), None) => ClusterError::OtherVersion {
                data: data.to_owned(),
                version,
            },
            (None, None) => ClusterError::NotFound,
        })
    }
}

/// Where programs of PostgreSQL may be, best first.
pub(super) fn candidates() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("JANJI_POSTGRES_BIN") {
        return vec![folder.into()];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = std::env::split_paths(&path)
        // A link to `postgres` says where `initdb` is, too.
        .filter_map(|folder| Some(folder.join("postgres").canonicalize().ok()?.parent()?.to_owned()))
        .collect();
    // Debian and Red Hat keep them out of the path, so that several versions can live side by side.
    let mut versions: Vec<(u32, PathBuf)> = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")]
        .iter()
        .flat_map(|(parent, prefix)| {
            fs::read_dir(parent)
                .into_iter()
                .flatten()
                .filter_map(move |entry| {
                    let entry = entry.ok()?;
                    let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
                    Some((version, entry.path().join("bin")))
                })
        })
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    all.extend(versions.into_iter().map(|(_, folder)| folder));
    all
}

/// The major version of the server in a folder, if there is one that this user can run.
pub(super) async fn version_of(account: &Account, folder: &Path) -> Option<u32> {
    if !folder.join("initdb").exists() {
        return None;
    }
    let output = account
        .command(&folder.join("postgres"))
        .arg("--version")
        .output()
        .await
        .ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is version 15, and `17beta1` is 17.
pub(super) fn parse_version(text: &str) -> Option<u32> {
    let version = text.split(')').nth(1)?.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
