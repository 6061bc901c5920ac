//! The file of a copy: a ZIP (APPNOTE 6.3.3) with what programs read, what tables read, what people read, and a calendar.

use std::io::Write;

use flate2::{Compression, write::DeflateEncoder};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    SCHEMA,
    collect::{Collected, Table, cell},
    page::page,
};
use crate::{i18n::Locale, organisation::csv};

/// Text of others begins with a mark by which spreadsheets know that it is UTF-8.
const MARK: &str = "\u{feff}";

/// Packs a copy.
pub(super) fn packed(collected: &Collected, locale: Locale, now: Timestamp) -> Vec<u8> {
    let mut archive = Archive::new(now);
    archive.add("index.html", page(&collected.tables, locale, now).as_bytes());
    archive.add("janji.json", json_of(collected, now).as_bytes());
    for table in &collected.tables {
        archive.add(&format!("csv/{}.csv", table.name), csv_of(table).as_bytes());
    }
    archive.add("appointments.ics", collected.calendar.as_bytes());
    archive.finish()
}

fn json_of(collected: &Collected, now: Timestamp) -> String {
    let mut all = json!({ "schema": SCHEMA, "made_at": now.to_string() });
    for table in &collected.tables {
        all[table.name] = Value::Array(table.rows.clone());
    }
    serde_json::to_string_pretty(&all).unwrap_or_default()
}

fn csv_of(table: &Table) -> String {
    let mut text = format!("{MARK}{}", csv::line(table.columns.iter().copied()));
    for row in &table.rows {
        let cells: Vec<String> = table
            .columns
            .iter()
            .map(|column| csv::defused(&cell(&row[*column])))
            .collect();
        text.push_str(&csv::line(cells.iter().map(String::as_str)));
    }
    text
}

/// A ZIP file in the making.
struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
    /// Date and time as DOS has them, in UTC.
    stamp: (u16, u16),
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// What a program has to understand: deflate, and names in UTF-8.
const VERSION: u16 = 20;
const UTF_8: u16 = 1 << 11;
const DEFLATE: u16 = 8;

impl Archive {
    fn new(now: Timestamp) -> Self {
        let at = now.to_zoned(TimeZone::UTC);
        let number = |value: i8| u16::try_from(value).unwrap_or_default();
        let year = u16::try_from(at.year() - 1980).unwrap_or_default();
        Self {
            bytes: Vec::new(),
            directory: Vec::new(),
            count: 0,
            stamp: (
                year << 9 | number(at.month()) << 5 | number(at.day()),
                number(at.hour()) << 11 | number(at.minute()) << 5 | (number(at.second()) / 2),
            ),
        }
    }

    /// Adds a file. Files are far smaller than the 4 GiB that the format has room for: see [`super::MAX_BYTES`].
    fn add(&mut self, name: &str, content: &[u8]) {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let _ = encoder.write_all(content);
        let packed = encoder.finish().unwrap_or_default();
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut about = Vec::new();
        for short in [VERSION, UTF_8, DEFLATE, self.stamp.1, self.stamp.0] {
            about.extend(short.to_le_bytes());
        }
        about.extend(crc32fast::hash(content).to_le_bytes());
        about.extend(size(&packed));
        about.extend(size(content));
        about.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
        // No extra fields.
        about.extend(0_u16.to_le_bytes());
        let offset = size(&self.bytes);
        self.directory.extend(CENTRAL.to_le_bytes());
        self.directory.extend(VERSION.to_le_bytes());
        self.directory.extend(&about);
        // No comment, disk 0, and no attributes of files.
        self.directory.extend([0; 10]);
        self.directory.extend(offset);
        self.directory.extend(name.as_bytes());
        self.bytes.extend(LOCAL.to_le_bytes());
        self.bytes.extend(about);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);
        self.count += 1;
    }

    fn finish(mut self) -> Vec<u8> {
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let (offset, length) = (size(&self.bytes), size(&self.directory));
        self.bytes.append(&mut self.directory);
        self.bytes.extend(END.to_le_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(length);
        self.bytes.extend(offset);
        self.bytes.extend([0; 2]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, process::Command};

    use super::*;

    #[test]
    fn a_table_is_a_table_to_spreadsheets_and_no_formula() {
        let table = Table {
            name: "ratings",
            columns: &["reference", "text"],
            rows: vec![json!({ "reference": "K7QM-4D2P", "text": "=1+1, \"good\"" })],
        };
        let text = csv_of(&table);
        assert!(text.starts_with("\u{feff}reference,text"));
        assert!(text.contains("\"'=1+1, \"\"good\"\"\""), "{text}");
    }

    #[test]
    fn other_programs_read_the_file() {
        let mut archive = Archive::new(Timestamp::UNIX_EPOCH);
        let long = "Selamat pagi. ".repeat(10_000);
        archive.add("one.txt", long.as_bytes());
        archive.add("csv/two.csv", b"");
        let path = std::env::temp_dir().join(format!("janji-{}.zip", std::process::id()));
        let bytes = archive.finish();
        assert!(bytes.len() < long.len() / 10, "{}", bytes.len());
        std::fs::File::create(&path)
            .and_then(|mut file| file.write_all(&bytes))
            .expect("a file");
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                      print(z.namelist(), len(z.read('one.txt')))";
        let read = Command::new("python3").arg("-c").arg(script).arg(&path).output();
        let _ = std::fs::remove_file(&path);
        // Where there is no other program, nobody reads it.
        if let Ok(read) = read {
            let said = String::from_utf8_lossy(&read.stdout);
            assert!(said.contains("['one.txt', 'csv/two.csv'] 140000"), "{read:?}");
        }
    }
}
