// Package auth decides who somebody is and what they may do: users and their passwords, roles
// and the one table of permissions, sessions, tokens, the brake on guessing, and the record of
// who did what. It knows no HTTP and no database: both are handed in or call it.
package auth
