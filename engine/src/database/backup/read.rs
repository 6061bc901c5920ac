//! Reading a backup: line by line, and not believed before its end.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

use super::{BackupError, END_OF_ROWS, FOOT, FORMAT, Foot, HEAD, Head, Table, file::file_error, hex};

/// The bytes of rows that are handed on at a time.
const CHUNK: usize = 256 * 1024;

/// A backup that is being read.
pub(super) struct Reader {
    path: PathBuf,
    lines: BufReader<GzDecoder<BufReader<File>>>,
    digest: Sha256,
    line: Vec<u8>,
}

impl Reader {
    /// Opens a file and reads its head.
    pub fn open(path: &Path) -> Result<(Self, Head), BackupError> {
        let file = File::open(path).map_err(file_error("read", path))?;
        let mut reader = Self {
            path: path.to_owned(),
            lines: BufReader::with_capacity(CHUNK, GzDecoder::new(BufReader::new(file))),
            digest: Sha256::new(),
            line: Vec::new(),
        };
        let no_backup = || BackupError::NoBackup(path.to_owned());
        if let Err(error) = reader.next() {
            return Err(match reader.line.starts_with(HEAD.as_bytes()) {
                true => error,
                false => no_backup(),
            });
        }
        let head: Head = json(&reader.line, HEAD).ok_or_else(no_backup)?;
        if head.format > FORMAT {
            return Err(BackupError::Newer(head.janji));
        }
        reader.digest.update(&reader.line);
        Ok((reader, head))
    }

    fn broken(&self, why: &'static str) -> BackupError {
        BackupError::Broken(self.path.clone(), why)
    }

    /// Reads the next line into `line`.
    fn next(&mut self) -> Result<(), BackupError> {
        self.line.clear();
        match self.lines.read_until(b'\n', &mut self.line) {
            Ok(_) if self.line.ends_with(b"\n") => Ok(()),
            Ok(_) => Err(self.broken("it ends too early")),
            Err(_) => Err(self.broken("its text cannot be unpacked")),
        }
    }

    /// Reads a table, and hands its rows on in pieces, each of whole rows. Answers with their number.
    pub fn table(
        &mut self,
        table: &Table,
        mut hand_on: impl FnMut(Vec<u8>) -> Result<(), BackupError>,
    ) -> Result<u64, BackupError> {
        self.next()?;
        if self.line != table.line().as_bytes() {
            return Err(self.broken("a table is missing"));
        }
        self.digest.update(&self.line);
        let (mut rows, mut chunk) = (0, Vec::new());
        loop {
            self.next()?;
            self.digest.update(&self.line);
            if self.line == END_OF_ROWS {
                break;
            }
            rows += 1;
            chunk.extend_from_slice(&self.line);
            if chunk.len() >= CHUNK {
                hand_on(std::mem::take(&mut chunk))?;
            }
        }
        if !chunk.is_empty() {
            hand_on(chunk)?;
        }
        Ok(rows)
    }

    /// Reads the end, and holds what was read to it.
    pub fn foot(mut self, rows: &BTreeMap<String, u64>) -> Result<Foot, BackupError> {
        self.next()?;
        let foot: Foot = json(&self.line, FOOT).ok_or_else(|| self.broken("its end is missing"))?;
        let digest = std::mem::take(&mut self.digest);
        if foot.sha256 != hex(&digest.finalize()) {
            return Err(self.broken("its checksum is wrong"));
        }
        if &foot.rows != rows {
            return Err(self.broken("rows are missing"));
        }
        // The checksum of the compressed text is read at its end.
        match self.lines.fill_buf() {
            Ok([]) => Ok(foot),
            _ => Err(self.broken("it does not end where it should")),
        }
    }
}

/// Reads a backup from its beginning to its end, and says what it has.
///
/// # Errors
/// One line for the operator, where it is not whole.
pub fn check(path: &Path) -> Result<(Head, Foot), BackupError> {
    let (mut reader, head) = Reader::open(path)?;
    let mut rows = BTreeMap::new();
    for table in &head.tables {
        let count = reader.table(table, |_| Ok(()))?;
        rows.insert(table.name.clone(), count);
    }
    let foot = reader.foot(&rows)?;
    Ok((head, foot))
}

fn json<T: serde::de::DeserializeOwned>(line: &[u8], prefix: &str) -> Option<T> {
    serde_json::from_slice(line.strip_prefix(prefix.as_bytes())?).ok()
}
