//! Times: slots with what they are, and `$find`, which is the list of times.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ids, issues, matches, name, resource};
use crate::support::{LONG, People, Program, TestApp, VISIT, data};

async fn state(program: &Program, name: &str) -> String {
    let slot = resource(&program.read(&format!("Slot/{name}")).await, 200);
    assert_eq!(slot["id"], name);
    slot["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_slot_is_what_became_of_its_time() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    let time = name(&app, 0, VISIT, app.slot(20));
    assert_eq!(state(&visitor, &time).await, "free");
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    assert_eq!(state(&visitor, &time).await, "busy-tentative");
    app.submit(1, people.patient_id, &held, app.now).await.unwrap();
    assert_eq!(state(&visitor, &time).await, "busy-tentative");
    app.confirmed(people.other_id, 0, app.slot(30)).await;
    assert_eq!(state(&visitor, &name(&app, 0, VISIT, app.slot(30))).await, "busy");
    // Before it there is no room for the buffer of the long one, which nobody has.
    let short_before = app.slot(30) - jiff::SignedDuration::from_mins(45);
    assert_eq!(
        state(&visitor, &name(&app, 0, LONG, short_before)).await,
        "busy-unavailable"
    );
    let at = app.slot(30) + jiff::SignedDuration::from_mins(15);
    assert_eq!(state(&visitor, &name(&app, 0, LONG, at)).await, "busy");
    sqlx::query(
        "insert into time_off (doctor_id, first_day, last_day) values ($1, $2::text::date, $2::text::date)",
    )
    .bind(app.doctors[1].id)
    .bind(app.day(20).to_string())
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!(
        state(&visitor, &name(&app, 1, VISIT, app.slot(20))).await,
        "busy-unavailable"
    );
    let off_the_grid = app.slot(20) + jiff::SignedDuration::from_mins(1);
    let path = format!("Slot/{}", name(&app, 0, VISIT, off_the_grid));
    assert_eq!(issues(&visitor.read(&path).await, 404), ["not-found"]);

    let search = format!(
        "Slot?schedule=Schedule/{}-{}&service-type=visit&start=ge{}&start=lt{}",
        app.doctors[0].id,
        app.clinic,
        app.slot(20),
        app.slot(31)
    );
    let bundle = resource(&visitor.read(&search).await, 200);
    let states: Vec<Value> = matches(&bundle)
        .into_iter()
        .map(|mut slot| slot["status"].take())
        .collect();
    assert_eq!(states.len(), 11);
    assert_eq!(
        (&states[0], &states[1], &states[10]),
        (&json!("busy-tentative"), &json!("free"), &json!("busy"))
    );
    let free = resource(&visitor.read(&format!("{search}&status=free")).await, 200);
    assert_eq!(free["total"], 9);
    let with_schedule = resource(
        &visitor
            .read(&format!("{search}&_include=Slot:schedule&_count=2"))
            .await,
        200,
    );
    assert_eq!(with_schedule["entry"].as_array().unwrap().len(), 3);
    assert!(!bundle.to_string().contains("Patient"), "{bundle}");
}

#[tokio::test]
async fn a_search_for_slots_has_ends() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let day = |days: i64| app.day(48 * days);
    for query in [
        format!("start=ge{}&start=lt{}", day(1), day(2)),
        "service-type=visit".to_owned(),
        format!("service-type=visit&start=ge{}", day(1)),
        format!("service-type=visit&start=ge{}&start=lt{}", day(1), day(40)),
        format!("schedule={}-{}&start=lt{}", app.doctors[0].id, app.clinic, day(2)),
    ] {
        let answer = visitor.read(&format!("Slot?{query}")).await;
        assert_eq!(issues(&answer, 400), ["too-costly"], "{query}");
    }
    let month = format!(
        "Slot?service-type=visit&start=ge{}&start=lt{}&_count=0",
        day(1),
        day(32)
    );
    assert!(resource(&visitor.read(&month).await, 200)["total"].as_i64() > Some(1000));
    for (query, code) in [
        (
            format!("service-type=visit&start=ge{}&start=lt{}", day(2), day(1)),
            "value",
        ),
        (
            "service-type=visit&start=ge2026-13-01&start=lt2026-12-01".to_owned(),
            "invalid",
        ),
        (
            format!("service-type=visit&start={}&status=zzz", day(1)),
            "invalid",
        ),
        (format!("service-type=visit&start=ap{}", day(1)), "not-supported"),
        (format!("schedule=Patient/1&start={}", day(1)), "invalid"),
    ] {
        assert_eq!(
            issues(&visitor.read(&format!("Slot?{query}")).await, 400),
            [code],
            "{query}"
        );
    }
}

