//! The file of a backup: it comes to its name only when it is whole and on the disk, and only its owner can read it.

use std::{
    collections::{BTreeMap, HashSet},
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{BackupError, FOOT, Foot, hex};

/// Where a backup goes.
#[derive(Clone, Debug)]
pub enum Target {
    /// A file that is not there yet.
    File(PathBuf),
    /// A folder, which is made where it is not there; the file is named by a prefix and its moment.
    Folder(PathBuf, &'static str),
    /// For a pipe, such as one that encrypts.
    StandardOutput,
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The moment that it is of.
    pub taken_at: Timestamp,
    /// The file; none where it went elsewhere.
    pub path: Option<PathBuf>,
    /// The size of the file.
    pub bytes: u64,
    pub rows: u64,
}

/// The bytes that are written at a time.
const CHUNK: usize = 64 * 1024;
/// The chunks that may wait for the disk: the database waits then.
const CHUNKS: usize = 16;

enum Part {
    Text(Vec<u8>),
    End(BTreeMap<String, u64>, BTreeMap<String, i64>),
}

/// Writes a backup on a thread of its own.
pub(super) struct Writer {
    taken_at: Timestamp,
    parts: mpsc::Sender<Part>,
    buffer: Vec<u8>,
    thread: JoinHandle<Result<(u64, u64), BackupError>>,
    path: Option<PathBuf>,
}

impl Writer {
    pub fn open(target: &Target, taken_at: Timestamp) -> Result<Self, BackupError> {
        let path = match target {
            Target::File(path) => Some(path.clone()),
            Target::Folder(folder, prefix) => {
                make_folder(folder)?;
                Some(folder.join(name(prefix, taken_at)))
            }
            Target::StandardOutput => None,
        };
        let (parts, receiver) = mpsc::channel(CHUNKS);
        let thread = match path.clone() {
            Some(path) => {
                if path.exists() {
                    return Err(BackupError::Exists(path));
                }
                let unfinished = Unfinished::open(&path)?;
                tokio::task::spawn_blocking(move || write_file(unfinished, receiver))
            }
            None => tokio::task::spawn_blocking(move || {
                let path = Path::new("standard output");
                write_text(io::stdout(), receiver, path).map(|(_, written)| written)
            }),
        };
        Ok(Self {
            taken_at,
            parts,
            buffer: Vec::with_capacity(CHUNK),
            thread,
            path,
        })
    }

    pub async fn write(&mut self, text: &[u8]) -> Result<(), BackupError> {
        self.buffer.extend_from_slice(text);
        if self.buffer.len() >= CHUNK {
            let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
            self.send(Part::Text(chunk)).await?;
        }
        Ok(())
    }

    /// Writes the end, and waits until all of it is on the disk.
    pub async fn finish(
        mut self,
        rows: BTreeMap<String, u64>,
        sequences: BTreeMap<String, i64>,
    ) -> Result<Made, BackupError> {
        let chunk = std::mem::take(&mut self.buffer);
        self.send(Part::Text(chunk)).await?;
        self.send(Part::End(rows, sequences)).await?;
        let (bytes, rows) = ended(&mut self.thread).await?;
        Ok(Made {
            taken_at: self.taken_at,
            path: self.path,
            bytes,
            rows,
        })
    }

    async fn send(&mut self, part: Part) -> Result<(), BackupError> {
        match self.parts.send(part).await {
            Ok(()) => Ok(()),
            // It has ended before its time, and says why.
            Err(_) => ended(&mut self.thread).await.map(|_| ()),
        }
    }
}

async fn ended(thread: &mut JoinHandle<Result<(u64, u64), BackupError>>) -> Result<(u64, u64), BackupError> {
    thread
        .await
        .unwrap_or_else(|error| Err(sqlx::Error::Io(io::Error::other(error)).into()))
}

/// A file that has another name until it is whole.
struct Unfinished {
    path: PathBuf,
    part: PathBuf,
    file: Option<File>,
}

impl Unfinished {
    fn open(path: &Path) -> Result<Self, BackupError> {
        let part = path.with_added_extension("part");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)
            .map_err(file_error("create", &part))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            file: Some(file),
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Nothing of this name is there any more where it was finished.
        let _ = fs::remove_file(&self.part);
    }
}

fn write_file(mut unfinished: Unfinished, parts: mpsc::Receiver<Part>) -> Result<(u64, u64), BackupError> {
    let Some(file) = unfinished.file.take() else {
        return Err(BackupError::Exists(unfinished.path.clone()));
    };
    let path = unfinished.path.clone();
    let (file, (_, rows)) = write_text(file, parts, &path)?;
    let wrong = |error| file_error("write", &path)(error);
    file.sync_all().map_err(wrong)?;
    let bytes = file.metadata().map_err(wrong)?.len();
    fs::rename(&unfinished.part, &path).map_err(wrong)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(wrong)?;
    Ok((bytes, rows))
}

/// Writes the text until its end. Answers with the bytes of the text and the rows.
fn write_text<W: Write>(
    out: W,
    mut parts: mpsc::Receiver<Part>,
    path: &Path,
) -> Result<(W, (u64, u64)), BackupError> {
    let wrong = |error| file_error("write", path)(error);
    // Most of a backup is names and numbers that come again: a little effort gets nearly all of it.
    let mut out = GzEncoder::new(BufWriter::with_capacity(CHUNK, out), Compression::new(4));
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    while let Some(part) = parts.blocking_recv() {
        match part {
            Part::Text(text) => {
                digest.update(&text);
                bytes += text.len() as u64;
                out.write_all(&text).map_err(wrong)?;
            }
            Part::End(rows, sequences) => {
                let foot = Foot {
                    rows,
                    sequences,
                    sha256: hex(&digest.finalize()),
                };
                let json = serde_json::to_string(&foot).map_err(|error| wrong(error.into()))?;
                out.write_all(format!("{FOOT}{json}\n").as_bytes())
                    .map_err(wrong)?;
                let mut out = out.finish().map_err(wrong)?;
                out.flush().map_err(wrong)?;
                let out = out.into_inner().map_err(|error| wrong(error.into_error()))?;
                return Ok((out, (bytes, foot.total())));
            }
        }
    }
    // Whoever reads the database has given up, and says why.
    Err(wrong(io::ErrorKind::Interrupted.into()))
}

/// The name of a file for a backup of this moment.
fn name(prefix: &str, taken_at: Timestamp) -> String {
    format!("{prefix}-{}.sql.gz", taken_at.strftime("%Y-%m-%dT%H%M%SZ"))
}

/// Makes a folder that only its owner can enter.
fn make_folder(folder: &Path) -> Result<(), BackupError> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(file_error("create", folder))
}

