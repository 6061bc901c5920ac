//! Lists of times by API: a month of one doctor, and the first ones of all.

use torture::{
    Fallible,
    client::{Ask, Client},
    measure::Times,
};

use super::{Bench, Size, in_words};

impl Bench {
    /// A month of a doctor who has 10,000 appointments.
    pub(super) async fn month(&self) -> Fallible<()> {
        let (doctor, patients) = (&self.world.doctors[self.size.doctors - 4], self.size.patients);
        self.sql(format!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'M' || number, {}, 1, 1, 1 + number % {patients}, 'confirmed', at, at + interval '30 minutes', at,
                    at + interval '30 minutes', 30, 'in_person'
             from generate_series(1, 10000) as number,
                  lateral (select date_trunc('day', now(), 'UTC') - interval '280 days'
                                  + number * interval '45 minutes' as at) as times
             where number % 16 <> 0
             on conflict do nothing;
             analyze appointments;",
            doctor.id,
        ))
        .await?;
        let day = |days: i64| self.world.half_hour(48 * days).strftime("%Y-%m-%d").to_string();
        let path = format!(
            "/api/v1/doctors/{}/slots?service=visit&from={}&to={}",
            doctor.id,
            day(0),
            day(30)
        );
        let (times, free) = self.ask_for_times(&path).await?;
        println!(
            "| a month of a doctor with 10,000 appointments ({free} free times) | {} |",
            in_words(&times),
        );
        Ok(())
    }

    /// How long the answers of this list of times take, and how many times are in it.
    pub(super) async fn ask_for_times(&self, path: &str) -> Fallible<(Times, usize)> {
        let mut client = Client::default();
        let mut times = Times::default();
        let mut free = 0;
        for _ in 0..100 * self.rounds {
            let answer = client.send(self.server.address, &Ask::get(path)).await;
            let answer = answer.map_err(|silence| format!("{silence:?}"))?;
            free = answer.json()["data"].as_array().map_or(0, Vec::len);
            if answer.status != 200 || free == 0 {
                return Err(format!("no free times: {answer:?}").into());
            }
            times.add(answer.took);
        }
        Ok((times, free))
    }

    /// The first ten free times among all doctors, who are booked out for three days, and nearly all on the fourth: it
    /// takes the server more than one look.
    pub(super) async fn first_free(&self) -> Fallible<()> {
        let Size {
            doctors, patients, ..
        } = self.size;
        self.sql(format!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'F' || doctor || '-' || number, doctor, 1, 1, 1 + (doctor + number) % {patients}, 'confirmed', at,
                    at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
             from generate_series(1, {doctors}) as doctor, generate_series(1, 192) as number,
                  lateral (select date_trunc('day', now(), 'UTC') + number * interval '30 minutes' as at) as times
             where number < 144 or doctor % 40 <> 0
             on conflict do nothing",
        ))
        .await?;
        // As the server of a clinic does by itself.
        self.sql("vacuum analyze appointments".to_owned()).await?;
        let (times, free) = self.ask_for_times("/api/v1/slots?service=visit&limit=10").await?;
        println!(
            "| the first {free} free times among {doctors} doctors, booked out for three days | {} |",
            in_words(&times),
        );
        Ok(())
    }
}
