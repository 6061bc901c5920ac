//! Reception: the desk of its clinics, and nothing of what is another one's.

use std::collections::BTreeSet;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{APPOINTMENTS, RULES, TestApp, VISIT, refusal};
use engine::{
    account::{
        Caller, Clinics, Country, Phone, Role,
        access::{SetAccess, set_access},
        clinics::{SetClinics, set_clinics},
        family::Whose,
        find_caller,
        invite::set_role,
        session::SignedIn,
    },
    appointment::{
        Arrive, ChangeStatus, Filter, Listing, Order, Search, Status, Summary, arrive, board, change_status,
        choices, find, find_by_id, history, listing,
    },
    booking::{Reschedule, Wanted, reschedule},
    desk::{self, Typed, patient, patient_by_phone, patients, sheet},
    error::{AppError, Refusal},
    i18n::{Locale, Texts},
    schedule::{Act, CancelDay, Edit, call_list, call_lists, cancel_day, edit},
};

/// Two clinics, with the first doctor at both, somebody at the reception of each, and an appointment at each.
struct TwoClinics {
    app: TestApp,
    elsewhere: i64,
    here: Caller,
    there: Caller,
    /// The reference at the first clinic, and at the other one; and whose they are.
    appointments: [String; 2],
    patients: Vec<i64>,
}

impl TwoClinics {
    async fn new(options: PgConnectOptions) -> Self {
        let app = TestApp::new(options).await;
        let elsewhere = app.another_clinic().await;
        app.works_at(0, elsewhere).await;
        let patients = app.patients(2).await;
        let here = app
            .requested(patients[0], app.wanted(0, VISIT, app.slot(20)))
            .await;
        let wanted = Wanted {
            clinic_id: elsewhere,
            ..app.wanted(0, VISIT, app.slot(30))
        };
        let there = app.requested(patients[1], wanted).await;
        Self {
            here: app.reception_caller("here@test.example", &[app.clinic]).await,
            there: app.reception_caller("there@test.example", &[elsewhere]).await,
            appointments: [here, there],
            elsewhere,
            patients,
            app,
        }
    }

    fn change(&self, caller: &Caller, reference: &str, to: Status) -> ChangeStatus {
        ChangeStatus {
            caller: caller.clone(),
            which: reference.into(),
            to,
            version: None,
            reason: "The doctor is ill".to_owned(),
            key: None,
        }
    }

    async fn changed(&self, caller: &Caller, reference: &str, to: Status) -> Result<Summary, AppError> {
        change_status(
            &self.app.database,
            self.change(caller, reference, to),
            self.app.now,
        )
        .await
    }
}

fn everything() -> Listing {
    Listing {
        status: None,
        doctor_id: None,
        patient_id: None,
        clinic_id: None,
        service: None,
        search: Search::default(),
        from: None,
        until: None,
        order: Order::Soonest,
        after: None,
        limit: 50,
    }
}

#[sqlx::test]
async fn reception_sees_what_is_its_clinics_and_nothing_else(_: PgPoolOptions, options: PgConnectOptions) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    let (database, now) = (&app.database, app.now);
    for (own, other, caller) in [(0, 1, &two.here), (1, 0, &two.there)] {
        let (seen, hidden) = (&two.appointments[own], &two.appointments[other]);
        let ids = async |reference: &str| {
            let item = find(database, Some(app.admin_caller()), None, reference.to_owned());
            item.await.unwrap().id
        };
        assert!(
            find(database, Some(caller.clone()), None, seen.clone())
                .await
                .is_ok()
        );
        assert!(
            find_by_id(database, caller.clone(), ids(seen).await)
                .await
                .is_ok()
        );
        assert!(
            history(database, caller.clone(), seen.as_str().into())
                .await
                .is_ok()
        );
        let not_found = Some(AppError::NotFound);
        let found = find(database, Some(caller.clone()), None, hidden.clone()).await;
        assert_eq!(found.err(), not_found);
        let found = find_by_id(database, caller.clone(), ids(hidden).await).await;
        assert_eq!(found.err(), not_found);
        let told = history(database, caller.clone(), hidden.as_str().into()).await;
        assert_eq!(told.err(), not_found);
        // In lists, on the board, whatever is asked for.
        for clinic_id in [None, Some(app.clinic), Some(two.elsewhere)] {
            let wanted = Listing {
                clinic_id,
                ..everything()
            };
            let items = listing(database, caller.clone(), wanted, now).await.unwrap();
            assert!(items.iter().all(|item| item.reference == *seen), "{items:?}");
            let filter = Filter {
                clinic_id,
                clinics: caller.clinics().map(<[i64]>::to_vec),
                ..Filter::default()
            };
            let shown = board(database, filter).await.unwrap();
            assert!(shown.items.iter().all(|item| item.reference == *seen));
            assert!(shown.count(None).unwrap().number <= 1);
        }
        let chosen = choices(database, caller).await.unwrap();
        assert_eq!(chosen.clinics.len(), 1);
        // Patients by number, and in the list.
        assert!(patient(database, caller, two.patients[own], now).await.is_ok());
        let stranger = patient(database, caller, two.patients[other], now).await;
        assert_eq!(stranger.err(), not_found);
        let wanted = desk::Listing {
            search: Search::default(),
            after: None,
            limit: 50,
        };
        let known = patients(database, caller, wanted, now).await.unwrap();
        let known: Vec<i64> = known.into_iter().map(|person| person.id).collect();
        assert_eq!(known, [two.patients[own]]);
    }
}

