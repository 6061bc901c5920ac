-- Payments as the desk oversees them: those in a state that few are in, and events by how old they are.

create index payments_unsettled_idx on payments (state, id)
    where state in ('created', 'paying', 'refund_due', 'refunding', 'refund_failed');
