//! How long a hold has left, as the page tells the browser.

use scraper::{Html, Selector};

use crate::support::{TestApp, VISIT, choose};

#[tokio::test]
async fn a_page_says_how_many_seconds_are_left() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let reference = choose(&visitor, app.wanted(0, VISIT, app.slot(20))).await;
    let seconds = async || {
        let page = visitor.get(&format!("/book/{reference}")).await;
        let document = Html::parse_document(&page.body);
        let islands = Selector::parse("leptos-island[data-component^='HoldCountdown']").unwrap();
        let island = document.select(&islands).next().expect(&page.body);
        let props: serde_json::Value = serde_json::from_str(island.attr("data-props").unwrap()).unwrap();
        props["seconds"].as_f64().unwrap()
    };
    // The time that is left, and no moment: the clock of the browser may be anywhere.
    let left = seconds().await;
    assert!((500.0..=600.0).contains(&left), "{left}");
    app.sql("update appointments set held_until = held_until - interval '5 minutes'")
        .await;
    let left = seconds().await;
    assert!((200.0..=300.0).contains(&left), "{left}");
}
