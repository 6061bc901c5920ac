//! Pages about messages: those of admins and of the demo, and where the links in messages lead.

mod admin;
mod contact;
mod demo;
mod link;

pub use self::{
    admin::{AdminMessagesPage, kind_text, word},
    contact::{ContactPage, EmailPage},
    demo::MessagesPage,
    link::{LinkMovePage, LinkPage, UnsubscribePage},
};
