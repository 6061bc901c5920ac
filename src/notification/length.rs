//! What a text to a phone costs: its length in SMS, as phones count them (3GPP TS 23.038 and 23.040).

/// The signs of the usual alphabet (GSM 7 bit).
const USUAL: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Those of them that count as two.
const DOUBLE: &str = "^{}\\[~]|€\u{c}";

/// The most that one SMS takes by itself, and as a part of several: in the usual alphabet, and in UCS-2.
const USUAL_MOST: (usize, usize) = (160, 153);
const UCS_2_MOST: (usize, usize) = (70, 67);

/// The length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// As phones count them: some signs are two.
    pub signs: usize,
    pub sms: usize,
    /// The first sign that is not of the usual alphabet: with it, an SMS takes less than half.
    pub unusual: Option<char>,
}

impl Length {
    pub fn of(text: &str) -> Self {
        let unusual = text.chars().find(|&sign| usual(sign).is_none());
        let (units, most): (Vec<usize>, _) = match unusual {
            None => (text.chars().filter_map(usual).collect(), USUAL_MOST),
            Some(_) => (text.chars().map(char::len_utf16).collect(), UCS_2_MOST),
        };
        Self {
            signs: units.iter().sum(),
            sms: parts(&units, most),
            unusual,
        }
    }

    /// The alphabet in which it is sent.
    pub fn alphabet(self) -> &'static str {
        match self.unusual {
            None => "GSM-7",
            Some(_) => "UCS-2",
        }
    }
}

/// How much a sign of the usual alphabet counts; `None` for others.
fn usual(sign: char) -> Option<usize> {
    match (USUAL.contains(sign), DOUBLE.contains(sign)) {
        (true, _) => Some(1),
        (_, true) => Some(2),
        _ => None,
    }
}

/// The number of SMS. A sign that counts as two is not torn apart.
fn parts(units: &[usize], (alone, together): (usize, usize)) -> usize {
    if units.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut count, mut taken) = (1, 0);
    for unit in units {
        if taken + unit > together {
            (count, taken) = (count + 1, 0);
        }
        taken += unit;
    }
    count
}

/// The sentences about a length, with placeholders.
#[derive(Clone, Debug)]
pub struct Sentences {
    /// With `{signs}` and `{sms}`.
    pub usual: String,
    /// With `{sign}`, too.
    pub unusual: String,
}

impl Sentences {
    /// Says how long a text is.
    pub fn say(&self, text: &str) -> String {
        let length = Length::of(text);
        let sentence = match length.unusual {
            None => self.usual.clone(),
            Some(sign) => self.unusual.replace("{sign}", &sign.to_string()),
        };
        sentence
            .replace("{signs}", &length.signs.to_string())
            .replace("{sms}", &length.sms.to_string())
    }
}

/// A text as it would go out: its placeholders filled in, and with what follows it.
pub fn sent(text: &str, values: &[(String, String)], link: &str) -> String {
    let filled = values.iter().fold(text.trim().to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    });
    match link {
        "" => filled,
        link => format!("{filled} {link}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> (usize, usize, &'static str) {
        let length = Length::of(text);
        (length.signs, length.sms, length.alphabet())
    }

    #[test]
    fn a_text_is_counted_as_phones_count_it() {
        assert_eq!(length(""), (0, 1, "GSM-7"));
        assert_eq!(length(&"a".repeat(160)), (160, 1, "GSM-7"));
        assert_eq!(length(&"a".repeat(161)), (161, 2, "GSM-7"));
        assert_eq!(length(&"a".repeat(306)), (306, 2, "GSM-7"));
        assert_eq!(length(&"a".repeat(307)), (307, 3, "GSM-7"));
        // Umlauts are usual, the euro counts as two.
        assert_eq!(length("Grüße"), (5, 1, "GSM-7"));
        assert_eq!(length(&"€".repeat(80)), (160, 1, "GSM-7"));
        // 152 and half a sign: the next one begins with it.
        assert_eq!(
            length(&format!("{}{}", "€".repeat(76), "€".repeat(77))),
            (306, 3, "GSM-7")
        );
    }

    #[test]
    fn one_unusual_sign_makes_all_of_them_dear() {
        assert_eq!(length(&format!("{}’", "a".repeat(69))), (70, 1, "UCS-2"));
        assert_eq!(length(&format!("{}’", "a".repeat(70))), (71, 2, "UCS-2"));
        // Two units, never torn apart: 66 and a half.
        assert_eq!(length(&"😀".repeat(35)), (70, 1, "UCS-2"));
        assert_eq!(length(&"😀".repeat(67)), (134, 3, "UCS-2"));
        assert_eq!(Length::of("a’b").unusual, Some('’'));
    }

    #[test]
    fn a_length_is_that_of_what_goes_out() {
        let values = [("when".to_owned(), "Tue 24 Nov, 09:20 WIB".to_owned())];
        assert_eq!(sent("At {when}. ", &values, ""), "At Tue 24 Nov, 09:20 WIB.");
        assert_eq!(sent("At {x}", &values, "https://a"), "At {x} https://a");
        let sentences = Sentences {
            usual: "{signs} signs, {sms} SMS".to_owned(),
            unusual: "{signs} signs, {sms} SMS, as of “{sign}”".to_owned(),
        };
        assert_eq!(sentences.say("abc"), "3 signs, 1 SMS");
        assert_eq!(sentences.say("a’"), "2 signs, 1 SMS, as of “’”");
    }
}
