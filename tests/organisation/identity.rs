//! The organisation itself: its name, logo and own pages, as admins write them and everybody sees them.

use serde_json::json;

use super::follow;
use crate::support::{Answer, Browser, People, TestApp, data, refused};
use engine::error::{AppError, Field, FieldProblem};
use janji::server::upload;

const PAGE: &str = "/admin/organisation";

/// A PNG of one pixel, in Base64.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The fields of the form on its page, with other values for some.
fn filled(page: &Answer, values: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.form("put-identity");
    for (name, value) in values {
        let name = format!("filled[fields][{name}]");
        let field = fields.iter_mut().find(|(known, _)| *known == name).unwrap();
        field.1 = (*value).to_owned();
    }
    fields
}

/// Sends the form of this page with other values for some of its fields.
async fn write(admin: &Browser, page: &Answer, values: &[(&str, &str)]) -> Answer {
    let fields = filled(page, values);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    admin.submit(PAGE, "put-identity", &fields).await
}

/// Uploads a file, as a browser does that has seen this version.
async fn upload_logo(browser: &Browser, version: &str, file: &[u8]) -> Answer {
    let mut body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\n\
         content-type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b--\r\n");
    Answer::of(
        browser
            .http
            .post(browser.url("/form/put-logo"))
            .header("accept", "text/html")
            .header("referer", browser.url(PAGE))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(body),
    )
    .await
}

#[tokio::test]
async fn without_a_word_of_the_clinic_pages_say_janji_and_what_it_keeps() {
    let app = TestApp::new().await;
    let visitor = app.serve().await.visitor();
    let start = visitor.get("/").await;
    assert!(start.body.contains("· Janji</title>"), "{}", start.body);
    assert_eq!(start.texts(".brand"), ["Janji"]);
    assert_eq!(
        start.links(".site-foot a[href='/privacy']").len()
            + start.links(".site-foot a[href='/imprint']").len(),
        1
    );
    let privacy = visitor.get("/privacy").await;
    assert_eq!(privacy.status, 200);
    assert!(
        privacy.body.contains("What is kept about you"),
        "{}",
        privacy.body
    );
    assert!(
        privacy
            .links("main a")
            .iter()
            .any(|link| link.starts_with("tel:"))
    );
    assert_eq!(visitor.get("/imprint").await.status, 404);
}

#[tokio::test]
async fn an_admin_gives_the_site_its_name_and_pages() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(PAGE).await;
    let answer = write(
        &admin,
        &page,
        &[
            ("title", "Klinik <Sehat> & Co"),
            ("clinic_phone", "+62 21 555 0100"),
            (
                "privacy_en",
                "We keep little.\r\nSee https://a.example/x.\r\n\r\n<script>alert(1)</script>",
            ),
            ("imprint_de", "Inhaberin: Jane Doe, jane@a.example"),
        ],
    )
    .await;
    assert_eq!(answer.location(), "/admin/organisation?saved=identity");
    assert!(
        follow(&admin, &answer)
            .await
            .body
            .contains("Name and pages are saved.")
    );

    let visitor = site.visitor();
    let start = visitor.get("/").await;
    assert_eq!(start.texts(".brand"), ["Klinik <Sehat> & Co"]);
    assert!(
        start.body.contains("· Klinik &lt;Sehat> &amp; Co</title>"),
        "{}",
        start.body
    );
    assert_eq!(start.links(".site-foot a[href^='tel:']"), ["tel:+62 21 555 0100"]);
    assert_eq!(start.links(".site-foot a[href='/imprint']").len(), 1);

    let privacy = visitor.get("/privacy").await;
    assert_eq!(privacy.texts("article p").len(), 2, "{}", privacy.body);
    assert_eq!(privacy.links("article a"), ["https://a.example/x"]);
    assert!(!privacy.body.contains("<script>alert"), "{}", privacy.body);
    assert!(privacy.body.contains("&lt;script&gt;alert"), "{}", privacy.body);
    // There is no other language: the one that there is says so.
    let imprint = visitor.get("/imprint").await;
    assert_eq!(imprint.links("article a"), ["mailto:jane@a.example"]);
    assert!(imprint.body.contains("written in Deutsch"), "{}", imprint.body);
    let german = Answer::of(
        visitor
            .http
            .get(visitor.url("/imprint"))
            .header("accept", "text/html")
            .header("accept-language", "de"),
    )
    .await;
    assert!(!german.body.contains("auf Deutsch"), "{}", german.body);
}

