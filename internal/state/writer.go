package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// writer is the single connection that changes the file. Statements are prepared once.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	turn  chan struct{} // holds a token while nobody writes
	stmts map[string]*sql.Stmt
}

func newWriter(db *sql.DB) *writer {
	w := &writer{db: db, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}
	w.turn <- struct{}{}
	return w
}

// pin takes the connection for good.
func (w *writer) pin(ctx context.Context) (err error) {
	w.conn, err = w.db.Conn(ctx)
	return err
}

// close waits for the running transaction, then closes the connection. More calls do no harm.
func (w *writer) close() error {
	<-w.turn
	defer func() { w.turn <- struct{}{} }()
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	clear(w.stmts)
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
		w.conn = nil
	}
	return errors.Join(append(errs, w.db.Close())...)
}

// tx is a running write transaction. Its statements do not listen to the caller's context:
// transactions are short, and half of one is worth nothing.
type tx struct {
	ctx context.Context
	w   *writer
	seq int64 // the commit sequence this transaction takes; 0 = none
}

// write runs f in one transaction. after, when not nil, runs once the transaction is durable
// and before the next one begins. ctx is only listened to while waiting for the turn.
func (d *DB) write(ctx context.Context, f func(*tx) error, after func()) (err error) {
	w := d.writer
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.turn:
	}
	defer func() { w.turn <- struct{}{} }()
	if w.conn == nil {
		return errors.New("state file is closed")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &tx{ctx: context.WithoutCancel(ctx), w: w}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return typed(err)
	}
	open := true
	defer func() {
		if open {
			// The engine may have rolled back by itself (full disk): then this says so, no matter.
			_, _ = w.conn.ExecContext(t.ctx, "ROLLBACK")
		}
	}()
	if err := f(t); err != nil {
		return typed(err)
	}
	if err := t.exec("COMMIT"); err != nil {
		if !t.landed() {
			return typed(fmt.Errorf("commit: %w", err))
		}
	}
	open = false
	if after != nil {
		after()
	}
	return nil
}

// landed tells whether a transaction whose COMMIT reported an error is in the file all the
// same (an error after the log was written). Only transactions with a sequence can say.
func (t *tx) landed() bool {
	_, _ = t.w.conn.ExecContext(t.ctx, "ROLLBACK")
	if t.seq == 0 {
		return false
	}
	var have int64
	err := t.row("SELECT value FROM counters WHERE name = 'commit_seq'").Scan(&have)
	return err == nil && have == t.seq
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, err
	}
	t.w.stmts[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.change(query, args...)
	return err
}

// change runs a statement and returns how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert runs an INSERT and returns the number of the new row.
func (t *tx) insert(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// scanner is one row of an answer.
type scanner interface{ Scan(dest ...any) error }

type failedRow struct{ err error }

func (f failedRow) Scan(...any) error { return f.err }

func (t *tx) row(query string, args ...any) scanner {
	s, err := t.stmt(query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(t.ctx, args...)
}

// each calls f for every row of an answer. f must not use the transaction.
func (t *tx) each(f func(scanner) error, query string, args ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	return drain(rows, f)
}

// read calls f for every row of an answer, on a reading connection.
func (d *DB) read(ctx context.Context, f func(scanner) error, query string, args ...any) error {
	rows, err := d.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return drain(rows, f)
}

func drain(rows *sql.Rows, f func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
