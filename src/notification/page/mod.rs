//! Pages about messages: those of admins and of the demo, and where the links in messages lead.

mod admin;
mod demo;
mod link;

pub use self::{
    admin::AdminMessagesPage,
    demo::MessagesPage,
    link::{LinkMovePage, LinkPage, UnsubscribePage},
};
