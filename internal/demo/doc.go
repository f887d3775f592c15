// Package demo makes realistic logs of an imaginary Japanese web company: AWS WAF, load
// balancers, CloudTrail, GuardDuty and VPC flow logs, as objects with the keys AWS gives them. The same seed
// and end time give the same bytes. It does no I/O of its own: objects are handed to a
// callback.
//
// Clients have public-looking addresses that stand for nobody; everything bad comes from the
// networks reserved for documentation. MMDB writes a database of just these addresses.
package demo