#[tokio::test]
async fn the_second_of_two_editors_sees_both_texts_and_loses_nothing() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let other = site.staff("admin@test.example").await;
    let (page, seen_by_other) = (admin.get(PAGE).await, other.get(PAGE).await);
    let answer = write(&other, &seen_by_other, &[("imprint_en", "Written first")]).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let answer = write(&admin, &page, &[("imprint_en", "Written second")]).await;
    assert_eq!(answer.error(), Some(AppError::StaleOrganisation));
    let told = follow(&admin, &answer).await;
    let said = told.texts("#errors").join(" ");
    assert!(said.contains("admin changed the name or the pages"), "{said}");
    assert_eq!(told.texts("#imprint_en-now"), ["It is now: Written first"]);
    let form = told.form("put-identity");
    let typed = form.iter().find(|(name, _)| name.contains("imprint_en")).unwrap();
    assert_eq!(typed.1.trim(), "Written second");
    assert!(form.contains(&("version".to_owned(), "2".to_owned())));
    let answer = write(&admin, &told, &[]).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let imprint = site.visitor().get("/imprint").await;
    assert!(imprint.body.contains("Written second"), "{}", imprint.body);
}

#[tokio::test]
async fn what_is_too_long_is_kept_and_told() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(PAGE).await;
    // In any script, and as much as it may have, in every language.
    let most = "字".repeat(20_000);
    let long = "字".repeat(20_001);
    let values = [
        ("privacy_en", &*most),
        ("privacy_id", &*most),
        ("privacy_de", &*most),
        ("imprint_en", &*most),
        ("imprint_id", &*most),
        ("imprint_de", &*long),
    ];
    let answer = write(&admin, &page, &values).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::ImprintDe, FieldProblem::TooLongBy(1)))
    );
    let told = follow(&admin, &answer).await;
    assert_eq!(told.texts("#errors li").len(), 1);
    assert_eq!(told.links("#errors a"), ["#imprint_de"]);
    let answer = write(&admin, &told, &[("imprint_de", &*most)]).await;
    assert_eq!(answer.error(), None);
}

#[tokio::test]
async fn a_logo_is_read_by_its_content_and_shown_on_every_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for (file, problem) in [
        (&b""[..], FieldProblem::Missing),
        (svg, FieldProblem::Malformed),
        (&vec![0; 1024 * 1024 + 1], FieldProblem::TooLong),
    ] {
        let answer = upload_logo(&admin, "1", file).await;
        assert_eq!(answer.error(), Some(AppError::invalid(Field::Logo, problem)));
        let told = follow(&admin, &answer).await;
        assert_eq!(told.links("#errors a"), ["#logo"]);
        assert_eq!(told.texts("#logo-error").len(), 1);
    }
    let pixel = upload::content(PIXEL).unwrap();
    let answer = upload_logo(&admin, "1", &pixel).await;
    assert_eq!(answer.location(), "/admin/organisation?saved=logo", "{answer:?}");

    let visitor = site.visitor();
    let start = visitor.get("/").await;
    let path = start
        .body
        .split("/logo/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let logo = visitor
        .http
        .get(visitor.url(&format!("/logo/{path}")))
        .send()
        .await
        .unwrap();
    assert_eq!(logo.status(), 200);
    assert_eq!(logo.headers()["content-type"], "image/png");
    assert!(
        logo.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    assert!(logo.bytes().await.unwrap().starts_with(b"\x89PNG"));
    assert_eq!(visitor.get("/logo/other.png").await.status, 404);

    let stale = upload_logo(&admin, "1", &pixel).await;
    assert_eq!(stale.error(), Some(AppError::StaleOrganisation));
    let answer = admin.submit(PAGE, "remove-logo", &[("version", "2")]).await;
    assert_eq!(answer.error(), None);
    assert!(!visitor.get("/").await.body.contains("/logo/"));
}

#[tokio::test]
async fn nobody_but_an_admin_writes_for_the_organisation() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let pixel = upload::content(PIXEL).unwrap();
    let visitor = site.visitor();
    let answer = upload_logo(&visitor, "1", &pixel).await;
    assert!(answer.location().contains("/staff/sign-in"), "{answer:?}");
    // The file is not kept for the time after signing in.
    let kept = "select count(*) from sessions where data::text like '%iVBORw0KGgo%'";
    assert_eq!(app.count(kept).await, 0);
    let doctor = site.staff("doctor1@test.example").await;
    let answer = upload_logo(&doctor, "1", &pixel).await;
    assert_eq!(answer.error(), Some(AppError::NotFound), "{answer:?}");
    let fields = [("version", "1"), ("filled[fields][title]", "Mine")];
    assert_eq!(doctor.call("put-identity", &fields).await.status, 404);
    assert_eq!(doctor.call("remove-logo", &fields[..1]).await.status, 404);
    assert_eq!(
        app.count("select sum(version)::bigint from (select version from organisation union all select version from organisation_logo) as all_of_it")
            .await,
        2
    );
}

