package policy

import (
	"errors"
	"fmt"
)

// ErrOnlyStatement says that a document would be left without a statement, which
// IAM does not allow.
var ErrOnlyStatement = errors.New("it is the only statement of the document")

// ErrSidTaken says that another statement bears the Sid.
var ErrSidTaken = errors.New("another statement bears this Sid")

// WithStatement returns document with one statement more, at the end. Every byte
// that was there stays, blanks, order and unknown elements included; a document
// whose Statement is a single object gets a list. A document that has this very
// statement comes back as it is.
func WithStatement(document string, s Statement) (string, error) {
	list, err := statementNode(document)
	if err != nil {
		return "", fmt.Errorf("add statement %s: %w", s.Sid, err)
	}
	for _, item := range statementItems(list) {
		if sidOf(item) != s.Sid || s.Sid == "" {
			continue
		}
		if there, err := statementOf(item); err == nil && there.compact() == s.compact() {
			return document, nil
		}
		return "", fmt.Errorf("add statement %s: %w", s.Sid, ErrSidTaken)
	}
	text := s.compact()
	if list.kind == object {
		return document[:list.start] + "[" + document[list.start:list.end] + "," + text + "]" + document[list.end:], nil
	}
	at := list.end - 1
	if n := len(list.items); n > 0 {
		at, text = list.items[n-1].end, ","+text
	}
	return document[:at] + text + document[at:], nil
}

// WithoutStatement returns document without the statement that bears sid, and
// whether there was one. Every other byte stays; adding a statement and taking
// it out again gives the document as it was, but for the list that
// [WithStatement] may have made.
func WithoutStatement(document, sid string) (string, bool, error) {
	list, err := statementNode(document)
	if err != nil {
		return "", false, fmt.Errorf("remove statement %s: %w", sid, err)
	}
	items := statementItems(list)
	for i, item := range items {
		if sidOf(item) != sid || sid == "" {
			continue
		}
		if len(items) == 1 {
			return "", true, fmt.Errorf("remove statement %s: %w", sid, ErrOnlyStatement)
		}
		from, to := item.start, item.end
		if i > 0 {
			from = items[i-1].end // with the comma before it
		} else {
			to = items[1].start // with the comma after it
		}
		return document[:from] + document[to:], true, nil
	}
	return document, false, nil
}

// statementNode finds the Statement element of a document that need not be one
// that [Parse] accepts.
func statementNode(document string) (*node, error) {
	root, err := parseTree([]byte(document))
	if err != nil {
		return nil, malformed("Syntax errors in policy. (%v)", err)
	}
	list := root.member("Statement")
	if list == nil || list.kind != object && list.kind != array {
		return nil, malformed("Missing required field Statement")
	}
	return list, nil
}

func statementItems(list *node) []*node {
	if list.kind == object {
		return []*node{list}
	}
	return list.items
}

func sidOf(item *node) string {
	if sid := item.member("Sid"); sid != nil && sid.kind == str {
		return sid.text
	}
	return ""
}
