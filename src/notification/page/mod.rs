//! Pages about messages: those of the demo, and where the links in messages lead.

mod demo;
mod link;

pub use self::{
    demo::MessagesPage,
    link::{LinkMovePage, LinkPage, UnsubscribePage},
};
