//! How many appointments a search finds: as many as its pages have.

use crate::support::{TestApp, VISIT, patient_caller};
use engine::{
    account::Caller,
    appointment::{Listing, Order, Search, Status, count, listing},
    time::{Bound, GivenTime},
};

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
        limit: 100,
    }
}

#[tokio::test]
async fn as_many_are_counted_as_are_listed() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    for (slot, patient_id) in (10..).step_by(30).zip(&patients) {
        app.confirmed(*patient_id, usize::try_from(slot % 2).unwrap(), app.slot(slot))
            .await;
        app.requested(*patient_id, app.wanted(1, VISIT, app.slot(slot + 7)))
            .await;
    }
    app.hold(7, app.wanted(2, VISIT, app.slot(5)), app.now)
        .await
        .unwrap();
    app.sql("update appointments set answer_until = created_at where id = (select max(id) from appointments where status = 'pending')")
        .await;
    let reception = app
        .reception_caller("r@test.example", &[app.another_clinic().await])
        .await;
    let callers: [Caller; 4] = [
        app.admin_caller(),
        app.doctor_caller(1),
        patient_caller(patients[0]),
        reception,
    ];
    let day = GivenTime::At(app.slot(40));
    let lists = [
        everything(),
        Listing {
            status: Some(Status::Pending),
            ..everything()
        },
        Listing {
            status: Some(Status::Expired),
            ..everything()
        },
        Listing {
            doctor_id: Some(app.doctors[1].id),
            ..everything()
        },
        Listing {
            patient_id: Some(patients[1]),
            ..everything()
        },
        Listing {
            clinic_id: Some(app.clinic),
            service: Some("visit".to_owned()),
            ..everything()
        },
        Listing {
            service: Some("nothing".to_owned()),
            ..everything()
        },
        Listing {
            from: Some(day),
            ..everything()
        },
        Listing {
            until: Some(Bound::Time(day).end()),
            ..everything()
        },
    ];
    for caller in &callers {
        for list in &lists {
            let items = listing(&app.database, caller.clone(), list.clone(), app.now)
                .await
                .unwrap();
            let counted = count(&app.database, caller.clone(), list.clone(), 100, app.now)
                .await
                .unwrap();
            assert_eq!(counted, i64::try_from(items.len()).ok(), "{caller:?} {list:?}");
        }
    }
    let counted = count(&app.database, app.admin_caller(), everything(), 3, app.now)
        .await
        .unwrap();
    assert_eq!(counted, None, "more than were to be counted");
}
