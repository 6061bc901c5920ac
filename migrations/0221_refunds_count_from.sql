-- What goes back counts from the time that was moved away from, where its patient moved it too late to get everything back.

alter table appointments
    -- The earliest start that a late move by the patient was from or to; null where there was none.
    add column refund_from timestamptz;
