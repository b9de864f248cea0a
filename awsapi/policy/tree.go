package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// node is one value of a JSON text with its place in it. Unlike encoding/json's
// own values it keeps the order of members, sees members given twice and knows
// which bytes it came from, so that an edit can leave all others alone.
type node struct {
	kind       kind
	text       string // value of a string; literal of a number, true, false or null
	members    []member
	items      []*node
	start, end int // data[start:end]
}

type member struct {
	name  string
	start int // of the name's opening quote
	value *node
}

type kind byte

const (
	object kind = iota
	array
	str
	number
	boolean
	null
)

// deepest bounds the recursion; the deepest legal policy nests five deep
// (document, Statement, statement, Condition, operator, values).
const deepest = 32

// parseTree reads one JSON value. Policies are UTF-8, and an object must not
// name a member twice.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func parseTree(data []byte) (*node, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not valid UTF-8")
	}
	r := &treeReader{data: data, tokens: json.NewDecoder(bytes.NewReader(data))}
	r.tokens.UseNumber()
	root, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.tokens.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the document")
	}
	return root, nil
}

type treeReader struct {
	data   []byte
	tokens *json.Decoder
}

// next returns the next token and where it starts. The decoder reports only
// where tokens end; between two of them stand blanks, one comma or one colon.
func (r *treeReader) next() (json.Token, int, error) {
	start := int(r.tokens.InputOffset())
	token, err := r.tokens.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, 0, err
	}
	for start < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[start]) >= 0 {
		start++
	}
	return token, start, nil
}

func (r *treeReader) value(depth int) (*node, error) {
	token, start, err := r.next()
	if err != nil {
		return nil, err
	}
	return r.valueOf(token, start, depth)
}

func (r *treeReader) valueOf(token json.Token, start, depth int) (*node, error) {
	if depth > deepest {
		return nil, fmt.Errorf("nested deeper than %d", deepest)
	}
	n := &node{start: start}
	var err error
	switch t := token.(type) {
	case string:
		n.kind, n.text = str, t
	case json.Number:
		n.kind, n.text = number, t.String()
	case bool:
		n.kind, n.text = boolean, fmt.Sprint(t)
	case nil:
		n.kind, n.text = null, "null"
	case json.Delim:
		if t == '{' {
			n.kind = object
			err = r.membersOf(n, depth)
		} else {
			n.kind = array
			err = r.itemsOf(n, depth)
		}
	}
	n.end = int(r.tokens.InputOffset())
	return n, err
}

func (r *treeReader) membersOf(n *node, depth int) error {
	for {
		token, start, err := r.next()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok { // the closing brace
			return nil
		}
		if n.member(name) != nil {
			return fmt.Errorf("%s is given twice", name)
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name, start, value})
	}
}

func (r *treeReader) itemsOf(n *node, depth int) error {
	for {
		token, start, err := r.next()
		if err != nil {
			return err
		}
		if token == json.Delim(']') {
			return nil
		}
		item, err := r.valueOf(token, start, depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
}

// member returns the value of the named member, nil if there is none.
func (n *node) member(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}
