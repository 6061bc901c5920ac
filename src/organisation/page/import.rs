//! Many doctors at once (C8): lines of a spreadsheet, and what came of each of them.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::{
        cell::wrong,
        forms::{CHECK, IMPORT, ImportDoctors, Imported},
    },
    server::AppState,
    ui::{
        Page, Tone, error_text, field_error, icon, in_textarea, isolate, notice, page, problem, query,
        request_error, texts,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{back, doctors::nothing_to_offer};
use engine::{
    error::{AppError, Field},
    i18n::Texts,
    organisation::{
        self, Clinic, Service, Versioned, csv,
        import::{COLUMNS, MAX_ROWS, Outcome, Report, Reported, columns_of},
    },
};

/// How many services the example has.
const MAX_EXAMPLES: usize = 2;

/// The lines to import, or what came of those that were.
#[component]
pub fn ImportPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let (state, session) = (expect_context::<AppState>(), guard::session());
        let title = texts.text("import-title");
        let asked = query("report");
        if asked.as_deref() == Some("check") && request_error().is_none() {
            let checked: Imported = session.typed(CHECK, "").await?;
            if let Some(report) = checked.report {
                return Ok(Page::new(title, check(&report, texts)));
            }
        }
        let clinics = organisation::clinics(&state.database).await?;
        let mut services = organisation::services(&state.database).await?;
        services.retain(|service| service.what.active);
        let (Some(clinic), false) = (clinics.first(), services.is_empty()) else {
            return Ok(Page::new(title, nothing_to_offer("import-title", texts)));
        };
        let error = request_error();
        let imported: Imported = match error.is_some() || asked.is_some() {
            true => session.typed(IMPORT, "").await?,
            false => Imported::default(),
        };
        let report = imported.report.filter(|_| error.is_none());
        let said = match error {
            Some(error) => Some(problem(error, texts)),
            None => report.as_ref().map(|report| said(report, texts).into_any()),
        };
        Ok(Page::new(
            title,
            view! {
                {said}
                {back("/admin/doctors", "doctors-title", texts)}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("import-title")}</h1>
                        <p>{texts.text("import-intro")}</p>
                    </div>
                </div>
                {report.map(|report| table(&report, texts))}
                {form(&imported.lines, error, texts)}
                {format(&clinic.what, &services, texts)}
            },
        )
        .shows_problem())
    })
}

/// Shows the dry run on a page of its own, since the lines are still where they were pasted.
fn check(report: &Report, texts: Texts) -> impl IntoView + use<> {
    view! {
        {said(report, texts)}
        <div class="page-head">
            <div>
                <h1>{texts.text("import-title")}</h1>
                <p>{texts.text("import-checked-text")}</p>
            </div>
        </div>
        {table(report, texts)}
        {back("/admin/import", "import-again", texts)}
    }
}

/// How many came to what.
fn said(report: &Report, texts: Texts) -> impl IntoView + use<> {
    let count = |is: fn(&Outcome) -> bool| report.rows.iter().filter(|row| is(&row.outcome)).count();
    let failed = count(Outcome::is_failure);
    let values = [
        (
            "added",
            count(|outcome| matches!(outcome, Outcome::Added { .. })).into(),
        ),
        (
            "already",
            count(|outcome| matches!(outcome, Outcome::Already { .. })).into(),
        ),
        ("failed", failed.into()),
    ];
    let (title, counts) = match report.is_check {
        true => ("import-checked", "import-counts-checked"),
        false => ("import-done", "import-counts-done"),
    };
    let tone = match failed {
        0 => Tone::Good,
        _ => Tone::Warn,
    };
    notice(
        tone,
        texts.text(title),
        view! { <p>{texts.with(counts, &values)}</p> },
    )
}

