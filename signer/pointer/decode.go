package pointer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"anywhere/signer/jsontext"
)

// fields reads a JSON object by name, without encoding/json: the process that
// does it starts at every AWS CLI call.
type fields struct {
	all map[string]any
	bad string // the first field of a wrong kind
}

func decodeFields(data []byte) (*fields, error) {
	value, err := jsontext.Parse(data)
	if err != nil {
		return nil, err
	}
	all, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not a JSON object")
	}
	return &fields{all: all}, nil
}

// err says which field was of a wrong kind.
func (f *fields) err() error {
	if f.bad == "" {
		return nil
	}
	return fmt.Errorf("field %s is of the wrong kind", f.bad)
}

// field returns the value of a field; one that is absent or null is zero.
func field[V any](f *fields, name string) (value V) {
	given, ok := f.all[name]
	if !ok || given == nil {
		return value
	}
	value, ok = given.(V)
	if !ok && f.bad == "" {
		f.bad = name
	}
	return value
}

func (f *fields) text(name string) string { return field[string](f, name) }

// number is a whole number.
func (f *fields) number(name string) int {
	n := field[float64](f, name)
	if n != float64(int(n)) && f.bad == "" {
		f.bad = name
	}
	return int(n)
}

// bytes is base64 in JSON.
func (f *fields) bytes(name string) []byte { return f.decode(name, f.text(name)) }

func (f *fields) decode(name, text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil && f.bad == "" {
		f.bad = name
	}
	return data
}

// list is a list of base64 texts.
func (f *fields) list(name string) (all [][]byte) {
	for _, item := range field[[]any](f, name) {
		text, ok := item.(string)
		if !ok && f.bad == "" {
			f.bad = name
		}
		all = append(all, f.decode(name, text))
	}
	return all
}

// renewal is the object of that name.
func (f *fields) renewal() Renewal {
	in := &fields{all: field[map[string]any](f, "renewal")}
	r := Renewal{Issuer: in.text("issuer"), Program: in.text("program")}
	if at := in.text("at"); at != "" {
		var err error
		if r.At, err = time.Parse(time.RFC3339, at); err != nil && in.bad == "" {
			in.bad = "at"
		}
	}
	if in.bad != "" && f.bad == "" {
		f.bad = "renewal." + in.bad
	}
	return r
}
