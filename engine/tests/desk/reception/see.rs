//! Lists, sheets and patients that a reception sees: those of its clinics.

use super::TwoClinics;
use engine::{
    appointment::{Filter, Listing, Order, Search, board, choices, find, find_by_id, history, listing},
    desk::{self, patient, patients, sheet},
    error::AppError,
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
        limit: 50,
    }
}

#[tokio::test]
async fn reception_sees_what_is_its_clinics_and_nothing_else() {
    let two = TwoClinics::new().await;
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

#[tokio::test]
async fn a_sheet_says_of_another_clinic_only_that_the_doctor_is_busy() {
    let two = TwoClinics::new().await;
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
