//! Demo data: three clinics, six doctors, a dozen patients, a month of appointments around today, and rooms.
//!
//! Names and numbers here are a contract, since first-time users and tests rely on them.

mod desk;
mod groups;
mod month;
mod outcome;
mod payments;
mod people;
mod phone;
mod rooms;
mod waitlist;
mod webhooks;

use jiff::Timestamp;

use self::people::{CLINICS, DOCTORS, PATIENTS, SERVICES};
use crate::{
    account::{Role, hash_password},
    database::{Database, Failure, Tx},
    error::AppError,
    time,
};

/// The password of everybody in the demo.
pub const PASSWORD: &str = "janji-demo";

/// Serialises servers that start at once; any number that nobody else uses.
const SEED_LOCK: i64 = 0x006a_616e_6a69;

/// Fills a database in which there is nobody yet and marks it as a demo's; leaves any other alone. Answers whether it is a
/// demo's now: the demo publishes codes, so it must not run on any other.
///
/// # Errors
/// Those of the database.
pub async fn seed(database: &Database) -> Result<bool, AppError> {
    let password_hash = tokio::task::spawn_blocking(|| hash_password(PASSWORD))
        .await
        .map_err(|_| AppError::Internal)??;
    let now = database.now();
    let seeded = database
        .write("demo.seed", move |tx| attempt(tx, password_hash.clone(), now))
        .await?;
    if seeded == Seeded::Now {
        tracing::info!("filled the database with demo data");
    }
    Ok(seeded != Seeded::Not)
}

/// What became of a database that was to have demo data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seeded {
    Now,
    Before,
    /// It is a clinic's.
    Not,
}

/// The ids that other tables refer to, in the order of the lists in [`people`].
struct Ids {
    admin: i64,
    clinics: Vec<i64>,
    services: Vec<i64>,
    /// The doctors, each with the id of the staff account.
    doctors: Vec<(i64, i64)>,
    patients: Vec<i64>,
}

async fn attempt(mut tx: Tx, password_hash: String, now: Timestamp) -> Result<Seeded, Failure> {
    sqlx::query!("select pg_advisory_xact_lock($1)", SEED_LOCK)
        .execute(&mut *tx)
        .await?;
    let there = sqlx::query!(
        r#"select exists (select from demo_marks) as "is_a_demos!",
                  not exists (select from clinics) and not exists (select from staff)
                      and not exists (select from patients) as "is_empty!""#,
    )
    .fetch_one(&mut *tx)
    .await?;
    match (there.is_a_demos, there.is_empty) {
        (true, _) => return Ok(Seeded::Before),
        (false, false) => return Ok(Seeded::Not),
        (false, true) => {}
    }
    mark(&mut tx, now).await?;
    insert_imprint(&mut tx).await?;
    let clinics = insert_clinics(&mut tx).await?;
    let services = insert_services(&mut tx).await?;
    let admin = insert_staff(
        &mut tx,
        Role::Admin,
        "Maya Putri",
        "admin@demo.example",
        &password_hash,
    )
    .await?;
    let doctors = insert_doctors(&mut tx, &password_hash).await?;
    let patients = insert_patients(&mut tx, now).await?;
    let ids = Ids {
        admin,
        clinics,
        services,
        doctors,
        patients,
    };
    insert_text(&mut tx, ids.admin, now).await?;
    insert_plans(&mut tx, &ids, now).await?;
    insert_desk(&mut tx, &ids, &password_hash).await?;
    month::insert(&mut tx, &ids, now).await?;
    outcome::insert(&mut tx, now).await?;
    desk::insert(&mut tx, &ids, now).await?;
    rooms::insert(&mut tx, &ids, now).await?;
    groups::insert(&mut tx, &ids, now).await?;
    webhooks::insert(&mut tx, ids.admin, now).await?;
    phone::insert(&mut tx, &ids, now).await?;
    payments::insert(&mut tx, &ids).await?;
    waitlist::insert(&mut tx, &ids, now).await?;
    tx.commit().await?;
    Ok(Seeded::Now)
}

