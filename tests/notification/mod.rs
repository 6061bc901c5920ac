//! Messages.

mod admin;
mod bounce;
mod contact;
mod demo;
mod gateways;
mod links;
mod mail;
mod receipts;
