//! Comma-separated values (RFC 4180), with whatever separates the cells. A row that breaks the rules is one broken row: the
//! rows after it are read.

/// A record, and the line of the text that it begins in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1.
    pub line: usize,
    /// None where a quote is opened and not closed, or stands where none may.
    pub cells: Option<Vec<String>>,
}

/// The number of bytes of a quoted cell, after which its quote is a stray one.
const MAX_QUOTED: usize = 10_000;

/// The number of broken rows, after which no cell has several lines: looking for the end of each takes time.
const MAX_BROKEN: usize = 200;

/// The records of a text, without lines that are empty. A record of several lines has as many cells as the first record;
/// otherwise its first line is broken, and the next one is read for itself.
pub fn read(text: &str, separator: char) -> Vec<Record> {
    let mut rest = text;
    let mut line = 1;
    let mut width = None;
    let mut broken = 0;
    let mut records = Vec::new();
    while !rest.is_empty() {
        let mut reader = Reader {
            rest,
            separator,
            lines: 1,
            may_have_lines: broken < MAX_BROKEN,
        };
        let cells = reader
            .record()
            .filter(|cells| reader.lines == 1 || width.is_none_or(|width| width == cells.len()));
        let is_empty = cells
            .as_ref()
            .is_some_and(|cells| matches!(&cells[..], [only] if only.is_empty()));
        let (lines, after) = match cells {
            Some(_) => (reader.lines, reader.rest),
            None => (1, after_line(rest)),
        };
        broken += usize::from(cells.is_none());
        if !is_empty {
            width = width.or(cells.as_ref().map(Vec::len));
            records.push(Record { line, cells });
        }
        line += lines;
        rest = after;
    }
    records
}

/// What follows the first line of a text.
fn after_line(text: &str) -> &str {
    match text.find(['\n', '\r']) {
        Some(end) => {
            let rest = &text[end..];
            rest.strip_prefix("\r\n").unwrap_or(&rest[1..])
        }
        None => "",
    }
}

/// A line of these cells, in quotes where they need them.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    separated(cells, ',', "\n")
}

