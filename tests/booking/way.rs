//! The way of a patient without stumbling: Back goes one step back, no button costs typed input, and no step ends in silence.

use crate::support::{OTHER, PHONE, TestApp, VISIT, book, choose};
use engine::error::{AppError, Field, FieldProblem, Refusal};

/// What somebody has typed into the details of this hold.
fn typed(reference: &str) -> [(&str, &str); 4] {
    [
        ("reference", reference),
        ("phone", "0812 5550 0777"),
        ("name", "Dewi <b>"),
        ("reason", "A cough"),
    ]
}

#[tokio::test]
async fn keeping_a_hold_longer_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let reference = choose(&visitor, app.wanted(0, VISIT, app.slot(20))).await;
    let details = format!("/book/{reference}");
    let page = visitor.get(&details).await;
    assert_eq!(
        page.texts("button[form='details'][formaction='/form/extend?of=/form/details']"),
        ["Keep it longer"]
    );
    // Enter in a field presses the first button of the form, which is not that one.
    assert_eq!(page.texts("button[form='details']").first().unwrap(), "Continue");
    app.sql("update appointments set held_until = held_until - interval '5 minutes'")
        .await;
    let answer = visitor
        .submit(&details, "extend?of=/form/details", &typed(&reference))
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert_eq!(
        app.count("select count(*) from appointments where held_until > now() + interval '8 minutes'")
            .await,
        1
    );
    let form = visitor.get(&details).await.form("details");
    for (name, value) in typed(&reference) {
        assert!(
            form.contains(&(name.to_owned(), value.to_owned())),
            "{name}: {form:?}"
        );
    }
}

#[tokio::test]
async fn another_language_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let reference = choose(&visitor, app.wanted(0, VISIT, app.slot(20))).await;
    let details = format!("/book/{reference}");
    let answer = visitor
        .submit(&details, "language?of=/form/details&to=de", &typed(&reference))
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let page = visitor.get(&details).await;
    assert!(page.body.contains("<html lang=\"de\""), "{}", page.body);
    assert!(!page.body.contains("id=\"unsent\""), "nobody was signed out");
    let form = page.form("details");
    for (name, value) in typed(&reference) {
        assert!(
            form.contains(&(name.to_owned(), value.to_owned())),
            "{name}: {form:?}"
        );
    }
    // The form that was sent is not filled in again.
    let sent = visitor.submit(&details, "details", &typed(&reference)).await;
    assert_eq!(sent.location(), "/sign-in/code");
    // A form of another kind, which has a field of the same name.
    let answer = visitor
        .submit("/", "language?of=/&to=en", &[("q", "skin"), ("language", "id")])
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let page = visitor.get("/").await;
    assert!(page.body.contains("<html lang=\"en\""), "{}", page.body);
    assert!(page.body.contains("value=\"skin\""), "{}", page.body);
}

#[tokio::test]
async fn back_from_the_check_leads_to_the_details() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let details = format!("/book/{reference}");
    browser.submit(&details, "details", &typed(&reference)).await;
    let code_page = browser.get("/sign-in/code").await;
    assert_eq!(code_page.texts("[aria-current=step]"), ["Details"]);
    assert!(code_page.body.contains("Keep it longer"));
    assert!(code_page.links("a.back").contains(&details), "{}", code_page.body);
    let check = format!("{details}/check");
    let again = [("next", check.as_str()), ("phone", PHONE), ("again", "true")];
    let again = browser.submit("/sign-in/code", "request-code", &again).await;
    let told = browser.get(&again.location()).await;
    assert!(
        told.texts("#errors-title")[0].starts_with("A new code is on its way"),
        "{}",
        told.body
    );
    let code = app.newest_code(PHONE).await;
    browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    assert_eq!(browser.get("/sign-in/code").await.location(), details);
    // Whoever strays finds the way back to the hold.
    for page in ["/", "/appointments"] {
        let page = browser.get(page).await;
        assert_eq!(page.texts("#unfinished"), ["A time is held for you"]);
        assert!(page.links(".notice a").contains(&details), "{}", page.body);
    }
}

#[tokio::test]
async fn a_time_that_was_let_go_for_another_one_says_so() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let first = choose(&visitor, app.wanted(0, VISIT, app.slot(20))).await;
    let second = choose(&visitor, app.wanted(0, VISIT, app.slot(30))).await;
    for path in [format!("/book/{first}"), format!("/book/{first}/check")] {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200);
        assert_eq!(
            page.texts("#errors-title"),
            ["This time is no longer held for you."]
        );
        assert!(
            page.links(".notice a").contains(&format!("/book/{second}")),
            "{}",
            page.body
        );
        assert_eq!(
            page.texts("form[action='/form/hold'] button"),
            ["Hold this time again"]
        );
    }
    // The same for who has signed in.
    let patient = site.patient(PHONE).await;
    let first = choose(&patient, app.wanted(1, VISIT, app.slot(20))).await;
    choose(&patient, app.wanted(1, VISIT, app.slot(30))).await;
    let page = patient.get(&format!("/book/{first}/check")).await;
    assert_eq!(
        page.texts("#errors-title"),
        ["This time is no longer held for you."]
    );
}