/// The next number of a sequence that is the same in each run.
fn random(seed: &mut u64, below: i64) -> i64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    i64::try_from(*seed >> 33).unwrap() % below
}

/// The starts of all that `$find` proposes, over its pages.
async fn found(program: &Program, query: &str) -> Vec<Timestamp> {
    let (mut starts, mut path) = (Vec::new(), format!("Appointment/$find?{query}"));
    loop {
        let bundle = resource(&program.read(&path).await, 200);
        for proposed in matches(&bundle) {
            assert_eq!(proposed["status"], "proposed");
            assert_eq!(
                proposed["slot"][0]["reference"],
                format!("Slot/{}", proposed["id"].as_str().unwrap())
            );
            starts.push(proposed["start"].as_str().unwrap().parse().unwrap());
        }
        let links = bundle["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else {
            assert_eq!(bundle["total"], starts.len(), "{query}");
            return starts;
        };
        path = next["url"]
            .as_str()
            .unwrap()
            .split("/fhir/r4/")
            .nth(1)
            .unwrap()
            .to_owned();
    }
}

#[tokio::test]
async fn what_is_found_is_the_list_of_times() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    let mut seed = 7;
    for number in 0..40 {
        let (doctor, slot) = (random(&mut seed, 2), random(&mut seed, 300));
        let wanted = app.wanted(usize::try_from(doctor).unwrap(), VISIT, app.slot(slot));
        // Some of them are taken already.
        let _ = app.hold(usize::try_from(number).unwrap(), wanted, app.now).await;
    }
    app.confirmed(people.patient_id, 0, app.slot(401)).await;
    for _ in 0..60 {
        let doctor = app.doctors[usize::try_from(random(&mut seed, 2)).unwrap()].id;
        let service = ["visit", "long", "instant"][usize::try_from(random(&mut seed, 3)).unwrap()];
        let (from, length) = (random(&mut seed, 300), 1 + random(&mut seed, 150));
        let (from, to) = (app.slot(from), app.slot(from + length));
        let path = format!("doctors/{doctor}/slots?service={service}&from={from}&to={to}");
        let listed = data(&visitor.get(&path).await, 200);
        let listed: Vec<Timestamp> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|slot| slot["starts_at"].as_str().unwrap().parse().unwrap())
            .collect();
        let query = format!("practitioner={doctor}&visit-type={service}&start={from}&end={to}&_count=100");
        assert_eq!(found(&visitor, &query).await, listed, "{query}");
    }
}

