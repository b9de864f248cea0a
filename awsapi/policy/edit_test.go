package policy

import (
	"errors"
	"strings"
	"testing"
)

// foreign is a document of somebody else, with blanks of its own, an element
// that no one knows and an operator that Parse refuses.
const foreign = "{\r\n\t\"Version\" : \"2012-10-17\",\n  \"X-Note\": {\"keep\": [1, 2.50, null]},\n" +
	"  \"Statement\": [ {\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\",\n" +
	"     \"Condition\": {\"FutureEquals\": {\"a\": \"<b>\"}}, \"Sid\": \"theirs\"} ]  }\n"

func ours() Statement {
	return TrustStatement(TrustSpec{Sid: Sid("0123456789abcdef"), AnchorARN: "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/a",
		Account: "111122223333", Restrict: ByCN, Value: "host-01"})
}

func TestAStatementIsAddedAndRemovedWithoutATrace(t *testing.T) {
	documents := map[string]string{
		"with an unknown element": foreign,
		"with two statements":     `{"Statement":[{"Sid":"a","Effect":"Deny","Action":"*"} , {"Effect":"Deny","Action":"*"}]}`,
	}
	for name, before := range documents {
		t.Run(name, func(t *testing.T) {
			with, err := WithStatement(before, ours())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(with, ours().JSON()) {
				t.Fatalf("the statement is not in %s", with)
			}
			twice, err := WithStatement(with, ours())
			if err != nil || twice != with {
				t.Errorf("adding it again: got %q, %v, want the same bytes", twice, err)
			}
			got, found, err := WithoutStatement(with, "Anywhere01234567")
			if err != nil || !found || got != before {
				t.Errorf("got  %q, %v, %v\nwant %q", got, found, err, before)
			}
		})
	}
}

func TestTheStatementIsFoundWhereverItStands(t *testing.T) {
	statement := ours().JSON()
	tests := map[string]struct{ before, want string }{
		"first":           {`{"Statement":[` + statement + `, {"Sid":"b"}]}`, `{"Statement":[{"Sid":"b"}]}`},
		"in the middle":   {`{"Statement":[{"Sid":"a"}, ` + statement + `, {"Sid":"b"}]}`, `{"Statement":[{"Sid":"a"}, {"Sid":"b"}]}`},
		"last":            {`{"Statement":[{"Sid":"a"}, ` + statement + ` ]}`, `{"Statement":[{"Sid":"a"} ]}`},
		"nowhere":         {`{"Statement":[{"Sid":"a"}]}`, `{"Statement":[{"Sid":"a"}]}`},
		"in another case": {`{"Statement":[{"Sid":"anywhere01234567"},{}]}`, `{"Statement":[{"Sid":"anywhere01234567"},{}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, found, err := WithoutStatement(tt.before, "Anywhere01234567")
			if err != nil || got != tt.want || found != (tt.before != tt.want) {
				t.Errorf("got %q, %v, %v, want %q", got, found, err, tt.want)
			}
		})
	}
}

func TestASingleStatementBecomesAList(t *testing.T) {
	got, err := WithStatement(`{"Statement": {"Sid":"a"} }`, Statement{Sid: "b", Effect: Deny, Actions: is("*")})
	want := `{"Statement": [{"Sid":"a"},{"Sid":"b","Effect":"Deny","Action":"*"}] }`
	if err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestTheOnlyStatementStays(t *testing.T) {
	_, found, err := WithoutStatement(TrustPolicy(TrustSpec{Sid: "a"}).JSON(), "a")
	if !found || !errors.Is(err, ErrOnlyStatement) {
		t.Errorf("got %v, %v, want ErrOnlyStatement", found, err)
	}
}

func TestASidOfAnotherStatementIsNotTaken(t *testing.T) {
	other := ours()
	other.Conditions = nil
	_, err := WithStatement(TrustPolicy(TrustSpec{Sid: other.Sid, AnchorARN: "x"}).JSON(), other)
	if !errors.Is(err, ErrSidTaken) {
		t.Errorf("got %v, want ErrSidTaken", err)
	}
}

func TestWhatIsNoDocumentIsNotEdited(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", `{"Statement": 1}`, `{"Statement": [`} {
		if _, err := WithStatement(text, ours()); err == nil {
			t.Errorf("adding to %q: got no error", text)
		}
		if _, _, err := WithoutStatement(text, "a"); err == nil {
			t.Errorf("removing from %q: got no error", text)
		}
	}
}

// Adding and removing leaves any document as it was.
func FuzzEdit(f *testing.F) {
	f.Add(foreign)
	f.Add(`{"Statement":[]}`)
	f.Add(`{"Statement":[1,"x",[{"Sid":"Anywhere01234567"}]]}`)
	f.Fuzz(func(t *testing.T, before string) {
		with, err := WithStatement(before, ours())
		if err != nil || with == before {
			return
		}
		list, err := statementNode(with)
		if err != nil {
			t.Fatalf("adding broke %q: %v", before, err)
		}
		got, found, err := WithoutStatement(with, ours().Sid)
		switch {
		case errors.Is(err, ErrOnlyStatement) && len(list.items) == 1:
		case err != nil || !found:
			t.Errorf("got %v, %v from %q", found, err, with)
		case got != wrapped(before):
			t.Errorf("got %q, want %q", got, wrapped(before))
		}
	})
}

// wrapped is the document with its single statement made a list.
func wrapped(document string) string {
	list, err := statementNode(document)
	if err != nil || list.kind == array {
		return document
	}
	return document[:list.start] + "[" + document[list.start:list.end] + "]" + document[list.end:]
}