#[tokio::test]
async fn a_time_that_ran_out_and_is_taken_is_told_before_a_code_is_sent() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let reference = choose(&visitor, wanted).await;
    app.sql("update appointments set held_until = held_until - interval '11 minutes'")
        .await;
    choose(&site.visitor(), wanted).await;
    let details = format!("/book/{reference}");
    let answer = visitor.submit(&details, "details", &typed(&reference)).await;
    assert!(
        matches!(
            answer.error(),
            Some(AppError::BookingFailed {
                reason: Refusal::HoldExpired,
                ..
            })
        ),
        "{answer:?}"
    );
    assert_eq!(app.count("select count(*) from messages").await, 0);
    let page = visitor.get(answer.location().split('#').next().unwrap()).await;
    assert!(
        page.texts("title")[0].starts_with("Error: "),
        "{:?}",
        page.texts("title")
    );
    assert!(
        page.form("details")
            .contains(&("name".to_owned(), "Dewi <b>".to_owned())),
        "{}",
        page.body
    );
    // An offer says where it is, and by which clock.
    assert!(page.texts(".offers button")[0].contains("UTC"), "{}", page.body);
}

#[tokio::test]
async fn a_time_that_ran_out_and_is_free_is_held_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let reference = choose(&patient, app.wanted(0, VISIT, app.slot(20))).await;
    app.sql("update appointments set held_until = held_until - interval '11 minutes'")
        .await;
    let fields = [("reference", &*reference), ("name", "Dewi"), ("reason", "")];
    let answer = patient
        .submit(&format!("/book/{reference}"), "details", &fields)
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let check = patient.get(&answer.location()).await;
    assert_eq!(check.status, 200, "{}", answer.location());
    assert_eq!(check.texts(".hold").len(), 1, "{}", check.body);
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held' and held_until > now()")
            .await,
        1
    );
}

#[tokio::test]
async fn who_is_busy_then_is_told_on_the_list_and_before_booking() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    book(&site, &browser, app.wanted(0, VISIT, app.slot(20)), "Dewi", "").await;
    let wanted = app.wanted(1, VISIT, app.slot(20));
    let list = browser.get(&format!("/doctors/{}", wanted.doctor_id)).await;
    let marked = list.texts(&format!("button[value='{}'] .own", wanted.starts_at));
    assert_eq!(marked, ["You have an appointment then"]);
    let reference = choose(&browser, wanted).await;
    let patient = app.count("select id from patients").await.to_string();
    let fields = [("reference", &*reference), ("whose", &*patient), ("reason", "")];
    browser
        .submit(&format!("/book/{reference}"), "details", &fields)
        .await;
    let check = browser.get(&format!("/book/{reference}/check")).await;
    assert!(
        check.texts("#errors-title")[0].starts_with("You already have an appointment at"),
        "{}",
        check.body
    );
    assert!(
        check.texts("#book-form").is_empty(),
        "nothing says that it can be booked"
    );
    assert!(check.body.contains("Move that appointment to this time"));
}

