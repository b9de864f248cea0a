package policy

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestWhatIAMRefusesIsRefused(t *testing.T) {
	const action = `"Effect": "Allow", "Action": "s3:*", "Resource": "*"`
	tests := map[string]struct{ text, reason string }{
		"no JSON":                      {`hello`, "Syntax errors in policy."},
		"half a document":              {`{"Statement": [`, "Syntax errors in policy."},
		"two documents":                {`{"Statement": {` + action + `}} {}`, "Syntax errors in policy."},
		"a list":                       {`[]`, "not a JSON object"},
		"bytes that are no UTF-8":      {"{\"Id\": \"\xff\"}", "UTF-8"},
		"nested without end":           {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "nested deeper"},
		"no statement":                 {`{"Version": "2012-10-17"}`, "Missing required field Statement"},
		"an empty list of statements":  {`{"Statement": []}`, "Missing required field Statement"},
		"a version that never was":     {`{"Version": "2024-01-01", "Statement": {` + action + `}}`, "valid version string"},
		"an element that IAM lacks":    {`{"Statement": {` + action + `, "Principals": "*"}}`, "Unknown field Principals"},
		"an element in another case":   {`{"statement": {` + action + `}}`, "Unknown field statement"},
		"an element given twice":       {`{"Statement": {` + action + `, "Effect": "Deny"}}`, "Effect is given twice"},
		"no effect":                    {`{"Statement": {"Action": "s3:*", "Resource": "*"}}`, "Missing required field Effect"},
		"an effect in lower case":      {`{"Statement": {"Effect": "allow", "Action": "s3:*"}}`, "its case matters"},
		"no action":                    {`{"Statement": {"Effect": "Allow", "Resource": "*"}}`, "Missing required field Action"},
		"Action and NotAction":         {`{"Statement": {` + action + `, "NotAction": "s3:*"}}`, "both Action and NotAction"},
		"Resource and NotResource":     {`{"Statement": {` + action + `, "NotResource": "*"}}`, "both Resource and NotResource"},
		"Principal and NotPrincipal":   {`{"Statement": {` + action + `, "Principal": "*", "NotPrincipal": "*"}}`, "both Principal and NotPrincipal"},
		"a principal that is a name":   {`{"Statement": {` + action + `, "Principal": "ops1"}}`, "Invalid principal in policy"},
		"a principal of unknown kind":  {`{"Statement": {` + action + `, "Principal": {"Robot": "x"}}}`, "Invalid principal in policy"},
		"an operator that IAM lacks":   {`{"Statement": {` + action + `, "Condition": {"StringIs": {"a": "b"}}}}`, "Invalid Condition type : StringIs"},
		"an operator in another case":  {`{"Statement": {` + action + `, "Condition": {"stringEquals": {"a": "b"}}}}`, "Invalid Condition type"},
		"Null with IfExists":           {`{"Statement": {` + action + `, "Condition": {"NullIfExists": {"a": "true"}}}}`, "Invalid Condition type"},
		"a prefix that IAM lacks":      {`{"Statement": {` + action + `, "Condition": {"ForSomeValues:StringEquals": {"a": "b"}}}}`, "Invalid Condition type"},
		"a condition that is a list":   {`{"Statement": {` + action + `, "Condition": []}}`, "Condition is not an object"},
		"a value that is an object":    {`{"Statement": {` + action + `, "Condition": {"Bool": {"a": {}}}}}`, "no value"},
		"an action that is a number":   {`{"Statement": {"Effect": "Allow", "Action": 1}}`, "not a string"},
		"a statement that is a string": {`{"Statement": ["x"]}`, "not an object"},
		"a condition key given twice":  {`{"Statement": {` + action + `, "Condition": {"Bool": {"a": "true", "a": "false"}}}}`, "a is given twice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tt.text))
			if _, ok := errors.AsType[*MalformedError](err); !ok {
				t.Fatalf("got %v, want a *MalformedError", err)
			}
			if !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("got %q, want it to say %q", err, tt.reason)
			}
		})
	}
}

