//! The lines of a calendar object, and the components that they are in.

use super::Unread;

/// The depth of components: a calendar, an event, an alarm, and one for who adds their own.
const MAX_DEPTH: usize = 4;

/// The number of lines, after those that were folded have been put together.
const MAX_LINES: usize = 50_000;

/// A property: `name;parameter=value:value`.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// In capitals.
    pub name: String,
    params: Vec<(String, String)>,
    pub value: String,
}

impl Line {
    /// Reads a line; `None` for what is none.
    fn read(text: &str) -> Option<Self> {
        let name_ends = text.find([';', ':'])?;
        let (name, mut rest) = text.split_at(name_ends);
        let mut params = Vec::new();
        while let Some(param) = rest.strip_prefix(';') {
            let (key, value) = param.split_once('=')?;
            // What stands in quotation marks may have every sign in it.
            let mut quoted = false;
            let ends = value.find(|sign: char| {
                quoted ^= sign == '"';
                !quoted && (sign == ';' || sign == ':')
            })?;
            params.push((key.to_ascii_uppercase(), value[..ends].replace('"', "")));
            rest = &value[ends..];
        }
        let value = rest.strip_prefix(':')?;
        Some(Self {
            name: name.trim().to_ascii_uppercase(),
            params,
            value: value.trim().to_owned(),
        })
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        let param = self.params.iter().find(|(key, _)| key == name);
        param.map(|(_, value)| value.as_str())
    }
}

/// What stands between a `BEGIN` and its `END`.
#[derive(Clone, Debug, Default)]
pub(super) struct Component {
    /// In capitals.
    pub name: String,
    pub lines: Vec<Line>,
    pub parts: Vec<Self>,
}

impl Component {
    /// The properties of this name, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    /// The first property of this name.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.line(name).map(|line| line.value.as_str())
    }
}

/// Reads the calendars of a body: nearly always one. A line that is none is passed over, as what is asked for is looked for by
/// its name.
pub(super) fn read(body: &str) -> Result<Vec<Component>, Unread> {
    let mut open: Vec<Component> = Vec::new();
    let mut calendars = Vec::new();
    for (number, text) in unfolded(body).into_iter().enumerate() {
        if number >= MAX_LINES {
            return Err(Unread::TooLarge);
        }
        let Some(line) = Line::read(&text) else {
            continue;
        };
        match (line.name.as_str(), open.len()) {
            ("BEGIN", MAX_DEPTH..) => return Err(Unread::Malformed),
            ("BEGIN", _) => open.push(Component {
                name: line.value.to_ascii_uppercase(),
                ..Component::default()
            }),
            ("END", _) => {
                let ended = open.pop().ok_or(Unread::Malformed)?;
                if !ended.name.eq_ignore_ascii_case(&line.value) {
                    return Err(Unread::Malformed);
                }
                match open.last_mut() {
                    Some(outer) => outer.parts.push(ended),
                    None if ended.name == "VCALENDAR" => calendars.push(ended),
                    None => return Err(Unread::Malformed),
                }
            }
            _ => {
                if let Some(inner) = open.last_mut() {
                    inner.lines.push(line);
                }
            }
        }
    }
    match open.is_empty() && !calendars.is_empty() {
        true => Ok(calendars),
        false => Err(Unread::Malformed),
    }
}

/// The lines of a body: one that begins with a blank goes on with the one before it.
fn unfolded(body: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in body.trim_start_matches('\u{feff}').split(['\r', '\n']) {
        match (text.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ if text.is_empty() => {}
            _ => lines.push(text.to_owned()),
        }
    }
    lines
}
