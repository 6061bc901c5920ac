//! The desk books rooms and says who is here; admins describe what rooms there are.

use super::{day, room_type, rooms};
use crate::support::{People, TestApp, data};
use engine::error::AppError;

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[tokio::test]
async fn the_desk_books_rooms_and_says_who_came_and_left() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 3).await;
    let admin = site.staff("admin@test.example").await;
    let card = admin.get(&format!("/admin/patients/{}", people.patient_id)).await;
    let book = format!("/admin/rooms?patient={}", people.patient_id);
    assert!(card.links("main a").contains(&book), "{}", card.body);
    let chosen = format!(
        "/admin/rooms/{kind}?arrival={}&departure={}&rooms=1&patient={}",
        day(&app, 0),
        day(&app, 2),
        people.patient_id
    );
    let page = admin.get(&chosen).await;
    let booked = admin
        .submit(&chosen, "take-rooms", &borrowed(&page.form("take-rooms")))
        .await;
    assert!(booked.location().ends_with("?said=booked"), "{booked:?}");

    let board = admin.get("/admin/stays").await;
    assert_eq!(
        board.texts("section[aria-labelledby='arrivals'] h3"),
        ["Patient 0"]
    );
    let arrived = admin
        .submit(
            "/admin/stays",
            "set-stay-presence",
            &borrowed(&board.form("set-stay-presence")),
        )
        .await;
    assert!(arrived.location().contains("said=arrived"), "{arrived:?}");
    let board = admin.get(&arrived.location()).await;
    assert_eq!(board.texts("section[aria-labelledby='here'] h3"), ["Patient 0"]);
    // Somebody else's click comes too late.
    let late = admin
        .submit(
            "/admin/stays",
            "set-stay-presence",
            &[
                ("reference", &board.field("set-stay-presence", "reference")),
                ("presence", "left"),
                ("version", "1"),
                ("on_board", "true"),
            ],
        )
        .await;
    assert!(
        matches!(late.error(), Some(AppError::StaleStay { .. })),
        "{late:?}"
    );
    assert_eq!(
        app.count("select count(*) from stays where status = 'arrived'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn admins_describe_rooms_and_lose_nothing_typed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let admin = site.staff("admin@test.example").await;
    let fields = |title: &'static str, rooms: &'static str, price: &'static str, clinic: &str| {
        vec![
            ("filled[fields][clinic]".to_owned(), clinic.to_owned()),
            ("filled[fields][title]".to_owned(), title.to_owned()),
            ("filled[fields][name_de]".to_owned(), "Einzelzimmer".to_owned()),
            ("filled[fields][rooms]".to_owned(), rooms.to_owned()),
            ("filled[fields][price]".to_owned(), price.to_owned()),
            ("filled[fields][currency]".to_owned(), "IDR".to_owned()),
            ("filled[fields][active]".to_owned(), "true".to_owned()),
        ]
    };
    let clinic = app.clinic.to_string();
    let new = "/admin/room-types/new";
    let wrong = admin
        .submit(
            new,
            "put-room-type",
            &borrowed(&fields("Single room", "many", "", &clinic)),
        )
        .await;
    assert!(
        matches!(wrong.error(), Some(AppError::ValidationFailed { .. })),
        "{wrong:?}"
    );
    let page = admin.get(&wrong.location()).await;
    assert!(page.body.contains("Enter a number of rooms.") && page.body.contains("Enter a price;"));
    assert_eq!(
        page.field("put-room-type", "filled[fields][title]"),
        "Single room"
    );
    let saved = admin
        .submit(
            new,
            "put-room-type",
            &borrowed(&fields("Single room", "3", "850.000", &clinic)),
        )
        .await;
    let kind = saved
        .location()
        .trim_start_matches("/admin/room-types?saved=")
        .parse::<i64>()
        .unwrap();
    data(
        &people
            .patient
            .post("stays", &rooms(&app, kind, (10, 12), 2))
            .await,
        201,
    );

    let here = format!("/admin/room-types/{kind}");
    let mut fewer = fields("Single room", "1", "850.000", &clinic);
    fewer.push(("id".to_owned(), kind.to_string()));
    fewer.push(("version".to_owned(), "1".to_owned()));
    let refused = admin.submit(&here, "put-room-type", &borrowed(&fewer)).await;
    assert!(
        matches!(refused.error(), Some(AppError::RoomsTaken { .. })),
        "{refused:?}"
    );
    let page = admin.get(&refused.location()).await;
    assert_eq!(page.texts(".notice li").len(), 2, "{}", page.body);
    assert_eq!(page.field("put-room-type", "filled[fields][rooms]"), "1");

    let nights = [
        ("room_type_id", kind.to_string()),
        ("from", day(&app, 11).to_string()),
        ("to", day(&app, 12).to_string()),
        ("total", "5".to_owned()),
    ];
    let nights: Vec<(&str, &str)> = nights
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let set = admin.submit(&here, "set-room-nights", &nights).await;
    assert_eq!(set.location(), format!("{here}?saved=nights"));
    let free = "select (total - taken)::bigint from room_nights order by night desc limit 1";
    assert_eq!(app.count(free).await, 5);
    app.assert_sound().await;
}
