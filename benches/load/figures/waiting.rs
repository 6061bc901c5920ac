//! A time that comes free, where many wait.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use torture::{
    Fallible,
    client::Client,
    measure::{Times, milliseconds},
    run::Deed,
    world::Service,
};

use super::{Bench, in_words};

/// The number of those who wait.
const WAIT: usize = 1000;
/// The longest that it may take to search them.
const MOST: Duration = Duration::from_millis(10);
/// Times of this number of half hours and later are nobody's.
const AFTER: i64 = 48 * 620;
/// Those who wait have ids from here on.
const FIRST: usize = 1_000_000;

impl Bench {
    /// Cancelling an appointment where nobody waits for such a time, against one where a thousand do, none of whom it fits.
    pub(super) async fn waiting(&self) -> Fallible<bool> {
        let (calm, wanted) = (self.size.doctors - 5, self.size.doctors - 6);
        // They wait for days that are over when the time comes.
        self.sql(format!(
            "insert into patients (id, phone, name)
             select {FIRST} + number, '+6281' || 100000000 + number, 'Somebody' from generate_series(1, {WAIT}) as number
             on conflict do nothing;
             insert into waitlist_entries
                 (patient_id, service_id, doctor_id, clinic_id, first_day, last_day, notice_minutes, joined_at)
             select {FIRST} + number, {}, {}, 1, current_date, current_date + 1, 0, now() - interval '1 day'
             from generate_series(1, {WAIT}) as number;
             analyze patients, waitlist_entries;",
            Service::Visit.id(),
            self.world.doctors[wanted].id,
        ))
        .await?;
        let mut times = [Times::default(), Times::default()];
        for count in 0..60 * self.rounds {
            for (times, doctor) in times.iter_mut().zip([calm, wanted]) {
                times.add(self.cancelled(doctor, AFTER + i64::try_from(count)?).await?);
            }
        }
        let [alone, among_many] = times;
        let more = among_many.quantile(0.5).saturating_sub(alone.quantile(0.5));
        let is_held = more <= MOST;
        println!(
            "| a time that comes free is looked for among {WAIT} who wait: at most {} ms more | {} ms more; {}{} |",
            milliseconds(MOST),
            milliseconds(more),
            in_words(&among_many),
            if is_held { "" } else { " **NOT HELD**" },
        );
        Ok(is_held)
    }

    /// Books a time and cancels it; how long the second took.
    async fn cancelled(&self, doctor: usize, half_hour: i64) -> Fallible<Duration> {
        let key = format!("free-{}", self.round.fetch_add(1, Relaxed));
        let patient = &self.world.patients[0];
        let at = self.world.half_hour(half_hour);
        let deed = Deed::book(&key, patient, self.world.doctors[doctor].id, Service::Visit, at);
        let mut client = Client::default();
        let answer = client.send(self.server.address, &deed.ask).await;
        let answer = answer.map_err(|silence| format!("{silence:?}"))?;
        let id = answer.json()["data"]["id"].as_i64();
        let id = id.ok_or_else(|| format!("no booking: {answer:?}"))?;
        let deed = Deed::change(&format!("{key}-cancel"), patient, id, "cancelled", None);
        let answer = client.send(self.server.address, &deed.ask).await;
        let answer = answer.map_err(|silence| format!("{silence:?}"))?;
        match answer.status {
            200 => Ok(answer.took),
            _ => Err(format!("not cancelled: {answer:?}").into()),
        }
    }
}
