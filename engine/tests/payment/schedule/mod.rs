//! Random schedules of all that can happen to a payment for a time, a visit, a seat or a room, with a provider of our own that repeats, reorders and loses what it
//! says, is down, and answers too late. `PAYMENT_SCHEDULES` says how many are tried; the seed of one that fails is in its
//! message.

mod model;

use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status, expire},
    booking::{self, Hold},
    group::{self, Details, Plan, Take},
    i18n::{Locale, Names},
    payment::{
        self, Done, Provider, StartRooms, StartSeats, Started, done_work, due_work, settle,
        terms::{Terms, When},
    },
    stay::{self, BookStay, CancelStay, PutRoomType, RoomType, WantedRooms},
    time::{local_date, plus_minutes},
};
use jiff::{ToSpan, tz::TimeZone};

use self::model::{Chance, Model, Page};
use super::{PRICE, clinic, opens, rupiah, start, visit::start_of};
use crate::support::{INSTANT, RULES, TestApp, hold, patient_caller};

const STEPS: u32 = 14;

/// What is paid in a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Time,
    /// Two times of two doctors, on one page.
    Visit,
    /// The only seat of a session.
    Seat {
        session: i64,
    },
    /// The only room of a kind, for a night.
    Room {
        kind: i64,
    },
}
const USUAL_SCHEDULES: u64 = 25;

/// One schedule: a patient, a rival, and all that can happen.
struct Schedule<'a> {
    app: &'a TestApp,
    chance: Chance,
    model: Model,
    number: usize,
    patient: i64,
    rival: i64,
    what: What,
    doctor: usize,
    slot: i64,
    reference: String,
    /// What is held for a visit.
    parts: Vec<String>,
    /// The stay that is held, for a room.
    stay: i64,
    minutes: i64,
}

