//! A disk that can be full: a small file system of its own.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::Fallible;

/// Room for a cluster with all tables, its log and some minutes of bookings.
const SIZE: &str = "size=500m,mode=711";

/// What fills it.
const BALLAST: &str = "ballast";

/// A file system in memory, at a folder that was empty.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Puts it at a folder; `None` where this program may not, since that takes root and a system that lets it.
    pub fn mount(folder: &Path) -> Fallible<Option<Self>> {
        fs::create_dir_all(folder)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "janji-torture"])
            .arg(folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let is_there = mounted.is_ok_and(|status| status.success());
        Ok(is_there.then(|| Self {
            folder: folder.to_owned(),
        }))
    }

    /// Takes all the room that is left. What comes free later is taken by another call.
    pub fn fill(&self) -> io::Result<()> {
        let mut ballast = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join(BALLAST))?;
        for size in [1 << 20, 4 << 10, 1] {
            let piece = vec![0; size];
            loop {
                match ballast.write(&piece) {
                    Ok(1..) => {}
                    Ok(0) => break,
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Gives the room back.
    pub fn make_room(&self) -> io::Result<()> {
        fs::remove_file(self.folder.join(BALLAST))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also where a process that is ending has a file open there.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}
