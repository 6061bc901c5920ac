//! Tests that need a database: races, what the database itself refuses, the engine, and HTTP.
//!
//! Each has a database of its own and actors who do what people do. Time is an argument, nothing
//! sleeps, and everybody in a race is released at once.

mod account;
mod any_doctor;
mod app;
mod booking;
mod calendar;
mod composite;
mod constraints;
mod demo;
mod engine;
mod fresh;
mod http;
mod idempotency;
mod import;
mod monitoring;
mod network;
mod openapi;
mod organisation;
mod prescription;
mod program;
mod project;
mod rating;
mod rest;
mod rest_holds;
mod rest_organisation;
mod rest_schedule;
mod rest_staff;
mod rest_walls;
mod roles;
mod schedule;
mod staff;
mod status;
mod tokens;