impl Schedule<'_> {
    fn now(&self) -> jiff::Timestamp {
        plus_minutes(self.app.now, self.minutes)
    }

    fn taking(&self, group_id: i64, patient_id: i64, caller: Caller) -> Take {
        Take {
            caller,
            ..self.app.taking(group_id, patient_id, 1)
        }
    }

    fn wish(&self, room_type_id: i64, caller: Caller, patient_id: i64) -> BookStay {
        let today = local_date(self.app.now, &TimeZone::UTC);
        BookStay {
            caller,
            patient_id,
            wanted: WantedRooms {
                room_type_id,
                arrival: today.saturating_add(30.days()),
                departure: today.saturating_add(31.days()),
                rooms: 1,
            },
            name: None,
            reason: String::new(),
            key: None,
        }
    }

    /// What is paid on a page.
    fn asked(&self) -> i64 {
        match self.what {
            What::Visit => 2 * PRICE,
            _ => PRICE,
        }
    }

    async fn goes_to_pay(&mut self) {
        let (database, now) = (&self.app.database, self.now());
        let started = match self.what {
            What::Time => {
                let command = start(self.number, self.patient, &self.reference);
                payment::start(database, command, now).await
            }
            What::Visit => {
                let command = start_of(self.number, self.patient, &self.parts);
                payment::start_visit(database, command, now).await
            }
            What::Seat { session } => {
                let command = StartSeats {
                    take: self.taking(session, self.patient, patient_caller(self.patient)),
                    provider: Provider::Demo,
                    locale: Locale::En,
                };
                payment::start_seats(database, command, now).await
            }
            What::Room { kind } => {
                // Some hold the rooms anew, which gives the hold before up.
                if self.stay == 0 || self.chance.one_of(3) == 0 {
                    let wish = self.wish(kind, patient_caller(self.patient), self.patient);
                    if let Ok(stay) = stay::hold(database, wish, RULES, now).await {
                        self.stay = stay.id;
                    }
                }
                let command = StartRooms {
                    caller: patient_caller(self.patient),
                    stay_id: self.stay,
                    provider: Provider::Demo,
                    locale: Locale::En,
                    key: None,
                };
                payment::start_rooms(database, command, now).await
            }
        };
        let Ok(Started::Paying { payment_id }) = started else {
            return;
        };
        // The server dies before it opens the page, or before it stores it.
        let (dies, is_late) = (self.chance.one_of(8) == 0, self.chance.one_of(8) == 0);
        let ends_at = plus_minutes(self.now(), payment::SESSION_MINUTES).as_second();
        if dies {
            return;
        }
        self.model.pages.insert(payment_id, Page::Open { ends_at });
        self.model.asked.insert(payment_id, self.asked());
        if is_late {
            return;
        }
        opens(self.app, payment_id, self.now()).await.unwrap();
    }

    /// An event arrives, up to three times at once, in whatever order; some are lost.
    async fn hears(&mut self) {
        if self.model.queue.is_empty() {
            return;
        }
        let place = usize::try_from(self.chance.one_of(self.model.queue.len() as u64)).unwrap();
        let event = self.model.queue.swap_remove(place);
        let copies = (0..self.chance.one_of(4)).map(|_| {
            let (database, event, now) = (self.app.database.clone(), event.clone(), self.now());
            tokio::spawn(async move { settle(&database, event, RULES, now).await.unwrap() })
        });
        for copy in copies.collect::<Vec<_>>() {
            copy.await.unwrap();
        }
    }

    async fn works(&mut self, has_faults: bool) -> usize {
        let due = due_work(&self.app.database, &[Provider::Demo], 10, self.now())
            .await
            .unwrap();
        let count = due.len();
        for work in due {
            let fault = if has_faults { self.chance.one_of(5) } else { 9 };
            let done = match fault {
                // It is down.
                0 => Done::Later,
                // It did it, and its answer got lost.
                1 => {
                    self.model.work(&work);
                    Done::Later
                }
                // The worker dies after the answer.
                2 => {
                    self.model.work(&work);
                    continue;
                }
                _ => self.model.work(&work),
            };
            done_work(&self.app.database, &work, done, RULES, self.now())
                .await
                .unwrap();
        }
        count
    }

    async fn gives_rooms_up(&mut self) {
        let caller = match self.chance.one_of(2) {
            0 => patient_caller(self.patient),
            _ => self.app.admin_caller(),
        };
        let command = CancelStay {
            caller,
            stay_id: self.stay,
            version: None,
            reason: String::new(),
            key: None,
        };
        let _ = stay::cancel(&self.app.database, command, self.now()).await;
    }

    async fn cancels(&mut self) {
        if let What::Room { .. } = self.what {
            return self.gives_rooms_up().await;
        }
        let caller = match self.chance.one_of(2) {
            0 => patient_caller(self.patient),
            _ => self.app.doctor_caller(self.doctor),
        };
        let mut standing: Vec<String> = sqlx::query_scalar(
            "select reference from appointments where patient_id = $1 and status in ('pending', 'confirmed')",
        )
        .bind(self.patient)
        .fetch_all(&mut *self.app.spare().await)
        .await
        .unwrap();
        if self.chance.one_of(2) == 0 {
            // One of a visit alone.
            standing.truncate(1);
        }
        for reference in standing {
            let command = ChangeStatus {
                caller: caller.clone(),
                which: reference.into(),
                to: Status::Cancelled,
                version: None,
                reason: "Something came up".to_owned(),
                key: None,
            };
            let _ = change_status(&self.app.database, command, self.now()).await;
        }
    }

    async fn step(&mut self) {
        match self.chance.one_of(10) {
            0 | 1 => self.goes_to_pay().await,
            2 | 3 => {
                let now = self.now().as_second();
                self.model.pay(&mut self.chance, now);
            }
            4 | 5 => self.hears().await,
            6 => {
                self.works(true).await;
            }
            7 => {
                self.minutes += i64::try_from(self.chance.one_of(25)).unwrap();
                self.model.end_pages(self.now().as_second());
                expire(&self.app.database, self.now()).await.unwrap();
            }
            8 => self.cancels().await,
            _ => self.rival_books().await,
        }
    }

    async fn rival_books(&mut self) {
        let (database, now, admin) = (&self.app.database, self.now(), self.app.admin_caller());
        match self.what {
            What::Time | What::Visit => {
                let wanted = self.app.wanted(self.doctor, INSTANT, self.app.slot(self.slot));
                let _ = self.app.books(self.rival, wanted).await;
            }
            What::Seat { session } => {
                let _ = group::take(database, self.taking(session, self.rival, admin), now).await;
            }
            What::Room { kind } => {
                let _ = stay::book(database, self.wish(kind, admin, self.rival), now).await;
            }
        }
    }

    /// Lets the rest come in, and the worker do what is left.
    async fn comes_to_rest(&mut self) {
        for _ in 0..60 {
            while !self.model.queue.is_empty() {
                self.hears().await;
            }
            self.minutes += 20;
            self.model.end_pages(self.now().as_second());
            expire(&self.app.database, self.now()).await.unwrap();
            self.works(false).await;
            let open: i64 = sqlx::query_scalar(
                "select (select count(*) from payments where work_due_at is not null)
                      + (select count(*) from refunds where work_due_at is not null)",
            )
            .fetch_one(&mut *self.app.spare().await)
            .await
            .unwrap();
            if open == 0 && self.model.queue.is_empty() {
                return;
            }
        }
        panic!("something is never over");
    }

    async fn agrees_with_the_provider(&self) {
        for (payment_id, page) in &self.model.pages {
            let (paid, back): (i64, i64) = sqlx::query_as(
                "select coalesce(sum(payments.amount_minor) filter (where paid_at is not null), 0)::bigint,
                        coalesce(sum((select sum(refunds.amount_minor) from refunds
                                      where payment_id = payments.id and refunds.state = 'refunded')), 0)::bigint
                 from payments where id = $1 or lead_id = $1",
            )
            .bind(payment_id)
            .fetch_one(&mut *self.app.spare().await)
            .await
            .unwrap();
            let is_paid = *page == Page::Paid;
            assert_eq!(
                paid,
                if is_paid { self.asked() } else { 0 },
                "payment {payment_id}: {page:?}"
            );
            let shares: Vec<i64> =
                sqlx::query_scalar("select id from payments where id = $1 or lead_id = $1")
                    .bind(payment_id)
                    .fetch_all(&mut *self.app.spare().await)
                    .await
                    .unwrap();
            let mut went = 0;
            for share in shares {
                let refunds = self.model.refunds.values().filter(|refund| refund.0 == share);
                let refunds: Vec<_> = refunds.collect();
                assert!(refunds.len() <= 1, "payment {share}: {refunds:?}");
                went += refunds.iter().map(|refund| refund.1).sum::<i64>();
            }
            assert_eq!(back, went, "payment {payment_id}");
        }
        let (session, kind) = match self.what {
            What::Time | What::Visit => (None, None),
            What::Seat { session } => (Some(session), None),
            What::Room { kind } => (None, Some(kind)),
        };
        let owners: i64 = sqlx::query_scalar(
            "select (select count(*) from appointments
                     where ($3::bigint is null and $4::bigint is null and doctor_id = $1 and starts_at = $2
                            or group_id = $3)
                       and status not in ('held', 'cancelled', 'rejected', 'expired'))
                  + (select count(*) from stays where room_type_id = $4 and status in ('booked', 'arrived', 'left'))",
        )
        .bind(self.app.wanted(self.doctor, INSTANT, self.app.slot(self.slot)).doctor_id)
        .bind(jiff_sqlx::ToSqlx::to_sqlx(self.app.slot(self.slot)))
        .bind(session)
        .bind(kind)
        .fetch_one(&mut *self.app.spare().await)
        .await
        .unwrap();
        assert!(owners <= 1, "{owners} owners");
    }
}

