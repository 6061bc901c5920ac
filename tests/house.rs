//! Rules about the source text and the files of the project.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// A server function says first who may call it.
#[test]
fn every_server_function_asks_the_guard_or_says_why_it_is_public() {
    // In the first column; elsewhere it is the attribute of an argument, such as a default.
    let attribute = concat!("\n#[", "server(");
    let mut seen = 0;
    for file in rust_files(&root().join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let here = file.display();
        // The text between two attributes belongs to the first; the body ends at a brace in the first column.
        for function in text.split(attribute).skip(1) {
            let (arguments, rest) = function
                .split_once(
                    "]
pub async fn ",
                )
                .unwrap();
            seen += 1;
            let name = rest.split('(').next().unwrap();
            assert!(
                file.ends_with("forms.rs") || file.parent().is_some_and(|folder| folder.ends_with("forms")),
                "{here}: {name} is neither in a forms.rs nor in a folder of forms"
            );
            assert!(
                arguments.contains("endpoint = "),
                "{here}: {name} has no endpoint"
            );
            assert!(
                arguments.contains("prefix = \"/form\""),
                "{here}: {name} is not below /form"
            );
            let body = rest.split("\n}").next().unwrap();
            assert!(
                body.contains("guard::admin(")
                    || body.contains("guard::planner(")
                    || body.contains("guard::desk(")
                    || body.contains("guard::staff(")
                    || body.contains("guard::doctor(")
                    || body.contains("guard::patient(")
                    || body.contains("guard::anyone(")
                    || body.contains("guard::fresh(")
                    || body.contains("// public:"),
                "{here}: {name} neither asks the guard nor says why it is public"
            );
        }
    }
    assert!(seen >= 12, "only {seen} server functions were found");
}

/// The only places that read the server's own clock, each with its reason.
const OWN_CLOCK: [(&str, &str); 3] = [
    (
        "engine/src/database/clock.rs",
        "compares it with that of the database",
    ),
    (
        "engine/src/database/embedded/scratch.rs",
        "names a folder that is thrown away",
    ),
    (
        "src/trace/statement.rs",
        "says when a statement ended, to whoever collects traces",
    ),
];

/// Servers go by the clock of the database, whatever their own ones say: a server whose clock jumps decides as before.
#[test]
fn only_the_clock_of_the_database_reads_the_clock_of_the_server() {
    // All ways that there are, also those of libraries.
    let ways = [
        concat!("Timestamp", "::now()"),
        concat!("Zoned", "::now()"),
        concat!("SystemTime", "::now()"),
        concat!("UNIX_EPOCH", ".elapsed()"),
        concat!("Utc", "::now()"),
        concat!("OffsetDateTime", "::now_"),
        concat!(".check_", "current("),
        concat!(".generate_", "current("),
    ];
    let mut known = Vec::new();
    for folder in ["src", "engine/src"] {
        for file in rust_files(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let rules: String = text
                .split("#[cfg(test)]")
                .next()
                .unwrap()
                .split_whitespace()
                .collect();
            if !ways.iter().any(|way| rules.contains(way)) {
                continue;
            }
            let place = OWN_CLOCK.iter().find(|(place, _)| file.ends_with(place));
            assert!(
                place.is_some(),
                "{} takes the server's own clock for now: ask the state or the transaction",
                file.display()
            );
            known.extend(place);
        }
    }
    for place in &OWN_CLOCK {
        assert!(known.contains(&place), "{place:?} reads no clock any more");
    }
}

/// The role that serves may not do it, and the tests run as another one.
#[test]
fn rows_of_the_logs_are_only_added_and_tables_are_changed_by_migrations_alone() {
    for file in rust_files(&root().join("engine/src")) {
        // A backup is restored by the owner, into tables that nobody uses yet.
        let grants = file.ends_with("database/roles.rs")
            || file.ends_with("database/migration.rs")
            || file.ends_with("backup/restore.rs");
        if grants || file.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let rules = text.split("#[cfg(test)]").next().unwrap().to_lowercase();
        for table in [
            "security_notes",
            "patient_reads",
            "limits_exceeded",
            "clinical_notes",
            "message_text_changes",
            "patient_changes",
            "_sqlx_migrations",
        ] {
            for deed in ["update", "delete from", "truncate"] {
                assert!(
                    !rules.contains(&format!("{deed} {table}")),
                    "{}: {deed} {table}",
                    file.display()
                );
            }
        }
        for deed in [
            "create table",
            "create temporary",
            "alter table",
            "drop table",
            "truncate ",
            "vacuum",
        ] {
            let in_a_statement = [format!("\"{deed}"), format!("; {deed}")];
            assert!(
                !in_a_statement.iter().any(|said| rules.contains(said)),
                "{}: {deed}",
                file.display()
            );
        }
    }
}

