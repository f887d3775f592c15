// Package enrich adds context to events: where an address is and whose it is, what a user
// agent says about itself, who owns an account, which of the user's lists an address is on.
// It is a pure function of a batch and versioned Tables: it reads its files once, when the
// tables are built, and knows no network and no clock.
//
// The work is done once per distinct value of a column, not once per row: a batch is
// dictionary-coded, so a value is looked up by its code and the rows only copy numbers.
package enrich