#[tokio::test]
async fn find_takes_parameters_as_well() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let times = |more: Value| {
        let mut inputs = vec![
            json!({ "name": "start", "valueDateTime": app.slot(20).to_string() }),
            json!({ "name": "end", "valueDateTime": app.slot(24).to_string() }),
        ];
        inputs.extend(more.as_array().cloned().unwrap());
        json!({ "resourceType": "Parameters", "parameter": inputs })
    };
    let doctor = |number: usize| {
        let reference = format!("Practitioner/{}", app.doctors[number].id);
        json!({ "name": "practitioner", "valueReference": { "reference": reference } })
    };
    let visit = json!({
        "name": "visit-type",
        "valueCodeableConcept": { "coding": [{ "system": "urn:x-janji:service", "code": "visit" }] },
    });
    let body = times(json!([doctor(0), doctor(1), visit]));
    let bundle = resource(&visitor.send("Appointment/$find", &body).await, 200);
    assert_eq!(bundle["total"], 8);
    let first: BTreeSet<String> = ids(&bundle).into_iter().collect();
    assert!(
        first.contains(&name(&app, 0, VISIT, app.slot(20)))
            && first.contains(&name(&app, 1, VISIT, app.slot(23)))
    );
    let some = resource(&visitor.send("Appointment/$find?_count=3", &body).await, 200);
    assert_eq!((ids(&some).len(), &some["total"]), (3, &json!(8)));
    let speciality = json!({ "name": "specialty", "valueCodeableConcept": { "text": "General practice" } });
    let body = times(json!([speciality, visit]));
    assert_eq!(
        resource(&visitor.send("Appointment/$find", &body).await, 200)["total"],
        16
    );
    let patient = json!({ "name": "patient-reference", "valueReference": { "reference": "Patient/7" } });
    let body = times(json!([doctor(0), visit, patient]));
    let bundle = resource(&visitor.send("Appointment/$find", &body).await, 200);
    assert_eq!(
        matches(&bundle)[0]["participant"][2]["actor"]["reference"],
        "Patient/7"
    );

    for (body, code) in [
        (json!({ "resourceType": "Parameters" }), "required"),
        (json!({ "resourceType": "Patient" }), "invalid"),
        (json!({ "parameter": [] }), "required"),
        (
            times(json!([{ "name": "timing", "valueTiming": { "event": ["2027-01-01"] } }])),
            "not-supported",
        ),
        (
            times(json!([{ "name": "timing", "valueTiming": { "repeat": { "dayOfWeek": ["x"] } } }])),
            "invalid",
        ),
        (
            times(json!([{ "name": "practitioner", "valueReference": { "reference": "Patient/1" } }])),
            "invalid",
        ),
        (
            times(json!([{ "name": "start", "valueDateTime": "2027-01-01" }])),
            "invalid",
        ),
    ] {
        assert_eq!(
            issues(&visitor.send("Appointment/$find", &body).await, 400),
            [code],
            "{body}"
        );
    }
    let year = "Appointment/$find?start=2027-01-01&end=2027-12-31&visit-type=visit";
    assert_eq!(issues(&visitor.read(year).await, 400), ["too-costly"]);
}

#[tokio::test]
async fn find_keeps_to_the_days_and_times_that_somebody_could_come() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let (from, until) = (app.slot(0), app.slot(48 * 8));
    let doctor = app.doctors[0].id;
    let query = format!("practitioner={doctor}&visit-type=visit&start={from}&end={until}&_count=100");
    let zone = jiff::tz::TimeZone::UTC;
    let all = found(&visitor, &query).await;
    let wanted = |hours: std::ops::Range<i8>, day: Option<jiff::civil::Weekday>| -> Vec<Timestamp> {
        let fits = |at: &&Timestamp| {
            let local = at.to_zoned(zone.clone());
            hours.contains(&local.hour()) && day.is_none_or(|day| local.weekday() == day)
        };
        all.iter().filter(fits).copied().collect()
    };
    let monday = Some(jiff::civil::Weekday::Monday);
    for (repeat, expected) in [
        (json!({ "dayOfWeek": ["mon"] }), wanted(0..24, monday)),
        (json!({ "when": ["MORN"] }), wanted(0..12, None)),
        (
            json!({ "dayOfWeek": ["mon"], "timeOfDay": ["09:00:00"], "duration": 2, "durationUnit": "h" }),
            wanted(9..11, monday),
        ),
    ] {
        assert!(!expected.is_empty() && expected.len() < all.len(), "{repeat}");
        // Over all pages: the next one is asked for by address.
        let timing = json!({ "repeat": repeat }).to_string().replace(',', "\\,");
        let timing = janji::ui::encode(&timing);
        let by_address = found(&visitor, &format!("{query}&timing={timing}")).await;
        assert_eq!(by_address, expected, "{repeat}");
        let body = json!({ "resourceType": "Parameters", "parameter": [
            { "name": "start", "valueDateTime": from.to_string() },
            { "name": "end", "valueDateTime": until.to_string() },
            { "name": "practitioner", "valueReference": { "reference": format!("Practitioner/{doctor}") } },
            { "name": "visit-type", "valueCodeableConcept": { "text": "visit" } },
            { "name": "timing", "valueTiming": { "repeat": repeat } },
        ] });
        let bundle = resource(&visitor.send("Appointment/$find", &body).await, 200);
        assert_eq!(bundle["total"], expected.len(), "{repeat}");
    }
}