/// A line of these cells, with whatever separates them and ends it.
pub fn separated<'a>(cells: impl IntoIterator<Item = &'a str>, separator: char, end: &str) -> String {
    let cells: Vec<String> = cells
        .into_iter()
        .map(|cell| match cell.contains([separator, '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.to_owned(),
        })
        .collect();
    format!("{}{end}", cells.join(&separator.to_string()))
}

/// A cell that no program takes for a formula: it begins with an apostrophe, where it would begin like one. Phone numbers keep
/// their plus sign.
pub fn defused(cell: &str) -> String {
    let begins_a_formula =
        cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r']);
    let rest = cell.trim_start_matches('+');
    let is_number =
        rest.len() + 1 == cell.len() && rest.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty();
    match begins_a_formula && !is_number {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

struct Reader<'a> {
    rest: &'a str,
    separator: char,
    /// The number of lines that were read.
    lines: usize,
    may_have_lines: bool,
}

impl Reader<'_> {
    fn next_if(&mut self, is: impl Fn(char) -> bool) -> Option<char> {
        let next = self.rest.chars().next().filter(|&c| is(c))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn next(&mut self) -> Option<char> {
        self.next_if(|_| true)
    }

    fn record(&mut self) -> Option<Vec<String>> {
        let mut cells = Vec::new();
        loop {
            let cell = match self.next_if(|c| c == '"') {
                Some(_) => self.quoted()?,
                None => self.plain()?,
            };
            cells.push(cell);
            match self.next() {
                Some(c) if c == self.separator => {}
                Some('\r') => {
                    self.next_if(|c| c == '\n');
                    return Some(cells);
                }
                None | Some('\n') => return Some(cells),
                Some(_) => return None,
            }
        }
    }

    /// Reads a quoted cell after its first quote.
    fn quoted(&mut self) -> Option<String> {
        let mut cell = String::new();
        while cell.len() < MAX_QUOTED {
            match self.next()? {
                '"' => match self.next_if(|c| c == '"') {
                    Some(quote) => cell.push(quote),
                    None => return Some(cell),
                },
                '\n' | '\r' if !self.may_have_lines => return None,
                c => {
                    // Of the two characters of a line's end, the second one counts.
                    let ends_line = c == '\n' || c == '\r' && !self.rest.starts_with('\n');
                    self.lines += usize::from(ends_line);
                    cell.push(c);
                }
            }
        }
        None
    }

    fn plain(&mut self) -> Option<String> {
        let mut cell = String::new();
        let separator = self.separator;
        while let Some(c) = self.next_if(|c| c != separator && c != '\n' && c != '\r') {
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

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (cell, expected) in [
            ("Maya Putri", "Maya Putri"),
            ("", ""),
            ("+6281255500777", "+6281255500777"),
            ("=1+1", "'=1+1"),
            ("+1+1", "'+1+1"),
            ("+", "'+"),
            ("-2", "'-2"),
            ("@sum(a1)", "'@sum(a1)"),
            (" =1", "' =1"),
            ("\t=1", "'\t=1"),
        ] {
            assert_eq!(defused(cell), expected, "{cell:?}");
        }
    }

    fn cells(text: &str) -> Vec<Option<Vec<String>>> {
        read(text, ',').into_iter().map(|record| record.cells).collect()
    }

    #[test]
    fn cells_are_read_with_and_without_quotes() {
        for (text, expected) in [
            ("", vec![]),
            ("a,b", vec![vec!["a", "b"]]),
            ("a,b\r\nc,d\r\n", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("a,\n,b", vec![vec!["a", ""], vec!["", "b"]]),
            ("\n\na\r\r\n", vec![vec!["a"]]),
            ("\"a,\"\"b\"\"\nc\",d", vec![vec!["a,\"b\"\nc", "d"]]),
            ("\"\",\"\"\n", vec![vec!["", ""]]),
            (" a , b ", vec![vec![" a ", " b "]]),
        ] {
            let expected: Vec<Option<Vec<String>>> = expected
                .into_iter()
                .map(|cells| Some(cells.into_iter().map(str::to_owned).collect()))
                .collect();
            assert_eq!(cells(text), expected, "{text:?}");
        }
        assert_eq!(
            read("a;b,c", ';')[0].cells,
            Some(vec!["a".to_owned(), "b,c".to_owned()])
        );
    }

    #[test]
    fn a_line_of_a_quoted_cell_is_counted_however_it_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("\"a{end}b\",c{end}d,e");
            let lines: Vec<usize> = read(&text, ',').iter().map(|record| record.line).collect();
            assert_eq!(lines, [1, 3], "{text:?}");
        }
    }

    #[test]
    fn a_stray_quote_breaks_its_own_row_alone() {
        for stray in ["\"a,b", "a\"b,c", "\"a\"b,c", "a,\"b", "a,b\"", "a,\"", "\""] {
            for end in ["\n", "\r\n", "\r"] {
                let text = ["x,y", stray, "c,d", "\"e, f\",\"\"", stray, "\"g\nh\",i"].join(end);
                let records = read(&text, ',');
                let lines: Vec<(usize, bool)> = records
                    .iter()
                    .map(|record| (record.line, record.cells.is_some()))
                    .collect();
                let expected = [(1, true), (2, false), (3, true), (4, true), (5, false), (6, true)];
                assert_eq!(lines, expected, "{text:?}");
                assert_eq!(records[5].cells.as_ref().unwrap()[0], "g\nh");
            }
        }
    }

    #[test]
    fn many_stray_quotes_are_read_in_a_moment() {
        let records = read(&"\"a,b\n".repeat(100_000), ',');
        assert_eq!(records.len(), 100_000);
        assert!(records.iter().all(|record| record.cells.is_none()));
    }

    #[test]
    fn a_record_knows_the_line_it_begins_in() {
        let records = read("a,z\n\n\"b\nb\",c\r\nd", ',');
        let lines: Vec<usize> = records.iter().map(|record| record.line).collect();
        assert_eq!(lines, [1, 3, 5]);
    }

    #[test]
    fn whatever_separates_cells_is_quoted_in_them() {
        assert_eq!(separated(["a;b", "c,d", "e"], ';', "\r\n"), "\"a;b\";c,d;e\r\n");
    }

    #[test]
    fn a_cell_is_read_as_it_was_written() {
        let record = ["plain", "", "a, b", "say \"ah\"", "two\nlines"];
        let expected = record.map(str::to_owned).to_vec();
        assert_eq!(read(&line(record), ',')[0].cells, Some(expected));
    }
}
