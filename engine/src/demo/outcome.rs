//! The prescriptions and ratings of past appointments. Some have neither, so that users can try both.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// Name, dose, how often, for how long, note.
type Medication = [&'static str; 5];

const PRESCRIPTIONS: &[(&[Medication], &str)] = &[
    (
        &[
            [
                "Amoxicillin",
                "500 mg",
                "three times a day",
                "7 days",
                "Take all of them, also when you feel better",
            ],
            [
                "Paracetamol",
                "500 mg",
                "when needed, at most four times a day",
                "5 days",
                "",
            ],
        ],
        "Drink plenty, and come back if the fever lasts longer than three days.",
    ),
    (
        &[["Amlodipine", "5 mg", "once a day, in the morning", "3 months", ""]],
        "",
    ),
    (
        &[
            [
                "Hydrocortisone cream 1 %",
                "a thin layer",
                "twice a day",
                "7 days",
                "Not on the face",
            ],
            ["Cetirizine", "10 mg", "once a day, in the evening", "10 days", ""],
        ],
        "Avoid perfumed soap.",
    ),
    (
        &[[
            "Ibuprofen",
            "400 mg",
            "up to three times a day",
            "5 days",
            "With food",
        ]],
        "",
    ),
];

const RATINGS: &[(i16, &str)] = &[
    (5, "Took time for all my questions"),
    (4, ""),
    (5, ""),
    (5, "Very kind, and I understood everything"),
    (3, "I had to wait for half an hour"),
    (4, "Good advice"),
    (5, ""),
    (2, "I would have liked more time"),
    (5, "I feel much better already"),
];

pub(super) async fn insert(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    let visits: Vec<(i64, Timestamp)> = sqlx::query!(
        "select id, ends_at from appointments where status = 'completed' order by starts_at, reference"
    )
    .fetch_all(&mut **tx)
    .await?
    .into_iter()
    .map(|row| (row.id, row.ends_at.to_jiff()))
    .collect();
    insert_prescriptions(tx, &visits).await?;
    insert_templates(tx, now).await?;
    insert_notes(tx).await?;
    insert_ratings(tx, &visits, now).await
}

/// For every second visit.
async fn insert_prescriptions(tx: &mut Tx, visits: &[(i64, Timestamp)]) -> Result<(), Failure> {
    let (mut appointments, mut notes, mut written_at) = (Vec::new(), Vec::new(), Vec::new());
    let (mut of, mut positions, mut parts) = (Vec::new(), Vec::new(), [(); 5].map(|()| Vec::new()));
    for (&(appointment_id, ends_at), &(medications, note)) in
        visits.iter().step_by(2).zip(PRESCRIPTIONS.iter().cycle())
    {
        appointments.push(appointment_id);
        notes.push(note.to_owned());
        written_at.push(plus_minutes(ends_at, -1).to_sqlx());
        for (position, medication) in (1i16..).zip(medications) {
            of.push(appointment_id);
            positions.push(position);
            for (column, part) in parts.iter_mut().zip(medication) {
                column.push((*part).to_owned());
            }
        }
    }
    sqlx::query!(
        "insert into prescriptions (appointment_id, note, written_at)
         select * from unnest($1::bigint[], $2::text[], $3::timestamptz[])",
        &appointments,
        &notes,
        &written_at as _,
    )
    .execute(&mut **tx)
    .await?;
    let [names, doses, frequencies, durations, notes] = parts;
    sqlx::query!(
        "insert into medications (prescription_id, position, name, dose, frequency, duration, note)
         select prescriptions.id, made.position, made.name, made.dose, made.frequency, made.duration, made.note
         from unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
              as made (appointment_id, position, name, dose, frequency, duration, note)
         join prescriptions on prescriptions.appointment_id = made.appointment_id",
        &of,
        &positions,
        &names,
        &doses,
        &frequencies,
        &durations,
        &notes,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One for each doctor, of what the first prescription says.
async fn insert_templates(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "insert into prescription_templates (doctor_id, name, medications, note, changed_at)
         select doctors.id, 'Sinusitis, adults', made.medications, made.note, $1
         from doctors,
              (select jsonb_agg(jsonb_build_object('name', name, 'dose', dose, 'frequency', frequency,
                                                   'duration', duration, 'note', medications.note) order by position)
                          as medications,
                      prescriptions.note
               from prescriptions join medications on prescription_id = prescriptions.id
               where prescriptions.id = (select min(id) from prescriptions)
               group by prescriptions.id) as made",
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Of visits with a prescription, by their doctors.
async fn insert_notes(tx: &mut Tx) -> Result<(), Failure> {
    sqlx::query!(
        "insert into clinical_notes (appointment_id, version, staff_id, body, written_at)
         select appointments.id, made.version, staff_id, body, ends_at + made.version * interval '1 minute'
         from appointments
         join doctors on doctors.id = doctor_id
         join prescriptions on appointment_id = appointments.id
         cross join (values (1, 'No fever. Lungs clear.'),
                            (2, 'No fever. Lungs clear. See again if it lasts longer than two weeks.'))
                    as made (version, body)"
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// For two of three visits, some hours afterwards.
async fn insert_ratings(tx: &mut Tx, visits: &[(i64, Timestamp)], now: Timestamp) -> Result<(), Failure> {
    let (mut appointments, mut scores, mut comments, mut rated_at) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let rated = visits
        .iter()
        .enumerate()
        .filter(|(number, _)| number % 3 != 0)
        .map(|(_, &(appointment_id, ends_at))| (appointment_id, plus_minutes(ends_at, 4 * 60)))
        .filter(|&(_, at)| at <= now);
    for ((appointment_id, at), &(score, comment)) in rated.zip(RATINGS.iter().cycle()) {
        appointments.push(appointment_id);
        scores.push(score);
        comments.push(comment.to_owned());
        rated_at.push(at.to_sqlx());
    }
    sqlx::query!(
        "insert into ratings (appointment_id, doctor_id, score, comment, rated_at)
         select appointments.id, appointments.doctor_id, made.score, made.comment, made.rated_at
         from unnest($1::bigint[], $2::smallint[], $3::text[], $4::timestamptz[])
              as made (appointment_id, score, comment, rated_at)
         join appointments on appointments.id = made.appointment_id",
        &appointments,
        &scores,
        &comments,
        &rated_at as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