#[sqlx::test]
async fn a_sheet_says_of_another_clinic_only_that_the_doctor_is_busy(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    // Whichever clinic is asked for, it is the own one.
    for clinic in [None, Some(app.clinic), Some(two.elsewhere)] {
        let day = Some(app.day(20));
        let wanted = sheet::Wanted::Day;
        let shown = sheet::sheet(&app.database, &two.here, clinic, day, wanted, app.now)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((shown.clinic.id, shown.clinics.len()), (app.clinic, 1));
        let visits: Vec<_> = shown.columns.iter().flat_map(|column| &column.visits).collect();
        assert_eq!(visits.len(), 2, "{visits:?}");
        for visit in visits {
            let is_own = visit.clinic_id == app.clinic;
            assert_eq!(visit.is_open(), is_own);
            assert_eq!(visit.patient_id.is_some(), is_own);
            assert_eq!(visit.patient_name.is_some(), is_own);
            assert_eq!(visit.patient_phone.is_some(), is_own);
            assert_eq!(visit.service_name.is_empty(), !is_own);
        }
    }
}

#[sqlx::test]
async fn reception_does_at_its_clinic_what_admins_do_and_history_says_so(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    let reference = &two.appointments[0];
    for to in [Status::Confirmed, Status::Rejected, Status::Cancelled] {
        assert_eq!(
            two.changed(&two.there, reference, to).await,
            Err(AppError::NotFound)
        );
    }
    two.changed(&two.here, reference, Status::Confirmed)
        .await
        .unwrap();
    let moved = |caller: &Caller| Reschedule {
        caller: caller.clone(),
        which: reference.as_str().into(),
        version: None,
        starts_at: app.slot(22),
        visitor: None,
        rules: RULES,
        key: None,
    };
    let refused = reschedule(&app.database, moved(&two.there), app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    reschedule(&app.database, moved(&two.here), app.now)
        .await
        .unwrap();
    let late = app.slot(22);
    let here = |caller: &Caller| Arrive {
        caller: caller.clone(),
        which: reference.as_str().into(),
        key: None,
    };
    let refused = arrive(&app.database, here(&two.there), late).await;
    assert_eq!(refused, Err(AppError::NotFound));
    arrive(&app.database, here(&two.here), late).await.unwrap();
    // What is the doctor's alone is nobody else's.
    let started = two.changed(&two.here, reference, Status::InProgress).await;
    assert!(
        matches!(started, Err(AppError::InvalidTransition { .. })),
        "{started:?}"
    );
    two.changed(&two.here, reference, Status::Cancelled)
        .await
        .unwrap();
    let told = history(&app.database, two.here.clone(), reference.as_str().into())
        .await
        .unwrap();
    let by: Vec<_> = told
        .changes
        .iter()
        .rev()
        .take(4)
        .map(|change| change.actor)
        .collect();
    assert_eq!(by, [Role::Reception; 4]);
    let confirmed = told
        .changes
        .iter()
        .find(|change| change.to == Status::Confirmed)
        .unwrap();
    assert!(confirmed.for_doctor && confirmed.is_by(&two.here));
    app.assert_sound().await;
}

#[sqlx::test]
async fn reception_books_whom_it_knows_at_its_clinic(_: PgPoolOptions, options: PgConnectOptions) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    let stranger = two.patients[1];
    let here = app.wanted(0, VISIT, app.slot(40));
    let there = Wanted {
        clinic_id: two.elsewhere,
        ..app.wanted(0, VISIT, app.slot(42))
    };
    let attempt = async |patient_id: i64, wanted: Wanted| {
        let command = app.booking(two.here.clone(), patient_id, wanted, false);
        app.sent(command, app.now).await
    };
    assert_eq!(attempt(stranger, here).await, Err(AppError::NotFound));
    assert_eq!(attempt(two.patients[0], there).await, Err(AppError::NotFound));
    let walk_in = engine::booking::WalkIn {
        clinic_id: two.elsewhere,
        ..app.walk_in_of(two.here.clone(), two.patients[0], None)
    };
    assert_eq!(app.sending(walk_in, app.now).await, Err(AppError::NotFound));
    // Whoever calls says the number, and is known for a day.
    let typed = Typed {
        caller: two.here.clone(),
        phone: Phone::parse("+6281255500001", Country::default()).unwrap(),
        name: String::new(),
        whose: Whose::Unsaid,
        key: None,
    };
    let found = patient_by_phone(&app.database, typed, app.now).await.unwrap();
    assert_eq!(found, stranger);
    let booked = attempt(stranger, here).await.unwrap();
    assert_eq!(booked.status, Status::Confirmed);
    app.assert_sound().await;
}

