//! Searches by person, which are posted and stand in no URL.

use crate::support::{Everybody, PHONE, TestApp, request};

#[tokio::test]
async fn the_words_of_a_search_are_in_no_url_and_in_no_link() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    app.sql("update patients set name = 'Dewi Lestari' where phone = '+6281255500777'")
        .await;
    let reference = request(&app).await;
    for (page, form, browser) in [
        ("/admin", "search-board", &everybody.admin),
        ("/doctor", "search-day", &everybody.doctor),
    ] {
        for words in ["Dewi", "lestari", PHONE, "Nobody & Co"] {
            let mut fields = browser.get(page).await.form(form);
            for field in &mut fields {
                if field.0 == "search" {
                    field.1 = words.to_owned();
                }
            }
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let answer = browser.submit(page, form, &fields).await;
            let location = answer.location();
            assert!(
                location.starts_with(page) && location.contains("searched=1"),
                "{location}"
            );
            let found = browser.get(&location).await;
            let is_found = found.body.contains(&reference);
            assert_eq!(is_found, words != "Nobody & Co", "{page} {words}: {location}");
            for link in found.links("a[href]").into_iter().chain([location]) {
                let link = link.to_lowercase();
                for word in ["dewi", "lestari", "81255500777", "nobody"] {
                    assert!(!link.contains(word), "{page}: {link}");
                }
            }
            // It is what was searched for, to be changed.
            assert_eq!(
                found.form(form).into_iter().find(|(name, _)| name == "search"),
                Some(("search".to_owned(), words.to_owned()))
            );
        }
        // Without a word about it, and with one in the URL, nothing is searched.
        for path in [page.to_owned(), format!("{page}?search=Nobody")] {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 200);
            let around = answer.body.split_once("Nobody").map(|(_, after)| &after[..200]);
            assert_eq!(around, None, "{path}");
        }
        let answer = browser.submit(page, form, &[("search", " ")]).await;
        assert!(!answer.location().contains("searched"), "{answer:?}");
    }
    // The words of one page are not those of another, nor those of somebody else.
    assert_eq!(
        everybody
            .patient
            .call("search-board", &[("search", "x")])
            .await
            .status,
        404
    );
    assert_eq!(
        everybody
            .admin
            .call("search-day", &[("search", "x")])
            .await
            .status,
        404
    );
    assert_eq!(
        everybody
            .visitor
            .call("search-day", &[("search", "x")])
            .await
            .status,
        401
    );
}
