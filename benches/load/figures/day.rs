//! The day calendar of a large clinic: how long the server makes it, and how large it is.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, postgres::PgPoolOptions};

use super::{Bench, in_words};
use torture::{
    Fallible,
    client::{Ask, Client},
    measure::{Times, milliseconds},
    server::Server,
    world::{Doors, World},
};

const DOCTORS: usize = 20;
const APPOINTMENTS: usize = 60;

/// The p95 of the page, and the bytes that it may have.
const MOST: Duration = Duration::from_millis(100);
const MAX_BYTES: usize = 200_000;

/// So many days from today, everybody is booked out from eight to six.
const AHEAD: i64 = 3;

impl Bench {
    /// A day on which every doctor of a clinic is booked out, as the desk sees it. Whether it is held.
    pub(super) async fn day(self: &Arc<Self>) -> Fallible<bool> {
        let url = self.postgres.add_database("day").await?;
        let server = Server::new(&self.folder, "day", &url, &[])?;
        server.start().await?;
        let database = PgPoolOptions::new().connect(&url).await?;
        let mut world = World::seed(&database, DOCTORS, DOCTORS).await?;
        world.sign_in(&database, server.address, Doors::Both).await?;
        // Names as long as people have them: they are most of the page.
        let statements = format!(
            "update doctors set name = 'dr. Siti Rahmawati ' || id;
             update patients set name = 'Hendra Wijaya Kusuma ' || id;
             update working_hours set from_minute = 480, until_minute = 1080;
             insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'P' || lpad(doctor::text, 3, '0') || '-' || lpad(number::text, 4, '0'), doctor, 1, 1, doctor,
                    'confirmed', at, at + interval '10 minutes', at, at + interval '10 minutes', 10, 'in_person'
             from generate_series(1, {DOCTORS}) as doctor, generate_series(0, {APPOINTMENTS} - 1) as number,
                  lateral (select date_trunc('day', now(), 'UTC') + interval '{AHEAD} days 8 hours'
                                  + number * interval '10 minutes' as at) as times;
             analyze;"
        );
        sqlx::raw_sql(AssertSqlSafe(statements))
            .execute(&database)
            .await?;
        database.close().await;

        // The first half hour is that of tomorrow's midnight.
        let date = world.half_hour(48 * (AHEAD - 1)).strftime("%Y-%m-%d");
        let session = world.admin.session.lock().await.clone();
        let ask = Ask::get(format!("/admin/day?date={date}")).cookie(&session);
        let answer = Client::default().send(server.address, &ask).await;
        let answer = answer.map_err(|silence| format!("{silence:?}"))?;
        let shown = String::from_utf8_lossy(&answer.body)
            .matches("\"appointments/P")
            .count();
        if answer.status != 200 || shown != DOCTORS * APPOINTMENTS {
            return Err(format!("the day calendar has {shown} appointments: {}", answer.status).into());
        }
        let (mut times, mut last) = (Times::default(), None);
        for _ in 0..self.rounds {
            let ask = ask.clone();
            let round = self.load_on(&server, 1, move |_, _, _| ask.clone()).await?;
            times.extend(&round.times);
            last = Some(round);
        }
        let last = last.ok_or("there was no round")?;
        let is_held = times.quantile(0.95) <= MOST && answer.body.len() <= MAX_BYTES;
        println!(
            "| the day calendar of {DOCTORS} doctors with {APPOINTMENTS} appointments each: at most {} ms and {MAX_BYTES} bytes | \
             {}; {} bytes{}; costs the server and PostgreSQL {} |",
            milliseconds(MOST),
            in_words(&times),
            answer.body.len(),
            if is_held { "" } else { " **NOT HELD**" },
            last.cost(),
        );
        Ok(is_held)
    }
}
