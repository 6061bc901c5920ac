//! Comma-separated values, to the letter of RFC 4180, with whatever separates the cells.

use std::{iter::Peekable, str::Chars};

/// A record, and the line of the text that it begins in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1.
    pub line: usize,
    pub cells: Vec<String>,
}

/// The records of a text, without lines that are empty. `None` where a quote is opened and not closed, or stands
/// where none may.
pub fn read(text: &str, separator: char) -> Option<Vec<Record>> {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        separator,
        line: 1,
    };
    let mut records = Vec::new();
    while reader.rest.peek().is_some() {
        let record = reader.record()?;
        if record.cells.iter().any(|cell| !cell.is_empty()) || record.cells.len() > 1 {
            records.push(record);
        }
    }
    Some(records)
}

/// A line of these cells, in quotes where they need them.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells
        .into_iter()
        .map(|cell| match cell.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.to_owned(),
        })
        .collect();
    format!("{}\n", cells.join(","))
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    separator: char,
    line: usize,
}

impl Reader<'_> {
    fn record(&mut self) -> Option<Record> {
        let mut record = Record {
            line: self.line,
            cells: Vec::new(),
        };
        loop {
            let cell = match self.rest.next_if_eq(&'"') {
                Some(_) => self.quoted()?,
                None => self.plain()?,
            };
            record.cells.push(cell);
            match self.rest.next() {
                Some(c) if c == self.separator => {}
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    break;
                }
                None | Some('\n') => break,
                Some(_) => return None,
            }
        }
        self.line += 1;
        Some(record)
    }

    /// Reads a quoted cell after its first quote.
    fn quoted(&mut self) -> Option<String> {
        let mut cell = String::new();
        loop {
            match self.rest.next()? {
                '"' => match self.rest.next_if_eq(&'"') {
                    Some(quote) => cell.push(quote),
                    None => return Some(cell),
                },
                c => {
                    self.line += usize::from(c == '\n');
                    cell.push(c);
                }
            }
        }
    }

    fn plain(&mut self) -> Option<String> {
        let mut cell = String::new();
        let separator = self.separator;
        while let Some(c) = self.rest.next_if(|&c| c != separator && c != '\n' && c != '\r') {
            if c == '"' {
                return None;
            }
            cell.push(c);
        }
        Some(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Option<Vec<Vec<String>>> {
        Some(read(text, ',')?.into_iter().map(|record| record.cells).collect())
    }

    #[test]
    fn cells_are_read_with_and_without_quotes() {
        for (text, expected) in [
            ("", Some(vec![])),
            ("a,b", Some(vec![vec!["a", "b"]])),
            ("a,b\r\nc,d\r\n", Some(vec![vec!["a", "b"], vec!["c", "d"]])),
            ("a,\n,b", Some(vec![vec!["a", ""], vec!["", "b"]])),
            ("\n\na\r\r\n", Some(vec![vec!["a"]])),
            ("\"a,\"\"b\"\"\nc\",d", Some(vec![vec!["a,\"b\"\nc", "d"]])),
            ("\"\",\"\"\n", Some(vec![vec!["", ""]])),
            (" a , b ", Some(vec![vec![" a ", " b "]])),
            ("\"a", None),
            ("a\"b,c", None),
            ("\"a\"b,c", None),
        ] {
            let expected: Option<Vec<Vec<String>>> = expected.map(|records| {
                records
                    .into_iter()
                    .map(|cells| cells.into_iter().map(str::to_owned).collect())
                    .collect()
            });
            assert_eq!(cells(text), expected, "{text:?}");
        }
        assert_eq!(read("a;b,c", ';').unwrap()[0].cells, ["a", "b,c"]);
    }

    #[test]
    fn a_record_knows_the_line_it_begins_in() {
        let records = read("a\n\n\"b\nb\",c\r\nd", ',').unwrap();
        let lines: Vec<usize> = records.iter().map(|record| record.line).collect();
        assert_eq!(lines, [1, 3, 5]);
    }

    #[test]
    fn a_cell_is_read_as_it_was_written() {
        let record = ["plain", "", "a, b", "say \"ah\"", "two\nlines"];
        assert_eq!(read(&line(record), ',').unwrap()[0].cells, record);
    }
}
