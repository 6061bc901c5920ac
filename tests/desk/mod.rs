//! Work of the desk, without JavaScript.

mod api;
mod block;
mod book;
mod card;
mod find;
mod lists;
mod overbook;
mod patient;
mod sheet;
mod together;
mod walk_in;

use crate::support::{Answer, Browser};

const WHY: &str = "Severe pain";

/// The fields of a form of this page, with some of them filled in.
fn filled(page: &Answer, form: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = page.form(form);
    assert!(!all.is_empty(), "no {form} in {}", page.body);
    all.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    all.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    all
}

async fn send(browser: &Browser, path: &str, form: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.submit(path, form, &fields).await
}

/// Fills in a form of a page and sends it.
async fn fill(browser: &Browser, path: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    send(browser, path, form, &filled(&page, form, fields)).await
}
