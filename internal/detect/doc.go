// Package detect runs single-event Sigma rules (specification 2.1) over batches of events. Parse
// reads rule files, Compile binds rules to the log types they are for, a Matcher finds the rows of
// a batch that a rule matches. It does no I/O, knows no clock and keeps no state between batches:
// what a rule matches is a pure function of the rule, the table and the row.
//
// What needs several events (correlations, counts, sequences) is refused with the reason, and so is
// everything else that is not supported: a rule either means what its author wrote or is not loaded.
package detect
