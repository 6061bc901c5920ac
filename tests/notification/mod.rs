//! Messages.

mod admin;
mod contact;
mod demo;
mod gateways;
mod history;
mod links;
mod mail;
mod receipts;
mod texts;