#[tokio::test]
async fn whatever_happens_money_is_booked_once_or_goes_back_once() {
    let app = clinic().await;
    let count = std::env::var("PAYMENT_SCHEDULES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(USUAL_SCHEDULES);
    for seed in 1..=count {
        let number = usize::try_from(seed).unwrap();
        let (patient, rival) = (
            add_patient(&app, 2 * number).await,
            add_patient(&app, 2 * number + 1).await,
        );
        let (doctor, slot) = (number % 4, 100 + 2 * i64::try_from(seed / 4).unwrap());
        let mut reference = String::new();
        // Every fourth is about a seat, others about a room or a visit.
        let what = match seed % 4 {
            0 => What::Seat {
                session: add_session(&app, doctor, slot).await,
            },
            1 => What::Time,
            2 => What::Visit,
            _ => What::Room {
                kind: add_kind(&app, seed).await,
            },
        };
        if what == What::Time {
            let wanted = app.wanted(doctor, INSTANT, app.slot(slot));
            reference = app.hold(number, wanted, app.now).await.unwrap();
        }
        let mut parts: Vec<String> = Vec::new();
        if what == What::Visit {
            for (doctor, slot) in [(doctor, slot), ((doctor + 1) % 4, slot + 1)] {
                let command = Hold {
                    keeps: parts.clone(),
                    ..hold(number, app.wanted(doctor, INSTANT, app.slot(slot)))
                };
                parts.push(booking::hold(&app.database, command, app.now).await.unwrap());
            }
        }
        let mut schedule = Schedule {
            app: &app,
            chance: Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            model: Model::default(),
            number,
            patient,
            rival,
            what,
            doctor,
            slot,
            reference,
            parts,
            stay: 0,
            minutes: 0,
        };
        schedule.goes_to_pay().await;
        for _ in 0..STEPS {
            schedule.step().await;
        }
        schedule.comes_to_rest().await;
        schedule.agrees_with_the_provider().await;
        eprintln!("schedule {seed} of {what:?} kept every rule");
    }
    app.assert_whole().await;
}

/// A session with a single seat, which costs what a time does.
async fn add_session(app: &TestApp, doctor: usize, slot: i64) -> i64 {
    let command = Plan {
        caller: app.admin_caller(),
        doctor_id: app.doctors[doctor].id,
        clinic_id: app.clinic,
        service_id: app.services[INSTANT],
        details: Details {
            title: "Birth class".to_owned(),
            starts_at: app.slot(slot),
            minutes: 30,
            capacity: 1,
            price: Some(rupiah(PRICE)),
        },
        weeks: 1,
        publish: true,
        key: None,
    };
    group::plan(&app.database, command, app.now).await.unwrap()[0].id
}

/// A kind with a single room, of which a night costs what a time does.
async fn add_kind(app: &TestApp, seed: u64) -> i64 {
    let command = PutRoomType {
        caller: app.admin_caller(),
        which: None,
        description: RoomType {
            clinic_id: app.clinic,
            name: format!("Room {seed}"),
            names: Names::default(),
            rooms: 1,
            price: rupiah(PRICE),
            terms: Terms {
                when: When::Before { deposit: None },
                ..Terms::default()
            },
            active: true,
        },
        key: None,
    };
    stay::put_room_type(&app.database, command, app.now)
        .await
        .unwrap()
        .id
}

/// A patient with a number of their own, however many there are.
async fn add_patient(app: &TestApp, number: usize) -> i64 {
    sqlx::query_scalar("insert into patients (phone, name) values ($1, 'Somebody') returning id")
        .bind(format!("+62812777{number:06}"))
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}
