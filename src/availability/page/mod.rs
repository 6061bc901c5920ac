//! Finding a doctor, and choosing a time.

mod any;
mod doctor;
mod start;
pub mod times;

pub use self::{any::AnyDoctorPage, doctor::DoctorPage, start::StartPage};
use engine::{availability::Doctor, i18n::Texts};

/// The name of a language, or its code where the name is not known.
pub fn language_name(code: &str, texts: Texts) -> String {
    match code {
        "en" | "id" | "de" | "jv" | "mi" | "fr" | "zh" | "nl" | "tr" | "es" => {
            texts.text(&format!("language-{code}"))
        }
        other => other.to_owned(),
    }
}

fn language_names(doctor: &Doctor, texts: Texts) -> String {
    let names: Vec<String> = doctor
        .languages
        .iter()
        .map(|code| language_name(code, texts))
        .collect();
    names.join(", ")
}

/// The initials of a doctor, for want of a face.
fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter(|word| !word.ends_with('.') && !matches!(*word, "Dr" | "dr"))
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_leave_out_titles() {
        assert_eq!(initials("Dr. Sari Wulandari"), "SW");
        assert_eq!(initials("Dr Lena von der Heide"), "Lv");
        assert_eq!(initials("dr. Budi"), "B");
    }
}
