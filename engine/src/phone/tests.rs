use super::*;

fn read(typed: &str, country: &str) -> Option<String> {
    let country = Country::parse(country).unwrap();
    Phone::parse(typed, country).ok().map(|phone| phone.0)
}

#[test]
fn one_number_has_many_spellings() {
    for typed in [
        "+62 812-5550-0101",
        "0812 5550 0101",
        "812 5550 0101",
        "62 812 5550 0101",
        "+62 (0)812 5550 0101",
        "+62 0812 5550 0101",
        "0062 812 5550 0101",
        "0062 0812 5550 0101",
        "0062 (0) 812.5550.0101",
        "00 62 (0812) 5550/0101",
        "001 62 812 5550 0101",
        "001 62 0812 5550 0101",
        "007 62 812 5550 0101",
        "008 62 812 5550 0101",
        "009 62 812 5550 0101",
        "017 62 812 5550 0101",
        "01017 62 812 5550 0101",
        "tel:+62-812-5550-0101",
        "TEL:0812-5550-0101;phone-context=+62",
        "sms:+6281255500101?body=Halo",
        "\u{202a}+62\u{a0}812\u{2011}5550\u{2011}0101\u{202c}",
        "\u{feff}\u{2066}0812\u{2013}5550\u{2014}0101\u{2069}",
        "\u{200e}+62 812\u{2212}5550\u{ff0d}0101\u{200f}",
        "＋６２（０）８１２　５５５０　０１０１",
        "٠٨١٢ ٥٥٥٠ ٠١٠١",
        "۰۸۱۲۵۵۵۰۰۱۰۱",
        "०८१२-५५५०-०१०१",
        "0\u{fe0f}\u{20e3}812 5550 0101",
    ] {
        assert_eq!(read(typed, "ID").as_deref(), Some("+6281255500101"), "{typed:?}");
    }
}

#[test]
fn a_country_keeps_its_zero_or_drops_its_trunk_prefix() {
    for (typed, country, expected) in [
        ("+39 06 698 12345", "ID", "+390669812345"),
        ("+39 (0)6 698 12345", "ID", "+390669812345"),
        ("0039 06 698 12345", "ID", "+390669812345"),
        ("001 39 06 698 12345", "ID", "+390669812345"),
        ("06 698 12345", "IT", "+390669812345"),
        ("+39 347 123 4567", "IT", "+393471234567"),
        ("+225 01 02 03 04 05", "ID", "+2250102030405"),
        ("0049 (0) 170 1234567", "ID", "+491701234567"),
        ("0170 1234567", "DE", "+491701234567"),
        ("0062 0812 5550 0101", "DE", "+6281255500101"),
        ("+44 (0)20 7946 0958", "ID", "+442079460958"),
        ("+61 (0)412 345 678", "ID", "+61412345678"),
        ("+7 8 912 345 67 89", "ID", "+79123456789"),
        ("8 912 345 67 89", "RU", "+79123456789"),
        ("+36 06 20 123 4567", "ID", "+36201234567"),
        ("+54 9 11 2345 6789", "ID", "+5491123456789"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("011 62 812 5550 0101", "US", "+6281255500101"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("00 1 202 555 0123", "ID", "+12025550123"),
        ("008 44 20 7946 0958", "ID", "+442079460958"),
        ("(021) 5550 0110", "ID", "+622155500110"),
    ] {
        assert_eq!(
            read(typed, country).as_deref(),
            Some(expected),
            "{typed:?} in {country}"
        );
    }
}

#[test]
fn what_cannot_be_a_number_is_refused() {
    for typed in [
        "",
        "\u{200b}",
        "+",
        "0",
        "12345",
        "112",
        "+62",
        "+62 812",
        "+0812345678",
        "+62 812 3456 7890 1234",
        "+62 8123 abc",
        "+62812345678'; drop table patients",
        "+1 555 0100",
        "++62 812 5550 0101",
        "0812 5550 0101 ext 5",
        "tel:+6281255500101;ext=5",
        "+999 812 5550 0101",
        "0812+55500101",
        "½½½½½½½",
        "1800 FLOWERS",
        "0081 90 1234 5678",
    ] {
        assert_eq!(read(typed, "ID"), None, "{typed:?}");
    }
    let long = "0".repeat(MAX_TYPED + 1);
    let refused = Phone::parse(&long, Country::default());
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::Phone, FieldProblem::TooLong))
    );
    let blank = Phone::parse(" \u{feff} ", Country::default());
    assert_eq!(blank, Err(AppError::invalid(Field::Phone, FieldProblem::Missing)));
}