#[tokio::test]
async fn moving_asks_first_and_does_not_offer_the_present_time() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = book(&site, &browser, app.wanted(0, VISIT, app.slot(20)), "Dewi", "").await;
    let page = format!("/appointments/{reference}/reschedule");
    let list = browser.get(&page).await;
    assert!(list.body.contains("id=\"times-form\""), "{}", list.body);
    let own = format!("button[value='{}']", app.slot(20).as_second());
    assert!(list.texts(&own).is_empty(), "what one has is not offered");
    assert!(list.form("reschedule").is_empty(), "a tap moves nothing");
    let chosen = format!("{page}?starts_at={}", app.slot(30).as_second());
    let check = browser.get(&chosen).await;
    assert_eq!(check.texts("h1"), ["Move this appointment?"]);
    assert_eq!(app.appointment(&reference).await.2, app.slot(20));
    let mut fields = check.form("reschedule");
    fields.push(("starts_at".to_owned(), app.slot(30).as_second().to_string()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let moved = browser.submit(&chosen, "reschedule", &fields).await;
    assert_eq!(moved.location(), format!("/appointments/{reference}?moved=1"));
    assert_eq!(app.appointment(&reference).await.2, app.slot(30));
}

#[tokio::test]
async fn a_cancelled_appointment_says_so_and_offers_to_book_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let reference = book(&site, &browser, wanted, "Dewi", "").await;
    let cancel = format!("/appointments/{reference}/cancel");
    let fields = browser.get(&cancel).await.form("change-status");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = browser.submit(&cancel, "change-status", &fields).await;
    let page = browser.get(&answer.location()).await;
    assert!(page.texts("#errors-title")[0].starts_with("Your appointment is cancelled."));
    let again = format!(
        "/doctors/{}?clinic={}&service={}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    );
    assert!(page.links("a.btn").contains(&again), "{}", page.body);
    assert_eq!(page.texts("article.slip.void").len(), 1);
}

#[tokio::test]
async fn nobody_is_sent_to_the_street_for_a_video_visit() {
    let app = TestApp::new().await;
    app.sql("update services set mode = 'video' where key = 'visit'")
        .await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = book(&site, &browser, app.wanted(0, VISIT, app.slot(20)), "Dewi", "").await;
    for path in [
        format!("/appointments/{reference}/done"),
        format!("/appointments/{reference}"),
    ] {
        let page = browser.get(&path).await;
        let rows = page.texts("dl.summary div");
        let place = rows.iter().find(|row| row.starts_with("Where")).unwrap();
        assert!(place.contains("By video"), "{place}");
    }
}

#[tokio::test]
async fn a_time_says_its_date_and_with_whom_it_is() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let page = site
        .visitor()
        .get(&format!("/doctors/{}", wanted.doctor_id))
        .await;
    let document = scraper::Html::parse_document(&page.body);
    let one = |selector: &str| {
        let selector = scraper::Selector::parse(selector).unwrap();
        document.select(&selector).next()
    };
    let button = one(&format!("button[value='{}']", wanted.starts_at)).expect(&page.body);
    let ids: Vec<&str> = button.attr("aria-labelledby").unwrap().split(' ').collect();
    assert_eq!(ids.len(), 3);
    let words: Vec<String> = ids
        .into_iter()
        .map(|id| one(&format!("[id='{id}']")).expect(id).text().collect::<String>())
        .collect();
    assert!(words[1].contains("20"), "a date with its year: {words:?}");
    assert!(words[2].contains("Dr 1"), "{words:?}");
    // A way to each day, and to any other.
    assert!(
        page.links("details.jump a")
            .iter()
            .all(|link| link.starts_with("#day-"))
    );
    assert_eq!(page.texts("details.jump input[type=date]").len(), 1);
}

#[tokio::test]
async fn a_booking_is_found_by_its_reference() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = book(&site, &browser, app.wanted(0, VISIT, app.slot(20)), "Dewi", "").await;
    let path = format!("/appointments/{reference}");
    let said = reference.to_lowercase().replace('-', " ");
    // Who has signed in is led there at once.
    let found = browser
        .submit("/find", "find-booking", &[("reference", &said)])
        .await;
    assert_eq!(found.location(), path);
    // Everybody else is sent a code first.
    let visitor = site.visitor();
    assert!(visitor.get("/").await.links("a").contains(&"/find".to_owned()));
    let asked = visitor
        .submit("/find", "find-booking", &[("reference", &said), ("phone", PHONE)])
        .await;
    assert_eq!(asked.location(), "/sign-in/code", "{asked:?}");
    let code = app.newest_code(PHONE).await;
    let let_in = visitor
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    assert_eq!(let_in.location(), path);
    // Other people's stay theirs, and nonsense is kept for the next try.
    let other = site.patient(OTHER).await;
    for (said, problem) in [
        (said.as_str(), FieldProblem::Unknown),
        ("nonsense", FieldProblem::Malformed),
        ("", FieldProblem::Missing),
    ] {
        let answer = other
            .submit("/find", "find-booking", &[("reference", said)])
            .await;
        assert_eq!(
            answer.error(),
            Some(AppError::invalid(Field::Reference, problem)),
            "{said}"
        );
        let page = other.get(answer.location().split('#').next().unwrap()).await;
        assert!(
            page.form("find-booking")
                .contains(&("reference".to_owned(), said.to_owned()))
        );
    }
}

#[tokio::test]
async fn a_hold_that_is_lost_on_the_page_of_the_code_is_told_there() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let reference = choose(&visitor, app.wanted(0, VISIT, app.slot(20))).await;
    let details = format!("/book/{reference}");
    let answer = visitor.submit(&details, "details", &typed(&reference)).await;
    assert_eq!(answer.location(), "/sign-in/code", "{answer:?}");
    assert_eq!(visitor.get("/sign-in/code").await.status, 200);
    // The time runs out, and is free: there is nothing to tell yet.
    app.sql("update appointments set held_until = held_until - interval '11 minutes'")
        .await;
    assert_eq!(visitor.get("/sign-in/code").await.status, 200);
    let other = app.patient(900).await;
    app.books(other, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let told = visitor.get("/sign-in/code").await;
    assert!(told.location().starts_with(&details), "{told:?}");
    assert!(matches!(
        told.error(),
        Some(AppError::BookingFailed {
            reason: Refusal::HoldExpired,
            ..
        })
    ));
    let page = visitor.get(&told.location()).await;
    assert!(page.body.contains("Your held time ran out"), "{}", page.body);
    assert!(!page.texts(".offers button").is_empty());
}
