//! What is told of patients who arrive, of stays and of group sessions.

use engine::{
    appointment::{Arrive, arrive, take_back_arrival},
    group::{Cancel, Change, Details, Plan, cancel, change, plan},
    i18n::Names,
    money::Price,
    payment::terms::Terms,
    stay::{self, BookStay, ChangeStay, Presence, PutRoomType, RoomType, SetPresence, Stay, WantedRooms},
    time::{local_date, plus_minutes},
    webhook::{DeliveryFilter, Subject, deliveries},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::json;

use super::{Receiver, URL, clinic, dispatch, made, post_all, says, soon, try_to_make, wishes};
use crate::support::{INSTANT, RULES, TestApp, patient_caller};

#[tokio::test]
async fn who_is_told_of_an_appointment_is_told_that_its_patient_came() {
    let app = clinic().await;
    made(&app).await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    let here = |key| Arrive {
        caller: app.doctor_caller(0),
        which: reference.as_str().into(),
        key,
    };
    arrive(&app.database, here(None), app.slot(20)).await.unwrap();
    take_back_arrival(&app.database, here(None), app.slot(20))
        .await
        .unwrap();
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), soon(&app)).await;
    assert_eq!(
        receiver.topics()[2..],
        ["patient.arrived", "patient.arrival_undone"]
    );
    assert_eq!(
        receiver.told()[2]["data"],
        json!({
            "id": app.id_of(&reference).await, "version": 4, "status": "confirmed",
            "doctor_id": app.doctors[0].id, "clinic_id": app.clinic
        })
    );
    app.assert_whole().await;
}

async fn stay_of(app: &TestApp) -> Stay {
    let room_type = PutRoomType {
        caller: app.admin_caller(),
        which: None,
        description: RoomType {
            clinic_id: app.clinic,
            name: "Single room".to_owned(),
            names: Names::default(),
            rooms: 2,
            price: Price {
                minor: 85_000,
                currency: "IDR".to_owned(),
            },
            active: true,
            terms: Terms::default(),
        },
        key: None,
    };
    let room_type_id = stay::put_room_type(&app.database, room_type, app.now).await;
    let today = local_date(app.now, &TimeZone::UTC);
    let patient_id = app.patient(1).await;
    let wanted = BookStay {
        caller: patient_caller(patient_id),
        patient_id,
        wanted: WantedRooms {
            room_type_id: room_type_id.unwrap().id,
            arrival: today,
            departure: today.saturating_add(2.days()),
            rooms: 1,
        },
        name: None,
        reason: String::new(),
        key: None,
    };
    // A hold is nobody's business.
    let held = stay::hold(&app.database, wanted, RULES, app.now).await.unwrap();
    let submit = stay::SubmitStay {
        caller: patient_caller(patient_id),
        stay_id: held.id,
        key: None,
    };
    stay::submit(&app.database, submit, app.now).await.unwrap()
}

#[tokio::test]
async fn what_happens_to_a_stay_is_told_in_its_order_to_admins_alone() {
    let app = clinic().await;
    let id = made(&app).await;
    try_to_make(&app, app.doctor_caller(0), wishes("https://doctor.example.com/"))
        .await
        .unwrap();
    let one_doctor = wishes("https://one.example.com/").only_of(Some(app.doctors[0].id), None);
    try_to_make(&app, app.admin_caller(), one_doctor).await.unwrap();
    let elsewhere = app.another_clinic().await;
    let other = wishes("https://other.example.com/").only_of(None, Some(elsewhere));
    try_to_make(&app, app.admin_caller(), other).await.unwrap();
    let stay = stay_of(&app).await;
    let longer = ChangeStay {
        caller: app.admin_caller(),
        stay_id: stay.id,
        version: None,
        arrival: stay.arrival,
        departure: stay.departure.saturating_add(1.day()),
        rooms: 1,
        reason: String::new(),
        key: None,
    };
    stay::change(&app.database, longer, app.now).await.unwrap();
    for presence in [Presence::Arrived, Presence::Left] {
        let said = SetPresence {
            caller: app.admin_caller(),
            stay_id: stay.id,
            version: None,
            presence,
            key: None,
        };
        stay::set_presence(&app.database, said, app.now).await.unwrap();
    }
    // The first one is refused at first: nothing overtakes it.
    let refused = Receiver::with(|_| Some(says(500)));
    post_all(&dispatch(&app, &refused), soon(&app)).await;
    assert_eq!(refused.topics(), ["stay.booked"]);
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), plus_minutes(soon(&app), 10)).await;
    assert_eq!(
        receiver.topics(),
        [
            "stay.booked",
            "stay.changed",
            "stay.arrived",
            // The nights that are given up.
            "stay.changed",
            "stay.left"
        ]
    );
    assert!(receiver.requests().iter().all(|request| request.url == URL));
    assert_eq!(
        receiver.told()[0]["data"],
        json!({ "id": stay.id, "version": stay.version, "status": "booked", "clinic_id": app.clinic })
    );
    let filter = DeliveryFilter {
        limit: 10,
        ..DeliveryFilter::default()
    };
    let listed = deliveries(&app.database, &app.admin_caller(), id, filter, soon(&app)).await;
    assert!((listed.unwrap().iter()).all(|delivery| delivery.about == Some((Subject::Stay, stay.id))));
    app.assert_whole().await;
}

fn session(starts_at: Timestamp) -> Details {
    Details {
        title: "Birth class".to_owned(),
        starts_at,
        minutes: 60,
        capacity: 4,
        price: None,
    }
}

#[tokio::test]
async fn what_happens_to_a_group_session_is_told_its_doctor_and_admins() {
    let app = clinic().await;
    for (doctor, url) in [(0, "https://own.example.com/"), (1, "https://other.example.com/")] {
        let detailed = wishes(url).with_details(true);
        try_to_make(&app, app.doctor_caller(doctor), detailed)
            .await
            .unwrap();
    }
    let planned = Plan {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        clinic_id: app.clinic,
        service_id: app.services[INSTANT],
        details: session(app.slot(20)),
        weeks: 1,
        publish: true,
        key: None,
    };
    let group = plan(&app.database, planned, app.now).await.unwrap().remove(0);
    let moved = Change {
        caller: app.admin_caller(),
        group_id: group.id,
        version: group.version,
        details: session(app.slot(30)),
        key: None,
    };
    change(&app.database, moved, app.now).await.unwrap();
    let cancelled = Cancel {
        caller: app.admin_caller(),
        group_id: group.id,
        version: None,
        with_rest: false,
        reason: String::new(),
        key: None,
    };
    cancel(&app.database, cancelled, app.now).await.unwrap();
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), soon(&app)).await;
    assert_eq!(
        receiver.topics(),
        ["group.published", "group.moved", "group.cancelled"]
    );
    assert!((receiver.requests().iter()).all(|request| request.url == "https://own.example.com/"));
    assert_eq!(
        receiver.told()[2]["data"],
        json!({
            "id": group.id, "version": group.version + 2, "status": "cancelled",
            "doctor_id": app.doctors[0].id, "clinic_id": app.clinic
        })
    );
    app.assert_whole().await;
}
