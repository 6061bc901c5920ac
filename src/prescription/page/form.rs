//! The page on which a doctor writes a prescription.

use crate::{
    account::guard,
    appointment::page::{news, patient_name},
    idempotency::page::KeyField,
    prescription::forms::{FORM, Prescribe},
    server::AppState,
    ui::{
        Hidden, Page, TextArea, Tone, error_summary, error_text, icon, isolate, message, notice, page,
        path_parameter, problem, query, redirect, request_error, texts,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::table;
use engine::{
    account::{Caller, Role},
    appointment::{self as appointments, Item, path_of},
    error::{AppError, Field},
    i18n::Texts,
    prescription::{self, MAX_MEDICATIONS, Medication, Prescription, Template, Typed, is_time_to_prescribe},
    time,
};

/// How many rows there are at first.
const ROWS: usize = 5;

/// A part of a medication, as a field of its row.
struct Part {
    field: Field,
    /// Its name in the form.
    name: &'static str,
    /// The key of its label.
    label: &'static str,
    of: fn(&Medication) -> &String,
}

const PARTS: [Part; 5] = [
    Part {
        field: Field::MedicationName,
        name: "name",
        label: "medication-name",
        of: |row| &row.name,
    },
    Part {
        field: Field::Dose,
        name: "dose",
        label: "medication-dose",
        of: |row| &row.dose,
    },
    Part {
        field: Field::Frequency,
        name: "frequency",
        label: "medication-frequency",
        of: |row| &row.frequency,
    },
    Part {
        field: Field::Duration,
        name: "duration",
        label: "medication-duration",
        of: |row| &row.duration,
    },
    Part {
        field: Field::MedicationNote,
        name: "note",
        label: "medication-note",
        of: |row| &row.note,
    },
];

/// The prescription of an appointment, to be written.
#[component]
pub fn PrescribePage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let reference: String = path_parameter("reference")?;
        let item = appointments::find(&state.database, Some(caller.clone()), None, reference.clone()).await?;
        let typed: Typed = guard::session().typed(FORM, &item.reference).await?;
        let title = texts.text("prescription-write");
        let written = match item.has_prescription || item.has_void_prescription {
            true => prescription::find(&state.database, caller.clone(), reference).await?,
            false => Vec::new(),
        };
        if let Some(written) = written.iter().find(|written| written.withdrawn.is_none()) {
            if is_the_same(&typed, written) {
                redirect(&view_path(&item));
            }
            return Ok(Page::new(title, too_late(&item, written, typed, texts)).shows_problem());
        }
        let error = request_error();
        let invalid = matches!(error, Some(AppError::ValidationFailed { .. }));
        if query("check").is_some()
            && !invalid
            && is_time_to_prescribe(item.status)
            && let Ok((medications, note)) = typed.checked()
        {
            let said = news(&caller, texts).await?;
            let understood = Typed { medications, note };
            return Ok(Page::new(
                texts.text("prescription-check"),
                view! {
                    {said}
                    {head(&item, "prescription-check", texts)}
                    {check(&item, understood, texts)}
                },
            )
            .shows_problem());
        }
        let said = match error {
            Some(error) if invalid => Some(what_is_wrong(&typed, error, texts)),
            _ => news(&caller, texts).await?,
        };
        let withdrawn = (!written.is_empty() && query("withdrawn").is_some()).then(|| {
            let body = view! { <p>{texts.text("prescription-write-anew")}</p> };
            notice(Tone::Good, texts.text("prescription-withdrawn-done"), body)
        });
        let added = (query("added").is_some() && error.is_none()).then(|| {
            let body = view! { <p>{texts.text("prescription-added-text")}</p> };
            notice(Tone::Good, texts.text("prescription-added"), body)
        });
        let withdrawn = (withdrawn, added, void_link(&item, texts));
        let body = if is_time_to_prescribe(item.status) {
            let quick = Quick::of(&state, &caller, &item).await?;
            form(&item, &typed, invalid, quick, texts).into_any()
        } else {
            view! { <p>{texts.text("prescription-not-yet")}</p> }.into_any()
        };
        Ok(Page::new(
            title,
            view! {
                {said}
                {withdrawn}
                {head(&item, "prescription-write", texts)}
                {body}
            },
        )
        .shows_problem())
    })
}

fn view_path(item: &Item) -> String {
    format!("{}/prescription", path_of(Role::Doctor, &item.reference))
}

/// Leads to the prescriptions that were withdrawn, where there are any.
fn void_link(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    let path = view_path(item);
    item.has_void_prescription
        .then(|| view! { <p><a href=path>{texts.text("prescription-void-view")}</a></p> })
}

