//! Secrets of the configuration: each is an option, or stands in a file that another option names.

use std::path::PathBuf;

/// A value that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What two options say of a secret: the secret itself, and the file that has it.
pub type SecretOptions = (Option<String>, Option<PathBuf>);

/// What the first ones say, and where they say nothing, what the others do. A secret that is said in either way hides both ways of
/// the others.
pub fn either(own: SecretOptions, other: SecretOptions) -> SecretOptions {
    match own {
        (None, None) => other,
        own => own,
    }
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("{0} and {0}_FILE are both set: one of them is enough")]
    Twice(&'static str),
    #[error("{0} names {1}, which cannot be read: {2}")]
    Unreadable(&'static str, PathBuf, std::io::Error),
}

/// The text of a secret, from the option of this name or from the file; none where it is empty.
///
/// # Errors
/// Where both are set, or the file cannot be read.
pub fn text_of(
    name: &'static str,
    value: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<Option<String>, SecretError> {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match (value.as_deref().and_then(filled), file) {
        (Some(_), Some(_)) => Err(SecretError::Twice(name)),
        (Some(text), None) => Ok(Some(text)),
        (None, Some(file)) => match std::fs::read_to_string(file) {
            Ok(text) => Ok(filled(&text)),
            Err(error) => Err(SecretError::Unreadable(name, file.clone(), error)),
        },
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_given_by_itself_or_by_a_file_and_not_by_both() {
        let file = std::env::temp_dir().join(format!("janji-secret-{}", std::process::id()));
        std::fs::write(&file, " tulips \n").unwrap();
        let (text, path) = (Some(" roses ".to_owned()), Some(file.clone()));
        let read = |value: &Option<String>, file: &Option<PathBuf>| {
            text_of("JANJI_KEY", value, file).map_err(|error| error.to_string())
        };
        assert_eq!(read(&text, &None), Ok(Some("roses".to_owned())));
        assert_eq!(read(&None, &path), Ok(Some("tulips".to_owned())));
        // An empty variable is none.
        assert_eq!(read(&Some(" ".to_owned()), &path), Ok(Some("tulips".to_owned())));
        assert_eq!(read(&None, &None), Ok(None));
        let both = read(&text, &path).unwrap_err();
        assert!(both.contains("JANJI_KEY_FILE"), "{both}");
        std::fs::remove_file(&file).unwrap();
        let gone = read(&None, &path).unwrap_err();
        assert!(gone.contains("janji-secret"), "{gone}");
    }

    #[test]
    fn one_way_hides_both_ways_of_the_others() {
        let other = (Some("theirs".to_owned()), None);
        let own = (None, Some(PathBuf::from("ours")));
        assert_eq!(either(own.clone(), other.clone()), own);
        assert_eq!(either((None, None), other.clone()), other);
    }
}
