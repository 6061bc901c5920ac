//! The page of backups, and of a copy that was restored from one (O2).

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::ReleaseCopy;
use crate::{
    account::guard,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, query, texts},
};
use engine::{
    i18n::Texts,
    installation::{BackupMade, OLD_AFTER, Standing, standing},
    time,
};

/// The last backup; and in a copy that is paused, what its release does.
#[component]
pub fn BackupsPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let standing = standing(&state.database).await?;
        let is_daily = state.config.backup_folder().is_some();
        let age = (standing.last_backup.as_ref()).map(|made| state.now().duration_since(made.ended_at));
        Ok(Page::new(
            texts.text("backups-title"),
            view! {
                {done(texts)}
                <div class="page-head">
                    <div><h1>{texts.text("backups-title")}</h1><p>{texts.text("backups-intro")}</p></div>
                </div>
                {standing.paused_since.map(|since| paused(&standing, since, texts))}
                {trouble(&standing, age, is_daily, texts)}
                {match &standing.last_backup {
                    Some(made) => last(made, texts).into_any(),
                    None => none(is_daily, texts).into_any(),
                }}
            },
        ))
    })
}

/// Says what the form did that led here.
fn done(texts: Texts) -> Option<AnyView> {
    let (tone, key) = match query("done")?.as_str() {
        "released" => (Tone::Good, "backups-done-released"),
        "late" => (Tone::Warn, "backups-done-late"),
        _ => return None,
    };
    Some(notice(tone, texts.text(key), ()).into_any())
}

/// A copy that is paused, with a form for each way to release it.
fn paused(standing: &Standing, since: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let moment = |at| time::moment(at, &TimeZone::UTC, texts);
    let since = match standing.restored_from {
        Some(from) => texts.with(
            "backups-restored",
            &[("from", moment(from).into()), ("since", moment(since).into())],
        ),
        None => texts.with("backups-paused-since", &[("since", moment(since).into())]),
    };
    let waiting = texts.with("backups-waiting", &[("count", standing.waiting.into())]);
    view! {
        {notice(Tone::Warn, texts.text("paused-title"), view! { <p>{since}</p><p>{waiting}</p> })}
        <section class="card stack-s" aria-labelledby="release-drop">
            <h2 id="release-drop">{texts.text("backups-release-title")}</h2>
            <p>{texts.text("backups-release-text")}</p>
            <form method="post" action=ReleaseCopy::url()>
                <Hidden name="waiting" value="drop" />
                <button class="btn primary">{icon("check")}{texts.text("backups-release-do")}</button>
            </form>
        </section>
        <section class="card stack-s" aria-labelledby="release-send">
            <h2 id="release-send">{texts.text("backups-send-title")}</h2>
            <p>{texts.text("backups-send-text")}</p>
            <form method="post" action=ReleaseCopy::url()>
                <Hidden name="waiting" value="send" />
                <button class="btn danger">{icon("check")}{texts.text("backups-send-do")}</button>
            </form>
        </section>
    }
}

/// What is to be known of backups that are not there.
fn trouble(
    standing: &Standing,
    age: Option<SignedDuration>,
    is_daily: bool,
    texts: Texts,
) -> Option<AnyView> {
    if standing.failed > 0 {
        let title = texts.with("backups-failed", &[("count", standing.failed.into())]);
        let body = view! { <p>{texts.text("backups-failed-text")}</p> };
        return Some(notice(Tone::Bad, title, body).into_any());
    }
    let age = age.filter(|age| is_daily && *age > OLD_AFTER)?;
    let title = texts.with("backups-old", &[("hours", age.as_hours().into())]);
    Some(
        notice(
            Tone::Warn,
            title,
            view! { <p>{texts.text("backups-failed-text")}</p> },
        )
        .into_any(),
    )
}

fn last(made: &BackupMade, texts: Texts) -> impl IntoView + use<> {
    const KILOBYTE: i64 = 1000;
    const MEGABYTE: i64 = 1000 * KILOBYTE;
    let (unit, key) = match made.bytes < MEGABYTE {
        true => (KILOBYTE, "backups-kilobytes"),
        false => (MEGABYTE, "backups-megabytes"),
    };
    let size = texts.with(
        key,
        &[(
            "count",
            made.bytes.saturating_add(unit - 1).div_euclid(unit).into(),
        )],
    );
    let rows = texts.with("backups-rows-count", &[("count", made.rows.into())]);
    view! {
        <section class="card stack-s" aria-labelledby="last-backup">
            <h2 id="last-backup">{texts.text("backups-last")}</h2>
            <dl>
                <dt>{texts.text("backups-when")}</dt>
                <dd>{time::moment(made.ended_at, &TimeZone::UTC, texts)} " UTC"</dd>
                <dt>{texts.text("backups-file")}</dt>
                <dd class="mono">{made.name.clone()}</dd>
                <dt>{texts.text("backups-size")}</dt>
                <dd>{size} ", " {rows}</dd>
            </dl>
            <p>{texts.text("backups-elsewhere")}</p>
        </section>
    }
}

fn none(is_daily: bool, texts: Texts) -> impl IntoView + use<> {
    let text = match is_daily {
        true => "backups-none-yet",
        false => "backups-none-here",
    };
    view! {
        <div class="empty">
            {icon("shield-check")}
            <h2>{texts.text("backups-none-title")}</h2>
            <p>{texts.text(text)}</p>
        </div>
    }
}
