//! A patient chooses rooms, decides, books, changes and cancels, without JavaScript.

use serde_json::json;
use tokio::task::JoinSet;

use super::{day, room_type, rooms};
use crate::support::{Answer, Browser, OTHER, PHONE, People, TestApp, data};
use engine::error::AppError;

/// The fields of the form that takes rooms, with a name where it asks for one.
fn named(page: &Answer) -> Vec<(String, String)> {
    let mut fields = page.form("take-rooms");
    for (name, value) in &mut fields {
        if name == "name" && value.is_empty() {
            *value = "Dewi Lestari".to_owned();
        }
    }
    fields
}

/// The fields of a form of a page, as a browser sends them.
fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[tokio::test]
async fn a_patient_holds_books_changes_and_cancels_rooms() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    let browser = site.patient(PHONE).await;
    let start = browser.get("/").await;
    assert!(start.body.contains("href=\"/rooms\""), "no way to the rooms");
    let list = browser.get("/rooms").await;
    assert!(list.body.contains(&format!("/rooms/{kind}")), "{}", list.body);

    // Two taps, or two dates: both are the same address.
    let month = browser
        .get(&format!(
            "/rooms/{kind}?month={}",
            &day(&app, 10).to_string()[..7]
        ))
        .await;
    let arrival = format!("arrival={}", day(&app, 10));
    let taps = month.links("table.month a");
    assert!(taps.iter().any(|tap| tap.contains(&arrival)), "{taps:?}");
    let chosen = format!(
        "/rooms/{kind}?arrival={}&departure={}&rooms=2",
        day(&app, 10),
        day(&app, 13)
    );
    let page = browser.get(&chosen).await;
    // 3 nights of 2 rooms at 850,000.05.
    assert!(page.body.contains("5,100,000.30"), "{}", page.body);
    let held = browser
        .submit(&chosen, "take-rooms", &borrowed(&named(&page)))
        .await;
    let stay = held.location();
    assert!(stay.starts_with("/stays/"), "{held:?}");
    let page = browser.get(&stay).await;
    assert!(
        page.body.contains("We keep these rooms for you until"),
        "{}",
        page.body
    );
    let booked = browser
        .submit(&stay, "book-held-rooms", &borrowed(&page.form("book-held-rooms")))
        .await;
    assert_eq!(booked.location(), format!("{stay}?said=booked"));
    let reference = stay.trim_start_matches("/stays/");
    let page = browser.get(&booked.location()).await;
    assert!(
        page.body.contains(&format!("Booked: {reference}")),
        "{}",
        page.body
    );
    assert!(browser.get("/appointments").await.body.contains(&stay));

    // Longer, by the form; what was typed stays where it cannot be had.
    data(
        &people.other.post("stays", &rooms(&app, kind, (14, 16), 2)).await,
        201,
    );
    let change = format!("{stay}/change");
    let page = browser.get(&change).await;
    // Its days are there to be read.
    assert!(page.links("table.month td a").is_empty(), "{}", page.body);
    let mut fields = page.form("change-stay");
    let set = |fields: &mut Vec<(String, String)>, name: &str, value: String| {
        fields.iter_mut().find(|(field, _)| field == name).unwrap().1 = value;
    };
    set(&mut fields, "departure", day(&app, 16).to_string());
    set(&mut fields, "reason", "The cast comes off later".to_owned());
    let refused = browser.submit(&change, "change-stay", &borrowed(&fields)).await;
    assert!(
        matches!(refused.error(), Some(AppError::RoomsShort { available: 1, .. })),
        "{refused:?}"
    );
    let page = browser.get(&refused.location()).await;
    assert!(page.body.contains("Only one room is left for"), "{}", page.body);
    assert_eq!(page.field("change-stay", "departure"), day(&app, 16).to_string());
    assert_eq!(
        page.field("change-stay", "reason").trim(),
        "The cast comes off later"
    );
    let mut fields = page.form("change-stay");
    set(&mut fields, "rooms", "1".to_owned());
    let changed = browser.submit(&change, "change-stay", &borrowed(&fields)).await;
    assert_eq!(changed.location(), format!("{stay}?said=changed"));

    // Why it is cancelled stays, too, where somebody changed it meanwhile.
    let page = browser.get(&stay).await;
    let mut fields = page.form("cancel-stay");
    set(&mut fields, "version", "1".to_owned());
    set(&mut fields, "reason", "The cast came off".to_owned());
    let stale = browser.submit(&stay, "cancel-stay", &borrowed(&fields)).await;
    assert!(
        matches!(stale.error(), Some(AppError::StaleStay { .. })),
        "{stale:?}"
    );
    let page = browser.get(&stale.location()).await;
    assert_eq!(page.field("cancel-stay", "reason").trim(), "The cast came off");
    let cancelled = browser
        .submit(&stay, "cancel-stay", &borrowed(&page.form("cancel-stay")))
        .await;
    assert_eq!(cancelled.location(), format!("{stay}?said=cancelled"));
    assert_eq!(
        app.count("select coalesce(sum(taken), 0)::bigint from room_nights")
            .await,
        4
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn who_has_not_signed_in_is_sent_to_do_so_and_keeps_the_choice() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    let page = site
        .visitor()
        .get(&format!(
            "/rooms/{kind}?arrival={}&departure={}&rooms=2",
            day(&app, 10),
            day(&app, 13)
        ))
        .await;
    let door = page.links("main a[href^='/sign-in']");
    assert_eq!(door.len(), 1, "{}", page.body);
    for part in [
        day(&app, 10).to_string(),
        day(&app, 13).to_string(),
        "rooms%3D2".to_owned(),
    ] {
        assert!(door[0].contains(&part), "{door:?}");
    }
}

