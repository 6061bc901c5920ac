//! The pages of rooms and stays.

mod board;
mod calendar;
mod change;
mod conflict;
mod link;
mod one;
mod parts;
mod room;
mod room_types;
mod rooms;

pub use self::{
    board::StaysPage,
    change::{AdminChangeStayPage, ChangeStayPage},
    link::LinkedStayPage,
    one::{AdminStayPage, StayPage},
    parts::{mine, of_patient},
    room::{AdminRoomPage, RoomPage},
    room_types::{NewRoomTypePage, RoomTypePage, RoomTypesPage},
    rooms::{AdminRoomsPage, RoomsPage, link_to_rooms},
};