#[tokio::test]
async fn a_program_reads_and_writes_the_organisation() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = json!({
        "name": "Klinik Sehat", "phone": "", "version": 1,
        "privacy": { "id": "Kami menyimpan sedikit." }, "imprint": {},
    });
    let first = people.admin.put("organisation", &body).await;
    assert_eq!(data(&first, 200), json!({ "id": 1, "version": 2 }));
    let details = refused(
        &people.admin.put("organisation", &body).await,
        409,
        "STALE_VERSION",
    );
    assert_eq!(
        (&details["version"], &details["change"]),
        (&json!(2), &json!("identity_changed"))
    );
    for who in [&people.patient, &people.doctor] {
        refused(&who.put("organisation", &body).await, 404, "NOT_FOUND");
    }
    let read = data(&people.patient.get("organisation").await, 200);
    assert_eq!(read["name"], "Klinik Sehat");
    assert_eq!(
        read["privacy"],
        json!({ "en": "", "id": "Kami menyimpan sedikit.", "de": "" })
    );
    assert!(read.get("last_change").is_none());
    let read = data(&people.admin.get("organisation").await, 200);
    assert_eq!(read["last_change"]["change"], "identity_changed");
    let mut long = body.clone();
    long["imprint"]["de"] = json!("x".repeat(20_001));
    long["version"] = json!(2);
    let details = refused(
        &people.admin.put("organisation", &long).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "imprint.de": "too-long" }));
}

#[tokio::test]
async fn a_program_replaces_the_logo() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let picture = |picture: &str| json!({ "picture": picture, "version": 1 });
    for wrong in ["***", "bm8gcGljdHVyZQ=="] {
        let details = refused(
            &people.admin.put("organisation/logo", &picture(wrong)).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ "picture": "malformed" }), "{wrong}");
    }
    let saved = data(&people.admin.put("organisation/logo", &picture(PIXEL)).await, 200);
    assert_eq!(saved["version"], 2);
    let read = data(&people.patient.get("organisation").await, 200);
    assert!(read["logo"].as_str().unwrap().starts_with("/logo/"), "{read}");
    assert_eq!(read["logo_version"], 2);
    let details = refused(
        &people.admin.put("organisation/logo", &picture(PIXEL)).await,
        409,
        "STALE_VERSION",
    );
    assert_eq!(details["change"], "logo_changed");
    let without = people.admin.delete("organisation/logo").await;
    refused(&without, 422, "VALIDATION_FAILED");
    let request = people
        .admin
        .request("DELETE", "organisation/logo")
        .header("if-match", "\"2\"");
    assert_eq!(data(&Answer::of(request).await, 200)["version"], 3);
    let read = data(&people.patient.get("organisation").await, 200);
    assert_eq!((&read["logo"], &read["logo_version"]), (&json!(null), &json!(3)));
}
