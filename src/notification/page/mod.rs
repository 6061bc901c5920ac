//! Pages about messages: those of admins and of the demo, and where the links in messages lead.

mod admin;
mod contact;
mod demo;
mod history;
mod link;
mod wording;

pub use self::{
    admin::AdminMessagesPage,
    contact::{ContactPage, EmailPage},
    demo::MessagesPage,
    history::{told, told_about},
    link::{LinkMovePage, LinkPage, UnsubscribePage},
    wording::{MessageTextPage, MessageTextsPage},
};
