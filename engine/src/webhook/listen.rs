//! The listener of the webhooks: what happens is written for each of them before the commit.

use std::sync::Arc;

use jiff_sqlx::ToSqlx;
use metrics::{describe_counter, describe_gauge};
use tokio::sync::Notify;

use super::topic::{Subject, Told};
use crate::{
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
    fn concern(&self) -> Option<&'static str> {
        Some("exists (select from webhooks where state <> 'ended')")
    }

    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let told: Vec<Told> = events.iter().filter_map(Told::of).collect();
            let mut written = 0;
            for subject in [Subject::Appointment, Subject::Stay, Subject::Group] {
                let told = Columns::of(&told, subject);
                written += match (told.ids.is_empty(), subject) {
                    (true, _) => 0,
                    (_, Subject::Appointment) => write(tx, &told).await?,
                    (_, Subject::Stay) => write_stays(tx, &told).await?,
                    (_, Subject::Group) => write_groups(tx, &told).await?,
                };
            }
            if written > 0 {
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

/// What is told of one kind of thing, as a statement takes it.
struct Columns {
    events: Vec<String>,
    ids: Vec<i64>,
    versions: Vec<Option<i32>>,
    statuses: Vec<Option<String>>,
}

impl Columns {
    fn of(told: &[Told], subject: Subject) -> Self {
        let mut columns = Self {
            events: Vec::new(),
            ids: Vec::new(),
            versions: Vec::new(),
            statuses: Vec::new(),
        };
        for one in told.iter().filter(|one| one.subject == subject) {
            columns.events.push(one.topic.name().to_owned());
            columns.ids.push(one.id);
            columns.versions.push(one.version);
            columns.statuses.push(one.status.map(str::to_owned));
        }
        columns
    }
}

/// Writes what is told, for each webhook that asks for it and whose owner may see it. The appointments are locked by whoever
/// changed them, so that what happens to one of them is numbered in its order. It takes no lock: neither does a booking wait
/// for whoever changes a webhook, nor the other way round.
async fn write(tx: &mut Tx, told: &Columns) -> Result<u64, Failure> {
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
        &told.events,
        &told.ids,
        &told.versions as _,
        &told.statuses as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected())
}

/// Writes what is told of stays: to admins of all clinics, whose webhook is not of one doctor alone.
async fn write_stays(tx: &mut Tx, told: &Columns) -> Result<u64, Failure> {
    let now = tx.now();
    let written = sqlx::query!(
        "insert into webhook_deliveries
             (webhook_id, event, stay_id, version, status, clinic_id, happened_at, due_at)
         select webhooks.id, told.event, stays.id, coalesce(told.version, stays.version),
                coalesce(told.status, stays.status), room_types.clinic_id, $5, $5
         from unnest($1::text[], $2::bigint[], $3::integer[], $4::text[]) with ordinality
              as told (event, stay_id, version, status, place)
         join webhooks on webhooks.state <> 'ended' and told.event = any (webhooks.events) and webhooks.doctor_id is null
         join stays on stays.id = told.stay_id
         join room_types on room_types.id = stays.room_type_id
              and room_types.clinic_id = coalesce(webhooks.clinic_id, room_types.clinic_id)
         join staff on staff.id = webhooks.staff_id and staff.active and staff.role = 'admin'
         where not exists (select from staff_clinics where staff_id = webhooks.staff_id)
         order by told.place, webhooks.id
         on conflict (webhook_id, stay_id, version) where stay_id is not null do nothing",
        &told.events,
        &told.ids,
        &told.versions as _,
        &told.statuses as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected())
}

/// Writes what is told of group sessions, as they are at the end of the transaction: it changes each of them once.
async fn write_groups(tx: &mut Tx, told: &Columns) -> Result<u64, Failure> {
    let now = tx.now();
    let written = sqlx::query!(
        "insert into webhook_deliveries
             (webhook_id, event, group_id, version, status, doctor_id, clinic_id, happened_at, due_at)
         select webhooks.id, told.event, groups.id, groups.version, groups.state, groups.doctor_id, groups.clinic_id, $3, $3
         from unnest($1::text[], $2::bigint[]) with ordinality as told (event, group_id, place)
         join webhooks on webhooks.state <> 'ended' and told.event = any (webhooks.events)
         join groups on groups.id = told.group_id
              and groups.doctor_id = coalesce(webhooks.doctor_id, groups.doctor_id)
              and groups.clinic_id = coalesce(webhooks.clinic_id, groups.clinic_id)
         join staff on staff.id = webhooks.staff_id and staff.active
         left join doctors as own on own.staff_id = webhooks.staff_id
         where staff.role = 'doctor' and own.id = groups.doctor_id
            or staff.role = 'admin' and not exists (select from staff_clinics where staff_id = webhooks.staff_id)
         order by told.place, webhooks.id
         on conflict (webhook_id, group_id, version) where group_id is not null do nothing",
        &told.events,
        &told.ids,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected())
}