#[test]
fn a_phone_number_does_not_show_in_debug_output() {
    let phone = Phone::parse("+6281234567890", Country::default()).unwrap();
    assert!(!format!("{phone:?}").contains("812"));
}

#[test]
fn a_code_is_six_digits_of_any_script() {
    for typed in [
        "123456",
        " 123 456 ",
        "123\u{2013}456",
        "１２３４５６",
        "١٢٣٤٥٦",
        "\u{202a}123\u{a0}456\u{202c}",
    ] {
        assert_eq!(code(typed).as_deref(), Ok("123456"), "{typed:?}");
    }
    let missing = AppError::invalid(Field::Code, FieldProblem::Missing);
    assert_eq!(code(" \u{200b}"), Err(missing));
    let malformed = AppError::invalid(Field::Code, FieldProblem::Malformed);
    for typed in ["12345", "1234567", "12345a", "code", "+123456"] {
        assert_eq!(code(typed), Err(malformed), "{typed}");
    }
}

#[test]
fn a_part_of_a_number_is_searched_for_without_its_trunk_prefix() {
    for (typed, expected) in [
        ("0812 3456", Some("8123456")),
        ("+62 812", Some("62812")),
        ("+62 (0)812", Some("62812")),
        ("0062 812", Some("62812")),
        ("+62 (0)812 5550 0101", Some("6281255500101")),
        ("001 62 0812 5550 0101", Some("6281255500101")),
        ("٠٨١٢ ٥٥٥٠", Some("8125550")),
        ("\u{202a}0812\u{2011}5550", Some("8125550")),
        ("Maya Putri", None),
        ("", None),
    ] {
        assert_eq!(part(typed, Country::default()).as_deref(), expected, "{typed:?}");
    }
}

#[test]
fn a_country_is_two_letters_or_a_calling_code() {
    assert_eq!(Country::parse("id"), Some(Country::default()));
    assert_eq!(Country::parse(" DE "), Country::of_calling_code("+49"));
    assert_eq!(Country::of_calling_code("+62"), Some(Country::default()));
    for bad in ["", "Indonesia", "XX", "+62"] {
        assert_eq!(Country::parse(bad), None, "{bad}");
    }
    for bad in ["", "62", "+", "+999", "+6212", "+x"] {
        assert_eq!(Country::of_calling_code(bad), None, "{bad}");
    }
}

#[test]
fn a_number_belongs_to_its_country() {
    let of = |typed: &str, countries: &[&str]| {
        let countries: Vec<Country> = countries.iter().filter_map(|code| Country::parse(code)).collect();
        Phone::parse(typed, Country::default()).is_ok_and(|phone| phone.is_of(&countries))
    };
    assert!(of("0812 5550 0101", &["ID"]));
    assert!(of("+65 8123 4567", &["ID", "SG"]));
    assert!(of("+1 202 555 0123", &["US"]));
    for (typed, countries) in [
        ("+65 8123 4567", &["ID"][..]),
        ("+1 202 555 0123", &["CA"]),
        ("+1 416 555 0123", &["US"]),
        ("+881 6 1234 5678", &["ID", "US"]),
        ("0812 5550 0101", &[]),
    ] {
        assert!(!of(typed, countries), "{typed}");
    }
}
