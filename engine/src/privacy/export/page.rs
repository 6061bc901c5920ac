//! The page of a copy, which a browser shows without anything else.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::collect::{Table, cell};
use crate::{
    appointment::Status,
    i18n::{Locale, Texts},
    time,
};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}\
     table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:.35rem .6rem;\
     border-bottom:1px solid #d5d9de}.wide{overflow-x:auto}h2{margin-top:2.5rem}";

/// Writes the page.
pub(super) fn page(tables: &[Table], locale: Locale, now: Timestamp) -> String {
    let texts = Texts::of(locale);
    let title = escaped(&texts.text("export-page-title"));
    let made = texts.with(
        "export-page-made",
        &[(
            "when",
            format!("{} (UTC)", time::moment(now, &TimeZone::UTC, texts)).into(),
        )],
    );
    let mut html = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1><p>{}</p><p>{}</p>",
        locale.code(),
        escaped(&made),
        escaped(&texts.text("export-page-files")),
    );
    for table in tables {
        section(&mut html, table, texts);
    }
    html.push_str("</html>\n");
    html
}

fn section(html: &mut String, table: &Table, texts: Texts) {
    let heading = escaped(&texts.text(&format!("export-table-{}", table.name)));
    // Writing to a string does not fail.
    let _ = write!(html, "<h2>{heading}</h2>");
    if table.rows.is_empty() {
        let _ = write!(html, "<p>{}</p>", escaped(&texts.text("export-page-none")));
        return;
    }
    html.push_str("<div class=\"wide\"><table><thead><tr>");
    for column in table.columns {
        let head = texts.text(&format!("export-column-{}", column.replace('_', "-")));
        let _ = write!(html, "<th scope=\"col\">{}</th>", escaped(&head));
    }
    html.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        html.push_str("<tr>");
        for column in table.columns {
            let _ = write!(html, "<td>{}</td>", escaped(&shown(column, &row[*column], texts)));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
}

/// A value as people read it: moments in UTC, statuses in words.
fn shown(column: &str, value: &Value, texts: Texts) -> String {
    let text = cell(value);
    if let Value::Bool(is) = value {
        return texts.text(if *is { "export-yes" } else { "export-no" });
    }
    if column.ends_with("status")
        && let Some(status) = Status::parse(&text)
    {
        return texts.text(&format!("status-{}", status.as_str().replace('_', "-")));
    }
    if column == "what" {
        return texts.text(&format!("read-{text}"));
    }
    match text.parse::<Timestamp>() {
        Ok(at) => time::moment(at, &TimeZone::UTC, texts),
        Err(_) => text,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_typed_is_text_and_nothing_else() {
        let table = Table {
            name: "ratings",
            columns: &["reference", "text"],
            rows: vec![json!({ "reference": "K7QM-4D2P", "text": "<script>alert('good')</script>" })],
        };
        for locale in Locale::ALL {
            let html = page(std::slice::from_ref(&table), locale, Timestamp::UNIX_EPOCH);
            assert!(
                html.contains("&lt;script&gt;") && !html.contains("<script"),
                "{html}"
            );
        }
    }
}
