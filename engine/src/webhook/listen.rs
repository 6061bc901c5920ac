//! The listener of the webhooks: what happens is written for each of them before the commit.

use std::sync::Arc;

use jiff_sqlx::ToSqlx;
use metrics::{describe_counter, describe_gauge};
use tokio::sync::Notify;

use super::topic::Told;
use crate::{
    appointment::status::Status,
    database::{Database, Failure, Listener, Tx, Writing},
    event::Event,
};

/// Lets what happens in transactions of this database be told from now on. Answers with what wakes the workers.
pub fn listen(database: &Database) -> Arc<Notify> {
    describe_counter!(
        "janji_webhook_attempts_total",
        "Requests to webhooks, by what became of them"
    );
    describe_gauge!("janji_webhooks", "Webhooks that have not ended, by state and why");
    describe_gauge!(
        "janji_webhook_deliveries_waiting",
        "What active webhooks are to be told and have not been"
    );
    describe_gauge!(
        "janji_webhook_oldest_seconds",
        "The age of the oldest of what active webhooks are to be told"
    );
    let wake_up = Arc::new(Notify::new());
    database.listen(Arc::new(Writer {
        wake_up: wake_up.clone(),
    }));
    wake_up
}

struct Writer {
    wake_up: Arc<Notify>,
}

impl Listener for Writer {
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let told: Vec<Told> = events.iter().filter_map(Told::of).collect();
            if !told.is_empty() && write(tx, &told).await? > 0 {
                tx.tell(Event::WebhookDue);
            }
            Ok(())
        })
    }

    fn after_commit(&self, events: &[Event]) {
        if events.contains(&Event::WebhookDue) {
            // One who waits and one who is at work look after this.
            self.wake_up.notify_one();
        }
    }
}

/// Writes what is told, for each webhook that asks for it and whose owner may see it. The appointments are locked by whoever
/// changed them, so that what happens to one of them is numbered in its order. It takes no lock: neither does a booking wait
/// for whoever changes a webhook, nor the other way round.
async fn write(tx: &mut Tx, told: &[Told]) -> Result<u64, Failure> {
    let events: Vec<String> = told.iter().map(|one| one.topic.name().to_owned()).collect();
    let appointments: Vec<i64> = told.iter().map(|one| one.appointment_id).collect();
    let versions: Vec<Option<i32>> = told.iter().map(|one| one.version).collect();
    let statuses: Vec<Option<String>> = (told.iter())
        .map(|one| one.status.map(Status::as_str).map(str::to_owned))
        .collect();
    let now = tx.now();
    let written = sqlx::query!(
        "insert into webhook_deliveries
             (webhook_id, event, appointment_id, version, status, doctor_id, clinic_id, starts_at, ends_at, happened_at, due_at)
         select webhooks.id, told.event, appointments.id, coalesce(told.version, appointments.version),
                coalesce(told.status, appointments.status), appointments.doctor_id, appointments.clinic_id,
                appointments.starts_at, appointments.ends_at, $5, $5
         from unnest($1::text[], $2::bigint[], $3::integer[], $4::text[]) with ordinality
              as told (event, appointment_id, version, status, place)
         join webhooks on webhooks.state <> 'ended' and told.event = any (webhooks.events)
         join appointments on appointments.id = told.appointment_id
              and appointments.doctor_id = coalesce(webhooks.doctor_id, appointments.doctor_id)
              and appointments.clinic_id = coalesce(webhooks.clinic_id, appointments.clinic_id)
         join staff on staff.id = webhooks.staff_id and staff.active
         left join doctors as own on own.staff_id = webhooks.staff_id
         where staff.role = 'doctor' and own.id = appointments.doctor_id
            or staff.role = 'admin' and not exists (select from staff_clinics where staff_id = webhooks.staff_id)
         order by told.place, webhooks.id
         on conflict (webhook_id, appointment_id, version) where event like 'appointment.%' do nothing",
        &events,
        &appointments,
        &versions as _,
        &statuses as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected())
}