/// A call of the API says first who may call it.
#[test]
fn every_call_of_the_api_authenticates_or_says_why_it_is_public() {
    let mut seen = 0;
    for file in rust_files(&root().join("src")) {
        let is_handlers = (file.ends_with("api.rs")
            || file
                .parent()
                .is_some_and(|folder| folder.ends_with("api") || folder.ends_with("fhir/calls")))
            && !file.starts_with(root().join("src/server"))
            && !file.starts_with(root().join("src/api"));
        if !is_handlers {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for function in text.split("\npub async fn ").skip(1) {
            seen += 1;
            let name = function.split('(').next().unwrap();
            let body = function.split("\n}").next().unwrap();
            assert!(
                body.contains(": Authenticated,")
                    || body.contains(": Authenticated)")
                    || body.contains(": Edit<")
                    || body.contains("// public:"),
                "{}: {name} neither asks who is calling nor says why it is public",
                file.display()
            );
        }
    }
    assert!(seen >= 43, "only {seen} calls were found");
}

/// Two of one name become one in the description, where one call then promises the body of the other.
#[test]
fn every_schema_of_the_api_has_a_name_of_its_own() {
    let mut known: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in rust_files(&root().join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for derived in text.split("#[derive(").skip(1) {
            let (traits, rest) = derived.split_once(")]").unwrap();
            if !traits.split(',').any(|name| name.trim() == "ToSchema") {
                continue;
            }
            let start = [rest.find("struct "), rest.find("enum ")]
                .into_iter()
                .flatten()
                .min()
                .unwrap();
            let words = rest[start..].split(|c: char| !c.is_alphanumeric());
            let name = words.filter(|word| !word.is_empty()).nth(1).unwrap().to_owned();
            let before = known.insert(name.clone(), file.clone());
            assert!(
                before.is_none(),
                "{name} is in {before:?} and in {}",
                file.display()
            );
        }
    }
    assert!(known.len() > 50, "{}", known.len());
}

/// The description promises an idempotency key at every call with a body that needs a token (B6).
#[test]
fn every_call_that_is_described_with_a_key_reads_it() {
    let mut seen = 0;
    for file in rust_files(&root().join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for call in text.split("#[utoipa::path(").skip(1) {
            let (described, rest) = call.split_once("pub async fn ").unwrap();
            let described = described.split(")]").next().unwrap();
            let (arguments, _) = rest.split_once(") ->").unwrap();
            let needs_token = described.contains("security((\"token\"");
            if !described.contains("request_body") || !needs_token || described.contains("x-no-key") {
                continue;
            }
            seen += 1;
            let name = arguments.split('(').next().unwrap();
            assert!(
                arguments.contains("SentKey") || arguments.contains("Edit"),
                "{}: {name} reads no key",
                file.display()
            );
        }
    }
    assert!(seen >= 30, "{seen}");
}

/// A page whose secret is in its path is in no log of a proxy.
#[test]
fn proxies_are_told_of_every_path_with_a_secret() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let pages = read("src/app.rs");
    let mut letters: Vec<&str> = pages
        .lines()
        .filter_map(|line| line.split_once("/:secret")?.0.split_once("path!(\""))
        .map(|(_, letter)| letter)
        .collect();
    letters.dedup();
    assert!(letters.len() >= 4, "{letters:?}");
    for (file, said) in [
        ("deploy/proxy/Caddyfile", "/* "),
        ("SECURITY.md", "/`"),
        ("docs/install.md", "/`"),
    ] {
        let text = read(file);
        for letter in &letters {
            assert!(text.contains(&format!("/{letter}{said}")), "{file}: /{letter}/");
        }
    }
    let nginx = read("deploy/proxy/nginx.conf");
    let (_, said) = nginx.split_once("location ~ ^/(").unwrap();
    let said: Vec<&str> = said.split(')').next().unwrap().split('|').collect();
    for letter in letters {
        assert!(said.contains(&letter), "deploy/proxy/nginx.conf: /{letter}/");
    }
}

/// Both say where the files of the page are: one to the build, one to the server.
#[test]
fn the_build_and_the_server_agree_on_the_files_of_the_page() {
    let read = |file: &str| -> toml::Table {
        std::fs::read_to_string(root().join(file))
            .unwrap()
            .parse()
            .unwrap()
    };
    let leptos = |document: &toml::Table| -> toml::Table {
        let package = document.get("package").expect("no [package]");
        package["metadata"]["leptos"]
            .as_table()
            .expect("no [package.metadata.leptos]")
            .clone()
    };
    let (build, server) = (leptos(&read("Cargo.toml")), leptos(&read("Leptos.toml")));
    for (key, value) in &server {
        assert_eq!(build.get(key), Some(value), "{key}");
    }
    assert!(server.contains_key("output-name") && server.contains_key("site-root"));
}
