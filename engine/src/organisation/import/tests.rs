use super::*;

const NAMES: &str =
    "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,break_until\n";

fn places() -> Places {
    Places {
        clinics: [("Clinic".to_owned(), 7)].into(),
        services: [("visit".to_owned(), 1), ("long".to_owned(), 2)].into(),
    }
}

fn rows(text: &str) -> Vec<Row> {
    Table::read(text).unwrap().rows(&places()).unwrap()
}

#[test]
fn a_line_is_read_like_the_form_of_a_doctor() {
    let text = format!(
        "{NAMES}\"Ayu, dr.\",Dermatology,id en,Ayu@a.example,a long password,Clinic,long visit,mon-wed fri,8:00,16:00,12:00,13:00\n"
    );
    let row = rows(&text).remove(0);
    let (doctor, password) = row.doctor.unwrap();
    assert_eq!(
        (row.line, &*row.name, &*password),
        (2, "Ayu, dr.", "a long password")
    );
    assert_eq!((doctor.clinic_id, &doctor.services[..]), (7, &[1, 2][..]));
    assert_eq!(doctor.profile.email, "ayu@a.example");
    assert_eq!(doctor.profile.languages, ["id", "en"]);
    assert_eq!(doctor.week.len(), 8);
}

#[test]
fn the_names_may_be_in_any_order_and_the_cells_come_from_a_spreadsheet() {
    let names: Vec<&str> = COLUMNS.into_iter().rev().collect();
    let cells = [
        "",
        "",
        "16:00",
        "8:00",
        "sat",
        "visit",
        "Clinic",
        "a long password",
        "ayu@a.example",
        "",
        "Dermatology",
        "Dr Ayu",
    ];
    for separator in [";", "\t", ","] {
        let text = format!(
            "\u{feff}{}\r\n{}\r\n",
            names.join(separator).to_uppercase(),
            cells.join(separator)
        );
        let (doctor, _) = rows(&text).remove(0).doctor.unwrap();
        assert_eq!(doctor.profile.name, "Dr Ayu");
        assert_eq!(doctor.week.len(), 1);
    }
}

#[test]
fn a_table_is_read_as_spreadsheets_write_it() {
    let row = |name: &str| {
        format!("{name};Dermatology;;{name}@a.example;a long password;Clinic;visit;mon–fri;8:00;16:00")
    };
    let names = NAMES.trim_end().replace(',', ";");
    let text = format!(
        "\u{feff}SEP=;\r\n;;;\r\n{names};;\r\n\r\n{};;;;;\r\n;;;;;;;;;;;;;;\r\n{}\r\n\"{};;\r\n{};;;x\r\n{};\r\n",
        row("a"),
        row("b"),
        row("c"),
        row("d"),
        row("e"),
    );
    let read: Vec<(usize, bool)> = rows(&text)
        .iter()
        .map(|row| (row.line, row.doctor.is_ok()))
        .collect();
    // A stray quote, and a cell in a column without a name, are errors of their rows alone.
    assert_eq!(read, [(5, true), (7, true), (8, false), (9, false), (10, true)]);
    let tabs = format!(
        "sep=\t\n{}",
        (NAMES.to_owned() + &row("a").replace(';', ",")).replace(',', "\t")
    );
    assert_eq!(rows(&tabs).remove(0).line, 3);
}

#[test]
fn all_errors_of_a_line_are_reported() {
    let text = format!("{NAMES},,x,ayu,short,Elsewhere,visit surgery,sun-mon,8:00,16:00,,\n.,,\n");
    let rows = rows(&text);
    let of = |field, problem| AppError::invalid(field, problem);
    assert_eq!(
        rows[0].doctor.clone().unwrap_err(),
        [
            of(Field::Title, FieldProblem::Missing),
            of(Field::Speciality, FieldProblem::Missing),
            of(Field::Languages, FieldProblem::Malformed),
            of(Field::Email, FieldProblem::Malformed),
            of(Field::Clinic, FieldProblem::Malformed),
            of(Field::Services, FieldProblem::Malformed),
            of(Field::Day, FieldProblem::Malformed),
            of(Field::NewPassword, FieldProblem::Malformed),
        ]
    );
    assert_eq!(
        rows[1].doctor.clone().unwrap_err(),
        [of(Field::Body, FieldProblem::Malformed)]
    );
}

#[test]
fn a_kept_table_contains_no_passwords() {
    let row = "Dr Ayu,\"a, b\",,ayu@a.example,a long password,,,,,,,\n";
    let text = format!("{NAMES}{row}too,few,a long password\n{row}");
    let table = Table::read(&text).unwrap();
    let kept = table.without_passwords(|_| true);
    assert_eq!(kept.lines().count(), 3, "{kept}");
    assert!(!kept.contains("a long password"), "{kept}");
    assert!(kept.contains("Dr Ayu,\"a, b\",,ayu@a.example,,"), "{kept}");
    assert_eq!(table.without_passwords(|line| line == 4).lines().count(), 2);
    assert_eq!(table.without_passwords(|_| false), "");
}

#[test]
fn a_table_has_names_and_not_too_many_lines() {
    let row = ".,,,,,,,,,,,\n";
    for (text, problem) in [
        (String::new(), FieldProblem::Missing),
        (NAMES.to_owned(), FieldProblem::Missing),
        (row.to_owned(), FieldProblem::Malformed),
        (NAMES.replace("email", "mail") + row, FieldProblem::Malformed),
        (
            NAMES.replace("name,", "name,more,") + row,
            FieldProblem::Malformed,
        ),
        (format!("{NAMES},,,,,,,,,,,\n\n , \t,,\n"), FieldProblem::Missing),
    ] {
        let error = Table::read(&text).map(drop);
        assert_eq!(error, Err(AppError::invalid(Field::Lines, problem)), "{text}");
    }
    let rows = |count| {
        Table::read(&(NAMES.to_owned() + &row.repeat(count)))
            .unwrap()
            .rows(&places())
    };
    assert_eq!(rows(MAX_ROWS).unwrap().len(), MAX_ROWS);
    assert_eq!(
        rows(MAX_ROWS + 1).map(drop),
        Err(AppError::invalid(Field::Lines, FieldProblem::TooLong))
    );
}

#[test]
fn days_are_read_once_each() {
    for (cell, expected) in [
        ("mon-fri", "12345"),
        ("Mon wed, FRI", "135"),
        ("mon-wed tue-thu", "1234"),
        ("sun", "7"),
        ("", ""),
        ("sat-mon", "?"),
        ("monday", "?"),
    ] {
        assert_eq!(days_of(cell).concat(), expected, "{cell}");
    }
}