/// Adds lines to a text beside the backups, but for those that it has already. What it has stays.
///
/// # Errors
/// Those of the file.
pub fn add_lines(folder: &Path, name: &str, lines: &str) -> Result<(), BackupError> {
    let path = folder.join(name);
    let wrong = |error| file_error("write", &path)(error);
    let there = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(wrong)?,
    };
    // A line that broke off is no line, and is written again.
    let whole = there.rfind('\n').map_or(0, |end| end + 1);
    let known: HashSet<&str> = there[..whole].lines().collect();
    let new: String = (lines.lines())
        .filter(|line| !known.contains(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    make_folder(folder)?;
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)
        .map_err(wrong)?;
    if whole < there.len() {
        file.set_len(whole as u64).map_err(wrong)?;
    }
    file.write_all(new.as_bytes()).map_err(wrong)?;
    file.sync_all().map_err(wrong)
}

/// Deletes the oldest backups of this prefix in a folder, but for so many, and what was left of those that broke off.
///
/// # Errors
/// Those of the folder.
pub fn prune(folder: &Path, prefix: &str, keep: usize) -> Result<(), BackupError> {
    let wrong = |error| file_error("tidy up", folder)(error);
    let mut whole = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !name.starts_with(&format!("{prefix}-")) {
            continue;
        }
        if name.ends_with(".sql.gz") {
            whole.push(path);
        } else if name.ends_with(".sql.gz.part") {
            fs::remove_file(&path).map_err(wrong)?;
        }
    }
    // Names are in the order of their moments.
    whole.sort();
    let old = whole.len().saturating_sub(keep);
    for path in whole.drain(..old) {
        fs::remove_file(&path).map_err(wrong)?;
    }
    Ok(())
}

pub(super) fn file_error<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl Fn(io::Error) -> BackupError + use<'a> {
    move |source| BackupError::File {
        doing,
        path: path.to_owned(),
        source,
    }
}
