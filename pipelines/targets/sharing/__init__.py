"""The sharing store as a target: one Delta table per dataset and policy, its receipts, and what may be removed when."""
