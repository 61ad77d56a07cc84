"""A shop that starts cold, its visitors, and an owner who clicks: what each click brings."""