fn table(report: &Report, texts: Texts) -> impl IntoView + use<> {
    let rows = report
        .rows
        .iter()
        .map(|row| {
            let Reported { line, name, outcome } = row;
            view! {
                <tr>
                    <th scope="row">{*line} " " <small>{isolate(name.clone())}</small></th>
                    <td data-label=texts.text("import-outcome")>{came(outcome, report.is_check, texts)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("import-report") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("import-report")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{texts.text("import-line")}</th>
                        <th scope="col">{texts.text("import-outcome")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Shows the outcome of a line.
fn came(outcome: &Outcome, is_check: bool, texts: Texts) -> AnyView {
    let linked = |id: i64, text: &str| {
        let text = texts.text(text);
        view! { <a href=format!("/admin/doctors/{id}")>{text}</a> }.into_any()
    };
    let plain = |text: String| view! { <span>{text}</span> }.into_any();
    match outcome {
        Outcome::Added { .. } if is_check => plain(texts.text("import-addable")),
        Outcome::Added { id } => linked(*id, "import-added"),
        Outcome::Already { id: Some(id) } => linked(*id, "import-already"),
        Outcome::Already { id: None } => plain(texts.text("import-already")),
        Outcome::Twice { line } => plain(texts.with("import-twice", &[("line", (*line).into())])),
        Outcome::Wrong(errors) => {
            let wrong = errors
                .iter()
                .map(|&error| {
                    let columns = match error {
                        AppError::ValidationFailed { field, .. } => columns_of(field),
                        _ => "",
                    };
                    let column = (!columns.is_empty()).then(|| view! { <code>{columns}</code> ": " });
                    view! { <li>{column} {wrong(error, texts)}</li> }
                })
                .collect_view();
            view! { <ul>{wrong}</ul> }.into_any()
        }
    }
}

fn form(lines: &str, error: Option<AppError>, texts: Texts) -> impl IntoView + use<> {
    let error = error.and_then(|error| field_error(error, Field::Lines, texts));
    let invalid = error.is_some().then_some("true");
    let described_by = match invalid {
        Some(_) => "lines-hint lines-error",
        None => "lines-hint",
    };
    let error = error.map(|error| error_text("lines-error".to_owned(), error));
    let kept = (!lines.is_empty()).then(|| view! { <p class="soft">{texts.text("import-kept")}</p> });
    let hint = texts.with("import-lines-hint", &[("most", MAX_ROWS.into())]);
    view! {
        <form method="post" action=ImportDoctors::url() class="stack">
            <KeyField />
            {kept}
            <div class="field">
                <label for="lines">{texts.text("import-lines")}</label>
                <p class="hint" id="lines-hint">{hint}</p>
                {error}
                <textarea
                    id="lines"
                    name="lines"
                    rows="12"
                    required=true
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=invalid
                >
                    {in_textarea(lines)}
                </textarea>
            </div>
            <div class="actions">
                <button class="btn primary" name="act" value="import">
                    {icon("check")}
                    {texts.text("import-act")}
                </button>
                <button class="btn" name="act" value="check" formtarget="_blank">
                    {texts.text("import-check")}
                </button>
            </div>
        </form>
    }
}

/// How the lines look, with an example that could be imported as it is.
fn format(clinic: &Clinic, services: &[Versioned<Service>], texts: Texts) -> impl IntoView + use<> {
    let mut keys: Vec<&str> = services.iter().map(|service| &*service.what.key).collect();
    let all = keys.join(", ");
    let columns = COLUMNS
        .into_iter()
        .map(|column| {
            let key = format!("import-column-{}", column.replace('_', "-"));
            let about = texts.with(&key, &[("keys", all.clone().into())]);
            view! { <div><dt><code>{column}</code></dt><dd>{about}</dd></div> }
        })
        .collect_view();
    keys.truncate(MAX_EXAMPLES);
    let offered = keys.join(" ");
    let example = csv::line(COLUMNS)
        + &csv::line([
            "Dr Ayu Lestari",
            "Dermatology",
            "id en",
            "ayu@clinic.example",
            "a first password",
            &clinic.name,
            &offered,
            "mon-fri",
            "09:00",
            "17:00",
            "12:00",
            "13:00",
        ]);
    view! {
        <section class="card stack" aria-labelledby="format-title">
            <h2 id="format-title">{texts.text("import-format")}</h2>
            <p>{texts.text("import-format-text")}</p>
            <dl class="summary">{columns}</dl>
            <h3>{texts.text("import-example")}</h3>
            <pre class="example">{example}</pre>
        </section>
    }
}
