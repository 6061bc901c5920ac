//! Finding people by parts of their names, however they are written.

use crate::support::TestApp;
use engine::{
    account::Country,
    appointment::Search,
    availability::{self, directory},
    desk::{Listing, patients},
};

/// Names, and what finds each of them alone.
const NAMES: [(&str, &[&str]); 8] = [
    ("Ame\u{301}lie Zoë", &["amelie", "AMÉLIE", "ame\u{301}lie zoe"]),
    ("Łukasz Øster", &["lukasz", "øster", "OSTER"]),
    ("Jürgen Strauß", &["jurgen", "strauss", "STRAUẞ"]),
    ("Nguyễn Thị Ánh", &["nguyen thi", "anh", "NGUYỄN"]),
    ("أحمد", &["احمد", "أَحْمَد"]),
    ("Sri\u{200b}wati", &["sriwati"]),
    ("100%_\\ Budi", &["100%_\\", "%_"]),
    ("ＭＡＹＡ", &["maya"]),
];

#[tokio::test]
async fn a_search_finds_names_without_accents_and_case() {
    let app = TestApp::new().await;
    let ids = app.patients(NAMES.len()).await;
    for (id, (name, _)) in ids.iter().zip(NAMES) {
        sqlx::query("update patients set name = $2 where id = $1")
            .bind(id)
            .bind(name)
            .execute(&mut *app.spare().await)
            .await
            .unwrap();
    }
    let found = async |search: &str| -> Vec<i64> {
        let listing = Listing {
            search: Search::new(search, Country::default()),
            after: None,
            limit: 20,
        };
        let people = patients(&app.database, &app.admin_caller(), listing, app.now)
            .await
            .unwrap();
        people.into_iter().map(|person| person.id).collect()
    };
    for (id, (name, searches)) in ids.iter().zip(NAMES) {
        for search in searches {
            assert_eq!(found(search).await, [*id], "{search} for {name}");
        }
    }
    assert_eq!(found(" \u{200b} ").await.len(), NAMES.len());
    assert_eq!(found("nobody").await, [0; 0]);
}

#[tokio::test]
async fn doctors_are_found_without_accents_and_case() {
    let app = TestApp::new().await;
    app.sql("update doctors set name = 'Dr Zoë Ångström', speciality = 'Gynécologie'")
        .await;
    let found = async |words: &str| {
        let search = availability::Search {
            words: words.to_owned(),
            ..availability::Search::default()
        };
        directory(&app.database, search, app.now).await.unwrap().len()
    };
    let all = found("").await;
    assert!(all > 0);
    for words in ["zoe", "ANGSTROM", "gynecologie", "Zoe\u{308}"] {
        assert_eq!(found(words).await, all, "{words}");
    }
    assert_eq!(found("zoe_").await, 0);
}