func TestAnyFormOfADocumentIsRead(t *testing.T) {
	got := parse(t, `{"Version": "2008-10-17", "Id": "x", "Statement": {
		"Sid": "one", "Effect": "Deny", "NotPrincipal": {"AWS": ["1", "2"], "CanonicalUser": "c", "Federated": "f", "Service": "s"},
		"NotAction": ["a:b"], "NotResource": "*",
		"Condition": {"Bool": {"k": true}, "NumericEquals": {"n": [1, "2"]}}}}`)
	want := Document{Version: "2008-10-17", ID: "x", Statements: []Statement{{
		Sid: "one", Effect: Deny,
		NotPrincipal: &Principals{AWS: is("1", "2"), Services: is("s"), Federated: is("f"), Canonical: is("c")},
		NotActions:   is("a:b"), NotResources: is("*"),
		Conditions: []Condition{{"Bool", "k", is("true")}, {"NumericEquals", "n", is("1", "2")}},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEachKindOfPolicyHasItsOwnRules(t *testing.T) {
	tests := map[string]struct {
		check     func(Document) error
		statement string
		reason    string // empty: it passes
	}{
		"a trust policy":                             {CheckTrust, `{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`, ""},
		"a trust policy with a resource":             {CheckTrust, `{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}`, "Has prohibited field Resource"},
		"a trust policy without a principal":         {CheckTrust, `{"Effect": "Allow", "Action": "sts:AssumeRole"}`, "Missing required field Principal"},
		"a trust policy with another service's call": {CheckTrust, `{"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "s3:GetObject"]}`, "AssumeRole policy may only specify STS AssumeRole actions."},
		"an identity policy":                         {CheckIdentity, `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`, ""},
		"an identity policy with a principal":        {CheckIdentity, `{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}`, "Policy document should not specify a principal."},
		"an identity policy without a resource":      {CheckIdentity, `{"Effect": "Allow", "Action": "s3:*"}`, "Policy statement must contain resources."},
		"a resource that is no ARN":                  {CheckIdentity, `{"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}`, "must be in ARN format"},
		"an action without its service":              {CheckIdentity, `{"Effect": "Allow", "Action": "ListBuckets", "Resource": "*"}`, "prefaced by a vendor"},
		"an empty list of actions":                   {CheckIdentity, `{"Effect": "Allow", "Action": [], "Resource": "*"}`, "must contain actions"},
		"a Sid with a blank":                         {CheckIdentity, `{"Sid": "a b", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}`, "alpha-numeric"},
		"two statements with one Sid": {CheckIdentity, `{"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
			{"Sid": "a", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}`, "must be unique"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := tt.check(parse(t, `{"Statement": [`+tt.statement+`]}`))
			if tt.reason == "" && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if tt.reason != "" && (err == nil || !strings.Contains(err.Error(), tt.reason)) {
				t.Errorf("got %v, want it to say %q", err, tt.reason)
			}
		})
	}
}

// Whatever is read can be written and read again, and writing is stable.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow", "Action": ["s3:*", "sts:AssumeRole"],
		"Principal": {"AWS": "*"}, "Resource": [], "Condition": {"StringLike": {"aws:x": ["${*}", "<&>"]}, "Null": {"y": true}}}]}`))
	f.Add([]byte(`{"Statement": {"Effect": "Deny", "NotAction": "a:b", "NotPrincipal": "*", "Condition": {"NumericLessThan": {"n": 1e9}}}}`))
	f.Add([]byte(`{"Statement": [[[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		Evaluate(Request{Action: "sts:AssumeRole", Resource: "arn:aws:iam::1:role/r", Context: Context{"aws:x": {"1"}}}, d)
		again, err := Parse([]byte(d.JSON()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, d.JSON())
		}
		if again.JSON() != d.JSON() {
			t.Errorf("got %s, want %s", again.JSON(), d.JSON())
		}
	})
}
