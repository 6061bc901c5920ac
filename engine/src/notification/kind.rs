//! What is said, how, and what became of it: closed lists, as words in the database.

/// Makes an enum of words that the database knows.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$item_about:meta])* $item:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$item_about])* $item,)+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$item,)+];

            /// The word in the database, in the API and in metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word,)+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.as_str() == word)
            }
        }
    };
}

pub(super) use words;

words! {
    /// The way on which a message goes.
    Channel {
        /// To a phone, by whichever gateway the clinic has: SMS or WhatsApp.
        Sms = "sms",
        Email = "email",
    }
}

words! {
    /// What a message says.
    Kind {
        /// A code to sign in with.
        Code = "code",
        /// Something about an account of staff, such as an invitation.
        Account = "account",
        /// Whether an address is a patient's.
        ConfirmEmail = "confirm_email",
        /// A message that an admin sends to see whether it arrives.
        Test = "test",
        Requested = "requested",
        Confirmed = "confirmed",
        Declined = "declined",
        Moved = "moved",
        Cancelled = "cancelled",
        /// All that somebody had on a day of a doctor was cancelled.
        DayCancelled = "day_cancelled",
        /// Nobody answered the request in time.
        Expired = "expired",
        ReminderWeek = "reminder_week",
        ReminderDay = "reminder_day",
        PrescriptionReady = "prescription_ready",
        RatingAsked = "rating_asked",
        /// To a patient: the doctor wrote in a text consultation.
        DoctorWrote = "doctor_wrote",
        /// To a doctor: the patient did.
        PatientWrote = "patient_wrote",
        /// The appointments of a doctor on a day.
        DoctorsDay = "doctors_day",
        /// To somebody on the waitlist: a time is kept for them.
        TimeKept = "time_kept",
        /// To somebody on the waitlist: a time is free for everybody.
        TimeFree = "time_free",
        StayBooked = "stay_booked",
        /// The nights or the rooms of a stay are others.
        StayChanged = "stay_changed",
        StayCancelled = "stay_cancelled",
        /// A stay begins tomorrow.
        StayReminder = "stay_reminder",
        /// What was paid on a provider's page has come.
        Paid = "paid",
        /// It came too late, or twice, and goes back.
        PaymentLate = "payment_late",
        /// What was paid went back.
        PaidBack = "paid_back",
        /// To somebody on the waitlist: a time went on since they have an appointment then.
        TimeOverlaps = "time_overlaps",
        /// To somebody who waits for seats: the session has another time.
        SessionMoved = "session_moved",
        /// To somebody who waited for seats: the session does not take place.
        SessionCancelled = "session_cancelled",
        /// To a doctor: a calendar elsewhere lets us in no more.
        CalendarPaused = "calendar_paused",
        /// To a doctor: an appointment was deleted in a calendar elsewhere, and what becomes of it is theirs to say.
        CalendarAsks = "calendar_asks",
    }
}

impl Kind {
    /// Whether its words are written with its row, and not when it is sent.
    pub fn is_written(self) -> bool {
        matches!(self, Self::Code | Self::Account | Self::DayCancelled)
    }

    /// Whether it may be refused by who gets it.
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Self::ReminderWeek | Self::ReminderDay | Self::RatingAsked | Self::StayReminder
        )
    }

    /// Whether it is sent again where nobody knows if it arrived. A code is asked for again by who misses it, and a
    /// reminder that comes twice annoys more than one that does not come.
    pub fn is_sent_again_when_unsure(self) -> bool {
        self != Self::Code && !self.is_optional()
    }
}

words! {
    /// The state of a message.
    State {
        Due = "due",
        /// A worker has it.
        Claimed = "claimed",
        /// The provider has taken it.
        Sent = "sent",
        /// The provider says that it arrived.
        Delivered = "delivered",
        /// Given up. An admin sees it, and may send it again.
        Failed = "failed",
        /// No longer true, or not wanted.
        Suppressed = "suppressed",
    }
}

words! {
    /// Why a message was not sent.
    Trouble {
        /// Its time was over before it could be sent.
        TooLate = "too_late",
        /// What it says is no longer so.
        NoLongerTrue = "no_longer_true",
        /// Another message says it of the whole visit, or will say it.
        ToldTogether = "told_together",
        /// The recipient said stop.
        OptedOut = "opted_out",
        /// The recipient has been refused for good.
        NoSuchRecipient = "no_such_recipient",
        /// The mail came back: there is no such address.
        Bounced = "bounced",
        /// The provider did not answer before it had the message.
        Unreachable = "unreachable",
        /// The provider did not answer after it had the message.
        Unsure = "unsure",
        /// The provider says later.
        RefusedForNow = "refused_for_now",
        /// The provider says no.
        Refused = "refused",
        /// The provider does not know Janji: a wrong password, an account without money.
        AccountRefused = "account_refused",
        /// The provider took it and could not deliver it.
        Undelivered = "undelivered",
        /// So many went to this recipient within a day.
        RecipientCap = "recipient_cap",
        /// So many went out within a day.
        DayCap = "day_cap",
        /// No messages are sent to this country.
        Country = "country",
        /// The gateway has no template for this.
        NoTemplate = "no_template",
        /// A bug.
        Internal = "internal",
    }
}

impl Trouble {
    /// Whether what was not said is left to another message: not where that one would meet with the same, and not where it may
    /// have arrived.
    pub(super) fn leaves_it_to_others(self) -> bool {
        !matches!(
            self,
            Self::Unsure
                | Self::OptedOut
                | Self::NoSuchRecipient
                | Self::Bounced
                | Self::Refused
                | Self::RecipientCap
                | Self::DayCap
                | Self::Country
                | Self::NoTemplate
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::parse(trouble.as_str()), Some(*trouble));
        }
        assert_eq!(State::parse("gone"), None);
    }

    #[test]
    fn only_what_is_optional_can_be_refused() {
        assert!(Kind::ReminderDay.is_optional());
        for kind in [Kind::Code, Kind::Confirmed, Kind::Cancelled, Kind::Moved] {
            assert!(!kind.is_optional());
        }
    }
}
