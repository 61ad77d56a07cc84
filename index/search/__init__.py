"""From a query to ranked entries, with the evidence for the first."""