#[sqlx::test]
async fn two_receptions_and_a_doctor_answering_at_once_are_one_answer(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    let second = app.reception_caller("second@test.example", &[app.clinic]).await;
    let reference = &two.appointments[0];
    let racers: Vec<_> = [
        (two.here.clone(), Status::Confirmed),
        (second, Status::Rejected),
        (app.doctor_caller(0), Status::Rejected),
        (two.there.clone(), Status::Confirmed),
    ]
    .into_iter()
    .map(|(caller, to)| {
        let command = ChangeStatus {
            version: Some(2),
            ..two.change(&caller, reference, to)
        };
        let (database, now) = (app.database.clone(), app.now);
        async move { change_status(&database, command, now).await }
    })
    .collect();
    let results = app.race_behind(APPOINTMENTS, vec![racers]).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(results[3], Err(AppError::NotFound));
    assert_eq!(app.appointment(reference).await.1, 3);
    app.assert_sound().await;
}

#[sqlx::test]
async fn receptions_of_two_clinics_racing_for_one_time_of_a_doctor_get_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    let racers: Vec<_> = (0..20)
        .map(|number| {
            let (caller, clinic_id) = match number % 2 {
                0 => (two.here.clone(), app.clinic),
                _ => (two.there.clone(), two.elsewhere),
            };
            let wanted = Wanted {
                clinic_id,
                ..app.wanted(0, VISIT, app.slot(60))
            };
            app.sent(
                app.booking(caller, two.patients[number % 2], wanted, false),
                app.now,
            )
        })
        .collect();
    let results = app.race(racers).await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "{results:?}");
    let mut lost = results.iter().filter(|result| result.is_err()).map(refusal);
    assert!(lost.all(|reason| matches!(reason, Some(Refusal::SlotTaken | Refusal::PatientOverlap))));
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_day_is_stopped_and_cancelled_by_its_reception_and_plans_are_not(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let two = TwoClinics::new(options).await;
    let app = &two.app;
    let doctor_id = app.doctors[0].id;
    let edited = async |caller: &Caller, act: Act| {
        let version = app
            .count("select version::bigint from doctors order by id limit 1")
            .await;
        let command = Edit {
            caller: caller.clone(),
            doctor_id,
            version: i32::try_from(version).unwrap(),
            act,
            key: None,
        };
        edit(&app.database, command, app.now).await.map(drop)
    };
    let stop = |clinic_id: i64, slot: i64| Act::StopDay {
        clinic_id,
        day: app.day(slot),
        note: String::new(),
    };
    let remove = Act::RemoveException {
        clinic_id: app.clinic,
        day: app.day(200),
    };
    assert_eq!(
        edited(&two.there, stop(app.clinic, 200)).await,
        Err(AppError::NotFound)
    );
    edited(&two.here, stop(app.clinic, 200)).await.unwrap();
    assert_eq!(edited(&two.here, remove).await, Err(AppError::NotFound));
    let cancel = |caller: &Caller, version: i32| CancelDay {
        caller: caller.clone(),
        doctor_id,
        version,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "Ill".to_owned(),
        texts: Texts::of(Locale::En),
        key: None,
    };
    let version = app
        .count("select version::bigint from doctors order by id limit 1")
        .await;
    let version = i32::try_from(version).unwrap();
    let refused = cancel_day(&app.database, cancel(&two.there, version), app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    let done = cancel_day(&app.database, cancel(&two.here, version), app.now)
        .await
        .unwrap();
    let gone: Vec<&str> = done
        .appointments
        .iter()
        .map(|one| one.reference.as_str())
        .collect();
    assert_eq!(gone, [two.appointments[0].as_str()]);
    // Whom to call is for the same desk.
    let list = done.call_list.unwrap();
    assert_eq!(call_lists(&app.database, &two.here).await.unwrap().len(), 1);
    assert_eq!(call_lists(&app.database, &two.there).await.unwrap().len(), 0);
    assert!(call_list(&app.database, &two.here, list, app.now).await.is_ok());
    let hidden = call_list(&app.database, &two.there, list, app.now).await;
    assert_eq!(hidden.err(), Some(AppError::NotFound));
    app.assert_sound().await;
}

/// The command of the admin of the fixture.
fn clinics_of(app: &TestApp, staff_id: i64, clinics: &[i64]) -> SetClinics {
    SetClinics {
        caller: app.admin_caller(),
        staff_id,
        clinics: clinics.iter().copied().collect(),
        key: None,
    }
}

async fn caller(app: &TestApp, staff_id: i64) -> Caller {
    let found = find_caller(&app.database, SignedIn::Staff(staff_id))
        .await
        .unwrap();
    found.unwrap()
}

#[sqlx::test]
async fn clinics_are_given_and_taken_and_roles_follow(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (database, now) = (&app.database, app.now);
    let elsewhere = app.another_clinic().await;
    let id = app.reception("here@test.example", &[app.clinic]).await;
    let given = async |staff_id: i64, clinics: &[i64]| {
        set_clinics(database, clinics_of(&app, staff_id, clinics), now).await
    };
    given(id, &[app.clinic, elsewhere]).await.unwrap();
    let mut both = vec![app.clinic, elsewhere];
    both.sort_unstable();
    assert_eq!(caller(&app, id).await.clinics(), Some(both.as_slice()));
    given(id, &[elsewhere]).await.unwrap();
    assert_eq!(caller(&app, id).await.clinics(), Some([elsewhere].as_slice()));
    // None would be nothing, and one that is not there is none.
    assert!(matches!(
        given(id, &[]).await,
        Err(AppError::ValidationFailed { .. })
    ));
    assert!(matches!(
        given(id, &[-1]).await,
        Err(AppError::ValidationFailed { .. })
    ));
    // A doctor has patients. The last admin of all clinics stays one.
    let doctor = app.doctors[0].staff_id;
    assert_eq!(given(doctor, &[elsewhere]).await, Err(AppError::Forbidden));
    assert_eq!(
        given(app.admin_staff_id, &[elsewhere]).await,
        Err(AppError::Forbidden)
    );
    // Reception becomes an admin of the same clinics, who gives nobody anything; and reception again.
    let admin = app.admin_caller();
    set_role(database, &admin, id, Role::Admin, now).await.unwrap();
    let limited = caller(&app, id).await;
    assert_eq!(
        (limited.role(), limited.clinics()),
        (Role::Admin, Some([elsewhere].as_slice()))
    );
    let more = SetClinics {
        caller: limited.clone(),
        ..clinics_of(&app, id, &[])
    };
    assert_eq!(set_clinics(database, more, now).await, Err(AppError::NotFound));
    assert_eq!(
        set_role(database, &limited, doctor, Role::Admin, now).await,
        Err(AppError::NotFound)
    );
    // Beside an admin of one clinic, the one of all is the last one still.
    let close = |who: i64| SetAccess {
        caller: None,
        who: SignedIn::Staff(who),
        active: false,
        key: None,
    };
    let closed = set_access(database, close(app.admin_staff_id), now).await;
    assert_eq!(closed, Err(AppError::Forbidden));
    set_role(database, &admin, id, Role::Reception, now)
        .await
        .unwrap();
    assert_eq!(caller(&app, id).await.role(), Role::Reception);
    // A doctor is no reception, and an admin of all clinics is the reception of none.
    assert_eq!(
        set_role(database, &admin, doctor, Role::Reception, now).await,
        Err(AppError::Forbidden)
    );
    set_role(database, &admin, doctor, Role::Admin, now)
        .await
        .unwrap();
    assert_eq!(
        set_role(database, &admin, doctor, Role::Reception, now).await,
        Err(AppError::Forbidden)
    );
}

#[sqlx::test]
async fn admins_who_limit_each_other_at_once_leave_one_of_all_clinics(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let mut admins = vec![app.admin_staff_id];
    for doctor in &app.doctors[..2] {
        set_role(
            &app.database,
            &app.admin_caller(),
            doctor.staff_id,
            Role::Admin,
            app.now,
        )
        .await
        .unwrap();
        admins.push(doctor.staff_id);
    }
    let racers: Vec<_> = (0..30)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let command = SetClinics {
                caller: Caller::Admin {
                    staff_id: admins[number % 3],
                    name: "An admin".to_owned(),
                    clinics: Clinics::All,
                },
                staff_id: admins[(number + 1) % 3],
                clinics: BTreeSet::from([app.clinic]),
                key: None,
            };
            async move { set_clinics(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(AppError::Forbidden)))
    );
    let left = "select count(*) from staff
                where role = 'admin' and active and id not in (select staff_id from staff_clinics)";
    assert_eq!(app.count(left).await, 1);
}