/// What was understood, to be signed or changed.
fn check(item: &Item, understood: Typed, texts: Texts) -> impl IntoView + use<> {
    let Typed { medications, note } = understood;
    let hidden = medications
        .iter()
        .enumerate()
        .flat_map(|(index, row)| {
            PARTS.iter().map(move |part| {
                let name = format!("medications[{index}][{}]", part.name);
                view! { <input type="hidden" name=name value=(part.of)(row).clone() /> }
            })
        })
        .collect_view();
    let said = (!note.is_empty()).then(|| {
        view! {
            <section class="stack-s" aria-labelledby="note-title">
                <h2 id="note-title">{texts.text("prescription-note")}</h2>
                <p class="said" dir="auto">{note.clone()}</p>
            </section>
        }
    });
    view! {
        <p>{texts.text("prescription-check-text")}</p>
        {table(medications, texts)}
        {said}
        <form method="post" action=Prescribe::url() class="stack">
            <KeyField />
            <Hidden name="reference" value=item.reference.clone() />
            {hidden}
            <Hidden name="note" value=note />
            <div class="actions">
                <button class="btn primary">{icon("check")}{texts.text("prescription-do-write")}</button>
                <a class="btn quiet" href=format!("{}/prescribe", path_of(Role::Doctor, &item.reference))>
                    {icon("pencil")}
                    {texts.text("prescription-change")}
                </a>
            </div>
        </form>
    }
}

fn head(item: &Item, title: &str, texts: Texts) -> impl IntoView + use<> {
    view! {
        <div class="stack">
            <a class="back" href=path_of(Role::Doctor, &item.reference)>
                {icon("arrow-left")}
                {texts.text("view-appointment")}
            </a>
            <div class="page-head">
                <div>
                    <h1>{texts.text(title)}</h1>
                    <p>{isolate(patient_name(item, texts))} ", " {time::moment(item.starts_at, &item.zone, texts)}</p>
                </div>
            </div>
        </div>
    }
}

/// Whether nothing was typed that the prescription does not say: the second click of two, or no click.
fn is_the_same(typed: &Typed, written: &Prescription) -> bool {
    *typed == Typed::default()
        || typed
            .checked()
            .is_ok_and(|(medications, note)| medications == written.medications && note == written.note)
}

/// There is a prescription already, from another window or hand: what it says stays, and so does what was
/// typed, to be read.
fn too_late(item: &Item, written: &Prescription, typed: Typed, texts: Texts) -> impl IntoView + use<> {
    let when = time::moment(written.written_at, &item.zone, texts);
    let body = view! {
        <p>{texts.with("prescription-written", &[("when", when.into())])} " " {texts.text("prescription-only-one")}</p>
        <p><a href=view_path(item)>{texts.text("prescription-view")}</a></p>
    };
    let rows: Vec<Medication> = typed
        .medications
        .into_iter()
        .filter(|row| !row.is_empty())
        .collect();
    view! {
        {notice(Tone::Warn, texts.text("error-prescription-exists"), body)}
        {head(item, "prescription-write", texts)}
        <section class="stack" aria-labelledby="typed">
            <h2 id="typed">{texts.text("prescription-typed")}</h2>
            {table(rows, texts)}
            <p class="said" dir="auto">{typed.note}</p>
        </section>
    }
}

/// Everything that is wrong with the form, each with the way to where it is.
pub(super) fn what_is_wrong(typed: &Typed, error: AppError, texts: Texts) -> AnyView {
    let parts = typed
        .medications
        .iter()
        .enumerate()
        .flat_map(|(row, medication)| {
            PARTS.iter().filter_map(move |part| {
                let text = message(medication.problem(part.field)?, texts);
                let which = texts.with("medication-number", &[("number", number(row).into())]);
                Some((id(row, part), format!("{which}: {text}")))
            })
        });
    let mut wrong: Vec<(String, String)> = parts.collect();
    if wrong.is_empty()
        && let Err(error @ AppError::ValidationFailed { field, .. }) = typed.checked()
    {
        let place = match field {
            Field::Medications => id(0, &PARTS[0]),
            field => field.name().to_owned(),
        };
        wrong.push((place, message(error, texts)));
    }
    if wrong.is_empty() {
        return problem(error, texts);
    }
    error_summary(wrong, texts)
}

/// People count from one.
fn number(row: usize) -> i64 {
    i64::try_from(row + 1).unwrap_or(i64::MAX)
}

fn id(row: usize, part: &Part) -> String {
    format!("medications-{row}-{}", part.name)
}

/// As many rows as were filled or asked for.
pub(super) fn rows(typed: usize, asked: Option<usize>) -> usize {
    asked.unwrap_or(ROWS).clamp(ROWS, MAX_MEDICATIONS).max(typed)
}

/// What a doctor need not type again.
struct Quick {
    templates: Vec<Template>,
    /// Whether something was prescribed to the patient before.
    can_repeat: bool,
}