#[tokio::test]
async fn who_is_too_late_hears_how_many_are_left_and_what_there_is_instead() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 2).await;
    let (first, second) = (site.patient(PHONE).await, site.patient(OTHER).await);
    let chosen = format!(
        "/rooms/{kind}?arrival={}&departure={}&rooms=2",
        day(&app, 10),
        day(&app, 13)
    );
    let pages = [first.get(&chosen).await, second.get(&chosen).await];
    let held = first
        .submit(&chosen, "take-rooms", &borrowed(&named(&pages[0])))
        .await;
    assert!(held.location().starts_with("/stays/"), "{held:?}");
    let late = second
        .submit(&chosen, "take-rooms", &borrowed(&named(&pages[1])))
        .await;
    assert!(
        matches!(late.error(), Some(AppError::RoomsShort { available: 0, .. })),
        "{late:?}"
    );
    let page = second.get(&late.location()).await;
    assert!(page.body.contains("No room is left for"), "{}", page.body);
    // What was chosen is still in the form, and the nearest nights are one step away.
    assert!(
        page.body.contains(&format!("value=\"{}\"", day(&app, 10))),
        "{}",
        page.body
    );
    let offers = page.links(".offers a");
    assert!(
        offers
            .iter()
            .any(|offer| offer.contains(&day(&app, 13).to_string())),
        "{offers:?}"
    );
    let other = second.get(offers[0].split('#').next().unwrap()).await;
    let held = second
        .submit(&chosen, "take-rooms", &borrowed(&named(&other)))
        .await;
    assert!(held.location().starts_with("/stays/"), "{held:?}");
    app.assert_sound().await;
}

/// Sends the form of each of these browsers at once.
async fn at_once(forms: Vec<(Browser, Vec<(String, String)>)>, page: &str) -> Vec<Answer> {
    let mut sent = JoinSet::new();
    for (browser, fields) in forms {
        let page = page.to_owned();
        sent.spawn(async move { browser.submit(&page, "take-rooms", &borrowed(&fields)).await });
    }
    sent.join_all().await
}

#[tokio::test]
async fn of_six_browsers_three_have_the_rooms_and_three_are_told_and_a_form_sent_five_times_is_one() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    let chosen = |from: i32| {
        format!(
            "/rooms/{kind}?arrival={}&departure={}&rooms=1",
            day(&app, from),
            day(&app, from + 3)
        )
    };
    let mut forms = Vec::new();
    for number in 0..6 {
        let browser = site.patient(&format!("+62812555008{number:02}")).await;
        let page = browser.get(&chosen(10)).await;
        forms.push((browser, named(&page)));
    }
    let first = forms[0].0.clone();
    let answers = at_once(forms, &chosen(10)).await;
    let (held, late): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.error().is_none());
    assert_eq!((held.len(), late.len()), (3, 3), "{answers:?}");
    for answer in late {
        assert!(
            matches!(answer.error(), Some(AppError::RoomsShort { available: 0, .. })),
            "{answer:?}"
        );
    }
    let before = app.count("select count(*) from stays").await;
    let page = first.get(&chosen(20)).await;
    let same = vec![(first, named(&page)); 5];
    let answers = at_once(same, &chosen(20)).await;
    assert!(answers[0].location().starts_with("/stays/"), "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| answer.location() == answers[0].location()),
        "{answers:?}"
    );
    assert_eq!(app.count("select count(*) from stays").await, before + 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn for_whom_of_the_family_rooms_are_stays_chosen_where_they_are_gone() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 2).await;
    let child = json!({ "name": "Anak Dewi" });
    let child = data(&people.patient.post("family", &child).await, 201)["id"].to_string();
    let phone: String = sqlx::query_scalar("select phone from patients where id = $1")
        .bind(people.patient_id)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    let browser = site.patient(&phone).await;
    let chosen = format!(
        "/rooms/{kind}?arrival={}&departure={}&rooms=1",
        day(&app, 10),
        day(&app, 13)
    );
    let page = browser.get(&chosen).await;
    let is_chosen = "#patient option[selected]";
    assert_eq!(page.texts(is_chosen), ["Patient 0"], "{}", page.body);
    let mut fields = named(&page);
    fields.push(("patient".to_owned(), child));
    data(
        &people.other.post("stays", &rooms(&app, kind, (10, 13), 2)).await,
        201,
    );
    let late = browser.submit(&chosen, "take-rooms", &borrowed(&fields)).await;
    assert!(
        matches!(late.error(), Some(AppError::RoomsShort { available: 0, .. })),
        "{late:?}"
    );
    let page = browser.get(&late.location()).await;
    let offers = page.links(".offers a");
    let other = browser.get(offers[0].split('#').next().unwrap()).await;
    assert_eq!(other.texts(is_chosen), ["Anak Dewi"], "{}", other.body);
    app.assert_sound().await;
}
