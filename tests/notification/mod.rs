//! Messages.

mod admin;
mod demo;
mod gateways;
mod links;
mod mail;
mod receipts;