impl Quick {
    async fn of(state: &AppState, caller: &Caller, item: &Item) -> Result<Self, AppError> {
        let which = item.reference.as_str().into();
        Ok(Self {
            templates: prescription::templates(&state.database, caller).await?,
            can_repeat: prescription::has_last_of_patient(&state.database, caller.clone(), which).await?,
        })
    }

    /// Buttons that add to what was typed. They are part of the form, so that nothing is lost.
    fn view(self, texts: Texts) -> impl IntoView {
        let repeat = self.can_repeat.then(|| {
            view! {
                <button class="btn" name="repeat" value="true" formnovalidate>
                    {icon("refresh")}
                    {texts.text("prescription-repeat")}
                </button>
            }
        });
        let templates = self
            .templates
            .into_iter()
            .map(|template| {
                view! {
                    <button class="btn" name="template" value=template.id.to_string() formnovalidate>
                        {icon("plus")}
                        <span><span class="hide">{texts.text("template-use")} ": "</span>{isolate(template.name)}</span>
                    </button>
                }
            })
            .collect_view();
        view! {
            <section class="stack-s" aria-labelledby="quick">
                <h2 id="quick">{texts.text("prescription-quick")}</h2>
                <p class="hint">{texts.text("prescription-quick-hint")}</p>
                <div class="actions">
                    {repeat} {templates} <a class="btn quiet" href="/doctor/templates">{icon("list")}{texts.text("templates-title")}</a>
                </div>
            </section>
        }
    }
}

fn form(item: &Item, typed: &Typed, invalid: bool, quick: Quick, texts: Texts) -> impl IntoView + use<> {
    let count = rows(
        typed.medications.len(),
        query("rows").and_then(|rows| rows.parse().ok()),
    );
    let list = medication_rows(typed, count, invalid, texts);
    let more = (count < MAX_MEDICATIONS).then(|| {
        view! {
            <button class="btn quiet" name="more" value=count.to_string() formnovalidate>
                {icon("plus")}
                {texts.text("prescription-more-rows")}
            </button>
        }
    });
    view! {
        <form method="post" action=Prescribe::url() class="stack">
            <KeyField />
            <Hidden name="reference" value=item.reference.clone() />
            <p class="hint">{texts.text("medications-hint")}</p>
            {list}
            <TextArea
                field=Field::Note
                label=texts.text("prescription-note")
                hint=texts.text("prescription-note-hint")
                value=typed.note.clone()
            />
            // The first button of a form is the one that the Enter key presses.
            <div class="actions">
                <button class="btn primary" name="check" value="true">
                    {icon("check")}
                    {texts.text("prescription-do-check")}
                </button>
                {more}
            </div>
            {quick.view(texts)}
        </form>
    }
}

/// So many rows for medications, with what was typed.
pub(super) fn medication_rows(
    typed: &Typed,
    count: usize,
    invalid: bool,
    texts: Texts,
) -> impl IntoView + use<> {
    (0..count)
        .map(|index| {
            let row = typed.medications.get(index).cloned().unwrap_or_default();
            fields(index, row, invalid, texts)
        })
        .collect_view()
}

fn fields(index: usize, row: Medication, invalid: bool, texts: Texts) -> impl IntoView {
    let parts = PARTS
        .iter()
        .map(|part| {
            let error = row.problem(part.field).filter(|_| invalid);
            field(index, part, (part.of)(&row).clone(), error, texts)
        })
        .collect_view();
    view! {
        <fieldset class="fields">
            <legend>{texts.with("medication-number", &[("number", number(index).into())])}</legend>
            {parts}
        </fieldset>
    }
}

fn field(
    index: usize,
    part: &Part,
    value: String,
    error: Option<AppError>,
    texts: Texts,
) -> impl IntoView + use<> {
    let id = id(index, part);
    let invalid = error.is_some().then_some("true");
    let error_id = format!("{id}-error");
    let describedby = error.map(|_| error_id.clone());
    let optional = (part.field == Field::MedicationNote)
        .then(|| view! { " " <span class="optional">{texts.text("optional")}</span> });
    view! {
        <div class="field">
            <label for=id.clone()>{texts.text(part.label)} {optional}</label>
            {error.map(|error| error_text(error_id, message(error, texts)))}
            <input
                id=id
                name=format!("medications[{index}][{}]", part.name)
                value=value
                autocomplete="off"
                aria-describedby=describedby
                aria-invalid=invalid
            />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_has_as_many_rows_as_were_filled_or_asked_for() {
        for (typed, asked, expected) in [
            (0, None, 5),
            (0, Some(10), 10),
            (0, Some(1), 5),
            (0, Some(usize::MAX), 20),
            (7, None, 7),
            // Too many were sent: all of them are there to be shortened.
            (30, Some(10), 30),
        ] {
            assert_eq!(rows(typed, asked), expected, "{typed} {asked:?}");
        }
    }
}
