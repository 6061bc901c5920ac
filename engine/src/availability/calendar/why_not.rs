//! The reasons why a time is not offered.

/// The reason why a time is not offered, for the person who books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOffered {
    /// Not a time of the plan, too soon, or too far ahead.
    Closed,
    /// Somebody has it.
    Taken,
}

/// The reason why a time is not offered, for staff: the first of several, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    DoctorInactive,
    ServiceInactive,
    /// The doctor does not offer this service at this clinic.
    NotOfferedHere,
    /// The clock of the clinic jumps over it.
    NoSuchTime,
    Past,
    BeforeNotice,
    BeyondHorizon,
    /// The week has no hours then.
    OutsidePlan,
    /// The date has an exception, and that has none.
    Exception,
    Break,
    Absence,
    Closure,
    /// A calendar elsewhere has something then.
    BusyElsewhere,
    Taken,
    OffGrid,
    /// It would end after the hours do.
    WouldNotFit,
}

impl WhyNot {
    /// As the keys of its texts have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DoctorInactive => "doctor-inactive",
            Self::ServiceInactive => "service-inactive",
            Self::NotOfferedHere => "not-offered-here",
            Self::NoSuchTime => "no-such-time",
            Self::Past => "past",
            Self::BeforeNotice => "before-notice",
            Self::BeyondHorizon => "beyond-horizon",
            Self::OutsidePlan => "outside-plan",
            Self::Exception => "exception",
            Self::Break => "break",
            Self::Absence => "absence",
            Self::Closure => "closure",
            Self::BusyElsewhere => "busy-elsewhere",
            Self::Taken => "taken",
            Self::OffGrid => "off-grid",
            Self::WouldNotFit => "would-not-fit",
        }
    }
}
