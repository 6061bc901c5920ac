use super::*;

#[test]
fn consultations_stay_open_for_a_day_and_have_no_video_unless_that_is_said() {
    let usual = consultation_rules(None, Some(String::new())).unwrap();
    assert_eq!((usual.open_minutes, usual.video), (24 * 60, None));
    let url = || Some("https://meet.example/{room}".to_owned());
    let chosen = consultation_rules(Some(0), url()).unwrap();
    assert_eq!((chosen.open_minutes, chosen.video.is_some()), (0, true));
    assert!(consultation_rules(Some(720), None).is_ok());
    assert!(consultation_rules(Some(721), None).is_err());
    let wrong = consultation_rules(None, Some("http://meet.example/{room}".to_owned()));
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "http://meet.example/{room} is no pattern of video links, such as https://meet.example/{room}: \
         it must begin with https://, and a host must follow"
    );
}

#[test]
fn codes_go_to_the_country_of_the_clinic_and_in_the_demo_to_all() {
    let own = Country::parse("ID").unwrap();
    let singapore = Country::parse("SG").unwrap();
    let listed = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for (countries, is_demo, expected) in [
        (vec![], false, Some(vec![own])),
        (vec![], true, None),
        (listed("*"), false, None),
        (listed(" SG"), true, Some(vec![singapore])),
        (listed("ID SG"), false, Some(vec![own, singapore])),
    ] {
        let found = code_countries(countries.clone(), own, is_demo).ok();
        assert_eq!(found, Some(expected), "{countries:?} {is_demo}");
    }
    assert!(code_countries(listed("nowhere"), own, true).is_err());
}

#[test]
fn what_is_said_on_the_command_line_is_over_the_file() {
    let text = |text: &str| Some(text.to_owned());
    let filed = Said {
        general: File {
            country: text("SG"),
            pool_size: Some(3),
            demo: true,
            code_countries: vec!["SG".to_owned()],
            cors_origins: vec!["https://clinic.example".to_owned()],
            ..File::default()
        },
        ..Said::default()
    };
    let flags = Flags {
        country: text("ID"),
        fhir_publish: true,
        code_countries: vec!["ID".to_owned()],
        ..Flags::default()
    };
    let said = flags.over(filed).general;
    assert_eq!((said.country, said.pool_size), (text("ID"), Some(3)));
    assert_eq!(
        (said.demo, said.fhir_publish, said.trust_proxy),
        (true, true, false)
    );
    assert_eq!(
        (said.code_countries, said.cors_origins.len()),
        (vec!["ID".to_owned()], 1)
    );
}
