use super::*;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn refused(options: Options) -> String {
    Settings::of(options).unwrap_err().to_string()
}

#[test]
fn nothing_is_a_configuration_without_senders() {
    let settings = Settings::of(Options::default()).unwrap();
    assert!(settings.mail.is_none() && settings.sms.is_none() && settings.public_url.is_none());
}

#[test]
fn half_a_configuration_is_one_line_that_names_what_is_missing() {
    for (options, missing) in [
        (
            Options {
                smtp_host: some("mail.example"),
                ..Options::default()
            },
            "JANJI_MAIL_FROM",
        ),
        (
            Options {
                smtp_host: some("mail.example"),
                mail_from: some("a@clinic.example"),
                smtp_user: some("a"),
                ..Options::default()
            },
            "JANJI_SMTP_PASSWORD",
        ),
        (
            Options {
                smtp_host: some("mail.example"),
                mail_from: some("a@clinic.example"),
                bounce_address: some("bounces@clinic.example"),
                ..Options::default()
            },
            "JANJI_BOUNCE_SECRET",
        ),
        (
            Options {
                smtp_host: some("mail.example"),
                mail_from: some("a@clinic.example"),
                bounce_address: some("bounces@clinic.example"),
                bounce_secret: some("short"),
                ..Options::default()
            },
            "at least 16",
        ),
        (
            Options {
                smtp_host: some("mail.example"),
                mail_from: some("a@clinic.example"),
                bounce_address: some("a+b@clinic.example"),
                bounce_secret: some("a secret of some length"),
                ..Options::default()
            },
            "no address such as bounces@clinic.example",
        ),
        (
            Options {
                bounce_address: some("bounces@clinic.example"),
                bounce_secret: some("a secret of some length"),
                ..Options::default()
            },
            "JANJI_SMTP_HOST",
        ),
        (
            Options {
                sms: some("twilio"),
                twilio_account: some("AC1"),
                twilio_from: some("+15005550006"),
                ..Options::default()
            },
            "JANJI_TWILIO_TOKEN",
        ),
        (
            Options {
                twilio_account: some("AC1"),
                ..Options::default()
            },
            "JANJI_SMS",
        ),
        (
            Options {
                sms: some("http"),
                ..Options::default()
            },
            "JANJI_SMS_URL",
        ),
        (
            Options {
                sms: some("pigeon"),
                ..Options::default()
            },
            "zenziva-whatsapp",
        ),
    ] {
        let line = refused(options);
        assert!(line.contains(missing) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn nothing_goes_in_the_open_to_another_machine() {
    let plain = |host: &str| Options {
        smtp_host: some(host),
        smtp_tls: some("none"),
        mail_from: some("Clinic <a@clinic.example>"),
        ..Options::default()
    };
    assert!(refused(plain("mail.example")).contains("in the open"));
    assert_eq!(
        Settings::of(plain("127.0.0.1")).unwrap().mail.unwrap().tls,
        Tls::None
    );
    let http = |url: &str| Options {
        sms: some("http"),
        sms_url: some(url),
        ..Options::default()
    };
    assert!(refused(http("http://gateway.example/send")).contains("JANJI_SMS_URL"));
    assert!(Settings::of(http("http://127.0.0.1:8080/send")).is_ok());
    for url in [
        "http://clinic.example",
        "https://clinic.example/janji",
        "clinic.example",
    ] {
        let options = Options {
            public_url: some(url),
            ..Options::default()
        };
        assert!(refused(options).contains("JANJI_PUBLIC_URL"), "{url}");
    }
}

#[test]
fn the_port_says_how_a_connection_is_encrypted() {
    for (port, tls) in [
        (None, Tls::Implicit),
        (Some(465), Tls::Implicit),
        (Some(587), Tls::StartTls),
    ] {
        let options = Options {
            smtp_host: some("mail.example"),
            smtp_port: port,
            mail_from: some("a@clinic.example"),
            ..Options::default()
        };
        assert_eq!(Settings::of(options).unwrap().mail.unwrap().tls, tls);
    }
}

#[test]
fn messages_go_where_codes_go_unless_other_countries_are_listed() {
    let country = |letters: &str| Country::parse(letters).unwrap();
    let own = Some(vec![country("ID")]);
    for (listed, expected) in [
        (None, own.clone()),
        (some(" "), own.clone()),
        (some("SG, DE"), Some(vec![country("SG"), country("DE")])),
        (some("*"), None),
    ] {
        let options = Options {
            sms_countries: listed.clone(),
            ..Options::default()
        };
        let settings = Settings::beside_codes(options, &own).unwrap();
        assert_eq!(settings.countries, expected, "{listed:?}");
    }
    let wrong = Options {
        sms_countries: some("ID,nowhere"),
        ..Options::default()
    };
    assert!(refused(wrong).starts_with("nowhere is no country"));
}

#[test]
fn a_secret_comes_from_one_place() {
    let options = Options {
        smtp_host: some("mail.example"),
        mail_from: some("a@clinic.example"),
        smtp_user: some("a"),
        smtp_password: some("b"),
        smtp_password_file: Some(PathBuf::from("/nowhere")),
        ..Options::default()
    };
    let only_file = Options {
        smtp_password: None,
        ..options.clone()
    };
    assert!(refused(options).contains("one of them"));
    assert!(refused(only_file).contains("/nowhere"));
    assert_eq!(format!("{:?}", Secret::new("b")), "Secret(…)");
}
