//! The server itself: requests, headers, limits, languages, logs, its worker, and the description of the API.

mod clock;
mod cors;
mod edge;
mod etag;
mod farewell;
mod head;
mod header;
mod language;
mod limits;
mod log;
mod malformed;
mod openapi;
mod program;
mod refusal;
mod request;
mod slow;
mod visitors;
mod worker;
