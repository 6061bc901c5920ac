//! Messages.

mod admin;
mod bounce;
mod contact;
mod demo;
mod gateways;
mod history;
mod links;
mod mail;
mod receipts;
mod texts;
