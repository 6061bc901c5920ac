//! The waitlist by its pages, its link and the API.

mod api;
mod form;
mod seats;

use engine::waitlist;

use crate::support::TestApp;

/// A clinic in whose zone it is about noon, so that people are asked, with a waitlist that hears of everything.
async fn clinic() -> TestApp {
    let app = TestApp::new().await;
    let ahead = 12 - app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    // The names of these zones have the sign the other way round.
    let zone = match ahead {
        0 => "Etc/GMT".to_owned(),
        1.. => format!("Etc/GMT-{ahead}"),
        _ => format!("Etc/GMT+{}", -ahead),
    };
    sqlx::query("update clinics set time_zone = $1")
        .bind(zone)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    waitlist::listen(&app.database);
    app
}
