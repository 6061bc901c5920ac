//! The XML of WebDAV: read as a tree, by local names. There are no document types, and so no entities but the five of XML.

use quick_xml::{Reader, events::Event};

/// The depth of a tree, and the number of its elements, at which reading ends.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 500_000;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    /// Reads a document; none for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        let mut nodes = 0;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                    open.push(Self {
                        name,
                        ..Self::default()
                    });
                    nodes += 1;
                }
                Event::Empty(start) => {
                    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                    let child = Self {
                        name,
                        ..Self::default()
                    };
                    open.last_mut()?.children.push(child);
                    nodes += 1;
                }
                Event::End(_) => {
                    let node = open.pop()?;
                    open.last_mut()?.children.push(node);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref().ok()? {
                        Some(character) => character,
                        None => named(&reference.decode().ok()?)?,
                    };
                    open.last_mut()?.text.push(character);
                }
                Event::Eof => break,
                // Nobody needs one, and it may say what others stand for.
                Event::DocType(_) => return None,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
            if open.len() > MAX_DEPTH || nodes > MAX_NODES {
                return None;
            }
        }
        let mut root = open.pop().filter(|_| open.is_empty())?;
        root.children.pop().filter(|_| root.children.is_empty())
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Whether there is an element of this name somewhere in it.
    pub fn has(&self, name: &str) -> bool {
        self.children
            .iter()
            .any(|child| child.name == name || child.has(name))
    }

    /// The text of the first child of this name, without what is around it.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// A property that a response of a multistatus has.
    pub fn property(&self, name: &str) -> Option<&Self> {
        self.all("propstat")
            .filter(|propstat| {
                propstat
                    .said("status")
                    .is_none_or(|status| code(status) == Some(200))
            })
            .find_map(|propstat| propstat.child("prop")?.child(name))
    }

    /// The status of a response as a whole.
    pub fn status(&self) -> Option<u16> {
        self.said("status").and_then(code)
    }
}

/// The code of a line such as `HTTP/1.1 404 Not Found`.
fn code(line: &str) -> Option<u16> {
    line.split_whitespace().nth(1)?.parse().ok()
}

fn named(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// A text as it stands in a document.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multistatus_is_read_by_local_names() {
        let text = r#"<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>/a&amp;b/&#x31;.ics</D:href>
            <D:propstat><D:prop><getetag xmlns="DAV:">"x"</getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
            <D:propstat><D:prop><D:displayname/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>
            </D:response><D:response><D:href>/gone</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>
            <D:sync-token><![CDATA[t<1]]></D:sync-token></D:multistatus>"#;
        let root = Node::parse(text).unwrap();
        let responses: Vec<&Node> = root.all("response").collect();
        assert_eq!(responses[0].said("href"), Some("/a&b/1.ics"));
        assert_eq!(responses[0].property("getetag").unwrap().text, "\"x\"");
        assert!(responses[0].property("displayname").is_none());
        assert_eq!(responses[1].status(), Some(404));
        assert_eq!(root.said("sync-token"), Some("t<1"));
        assert!(root.has("getetag") && !root.has("nothing"));
    }

    #[test]
    fn what_is_no_document_is_nothing() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        for text in [
            "",
            "text",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&unknown;</a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
            &deep,
        ] {
            assert_eq!(Node::parse(text), None, "{text}");
        }
    }
}