/// Marks the database as a demo's.
async fn mark(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    use jiff_sqlx::ToSqlx;

    sqlx::query!("insert into demo_marks (seeded_at) values ($1)", now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What the page says about who runs the site.
const IMPRINT: &str = "Janji Demo Clinics\nJalan Kenanga 12, Jakarta\n\nThese clinics do not exist. Write to \
                       nobody@demo.example, and nobody answers.";

async fn insert_imprint(tx: &mut Tx) -> Result<(), Failure> {
    sqlx::query!(
        "insert into organisation_pages (page, language, body) values ('imprint', 'en', $1)
         on conflict on constraint organisation_pages_pkey do nothing",
        IMPRINT,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A message in the words of the clinic.
async fn insert_text(tx: &mut Tx, admin: i64, now: Timestamp) -> Result<(), Failure> {
    use jiff_sqlx::ToSqlx;

    sqlx::query!(
        "with text as (
             insert into message_texts (wording, language, version, sms, subject, mail)
             values ('rating_asked', 'en', 1, $1, $2, $3)
             returning id, sms, subject, mail
         )
         insert into message_text_changes (changed_at, staff_id, what, text_id, version, sms, subject, mail)
         select $4, $5, 'text_changed', id, 1, sms, subject, mail from text",
        "Thank you for coming. How was it? Your answer helps others to choose. {reference}",
        "Thank you for coming",
        "How was your appointment {reference}? Your answer helps others to choose.\n\nIf something was not right, call {phone}.",
        now.to_sqlx(),
        admin,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_clinics(tx: &mut Tx) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    for clinic in CLINICS {
        let id = sqlx::query_scalar!(
            "insert into clinics (name, address, city, phone, time_zone) values ($1, $2, $3, $4, $5) returning id",
            clinic.name,
            clinic.address,
            clinic.city,
            clinic.phone,
            clinic.zone,
        )
        .fetch_one(&mut **tx)
        .await?;
        ids.push(id);
    }
    Ok(ids)
}

async fn insert_services(tx: &mut Tx) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    for service in SERVICES {
        let id = sqlx::query_scalar!(
            "insert into services
                 (key, name, mode, duration_minutes, buffer_after_minutes, slot_interval_minutes,
                  notice_minutes, horizon_days, cutoff_minutes, instant)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             returning id",
            service.key,
            service.name,
            service.mode,
            service.duration,
            service.buffer_after,
            service.interval,
            service.notice,
            service.horizon_days,
            service.cutoff,
            service.instant,
        )
        .fetch_one(&mut **tx)
        .await?;
        ids.push(id);
    }
    sqlx::query!(
        "update services set names = made.names
         from (values ('text_consultation', '{\"de\": \"Sprechstunde per Text\", \"id\": \"Konsultasi teks\"}'::jsonb),
                      ('video_consultation', '{\"de\": \"Videosprechstunde\", \"id\": \"Konsultasi video\"}'),
                      ('in_person', '{\"de\": \"Besuch in der Praxis\", \"id\": \"Kunjungan ke klinik\"}'),
                      ('flu_vaccination', '{\"de\": \"Grippeimpfung\", \"id\": \"Vaksinasi flu\"}')) as made (key, names)
         where services.key = made.key"
    )
    .execute(&mut **tx)
    .await?;
    // One vaccination after the other.
    sqlx::query!("update services set most_open = 4, most_per_week = 2 where key = 'flu_vaccination'")
        .execute(&mut **tx)
        .await?;
    Ok(ids)
}

async fn insert_staff(
    tx: &mut Tx,
    role: Role,
    name: &str,
    email: &str,
    password_hash: &str,
) -> Result<i64, Failure> {
    let id = sqlx::query_scalar!(
        "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4) returning id",
        role.as_str(),
        name,
        email,
        password_hash,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// Somebody at the reception of the first clinic, and an admin of it; both of no other.
async fn insert_desk(tx: &mut Tx, ids: &Ids, password_hash: &str) -> Result<(), Failure> {
    for (role, name, email) in [
        (Role::Reception, "Rina Hartati", "reception@demo.example"),
        (Role::Admin, "Hendra Gunawan", "branch@demo.example"),
    ] {
        let id = insert_staff(tx, role, name, email, password_hash).await?;
        sqlx::query!(
            "insert into staff_clinics (staff_id, clinic_id) select $1, id from unnest($2::bigint[]) as id",
            id,
            ids.clinics.get(..1).unwrap_or_default(),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

async fn insert_doctors(tx: &mut Tx, password_hash: &str) -> Result<Vec<(i64, i64)>, Failure> {
    let mut ids = Vec::new();
    for doctor in DOCTORS {
        let staff_id = insert_staff(tx, Role::Doctor, doctor.name, doctor.email, password_hash).await?;
        let languages: Vec<String> = doctor.languages.iter().map(ToString::to_string).collect();
        let id = sqlx::query_scalar!(
            "insert into doctors (staff_id, name, speciality, about, languages) values ($1, $2, $3, $4, $5) returning id",
            staff_id,
            doctor.name,
            doctor.speciality,
            doctor.about,
            &languages,
        )
        .fetch_one(&mut **tx)
        .await?;
        ids.push((id, staff_id));
    }
    Ok(ids)
}

async fn insert_patients(tx: &mut Tx, now: Timestamp) -> Result<Vec<i64>, Failure> {
    use jiff_sqlx::ToSqlx;

    let mut ids = Vec::new();
    for (phone, name) in PATIENTS {
        let id = sqlx::query_scalar!(
            "insert into patients (phone, name, created_at) values ($1, $2, $3) returning id",
            phone,
            name,
            time::plus_minutes(now, -60 * 24 * 60).to_sqlx(),
        )
        .fetch_one(&mut **tx)
        .await?;
        ids.push(id);
    }
    Ok(ids)
}

/// Inserts the offers and the hours of the doctors.
async fn insert_plans(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    use jiff_sqlx::ToSqlx;

    let (day, note) = people::CLOSURE;
    sqlx::query!(
        "insert into time_off (first_day, last_day, yearly, note) values ($1, $1, true, $2)",
        day.to_sqlx() as _,
        note,
    )
    .execute(&mut **tx)
    .await?;
    for (doctor, &(doctor_id, _)) in DOCTORS.iter().zip(&ids.doctors) {
        for place in doctor.places {
            let clinic_id = ids.clinics[place.clinic];
            for &service in place.services {
                sqlx::query!(
                    "insert into offers (doctor_id, clinic_id, service_id) values ($1, $2, $3)",
                    doctor_id,
                    clinic_id,
                    ids.services[service],
                )
                .execute(&mut **tx)
                .await?;
            }
            let hours = place.week.iter().map(|hours| (hours, false));
            let breaks = place.breaks.iter().map(|hours| (hours, true));
            for (&(weekdays, ranges), is_break) in hours.chain(breaks) {
                let weekdays: Vec<i16> = weekdays.iter().copied().map(i16::from).collect();
                for &(from, until) in ranges {
                    sqlx::query!(
                        "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute, is_break)
                         select $1, $2, weekday, $4, $5, $6 from unnest($3::smallint[]) as weekday",
                        doctor_id,
                        clinic_id,
                        &weekdays,
                        from,
                        until,
                        is_break,
                    )
                    .execute(&mut **tx)
                    .await?;
                }
            }
            for exception in place.exceptions {
                let exception_id = sqlx::query_scalar!(
                    "insert into plan_exceptions (doctor_id, clinic_id, day, note) values ($1, $2, $3, $4) returning id",
                    doctor_id,
                    clinic_id,
                    people::day(now, place.clinic, exception.in_days).to_sqlx() as _,
                    exception.note,
                )
                .fetch_one(&mut **tx)
                .await?;
                for &(from, until) in exception.hours {
                    sqlx::query!(
                        "insert into plan_exception_hours (exception_id, from_minute, until_minute) values ($1, $2, $3)",
                        exception_id,
                        from,
                        until,
                    )
                    .execute(&mut **tx)
                    .await?;
                }
            }
        }
    }
    Ok(())
}
