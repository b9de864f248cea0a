package sandbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

const referencePath = "../../docs/sandbox.md"

func TestTheReferenceOfTheSandboxIsCurrent(t *testing.T) {
	want := Reference()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(referencePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/sandbox.md is not what the sandbox does: UPDATE=1 go test ./awsapi/sandbox -run Reference")
	}
}

// Every sentence of the sandbox stands in the reference with its evidence, and
// those that are called unconfirmed there are so here.
func TestEverySentenceHasItsEvidence(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "sentences.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	evidence := map[string]string{}
	for _, r := range knownRefusals() {
		evidence[r.says] = r.evidence
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "says") {
			return true
		}
		n++
		text := ""
		ast.Inspect(spec.Values[0], func(node ast.Node) bool {
			switch v := node.(type) {
			case *ast.Ident:
				text += saysCannotAssume
			case *ast.BasicLit:
				part, _ := strconv.Unquote(v.Value)
				text += part
			}
			return true
		})
		if evidence[text] == "" {
			t.Errorf("%s: %q has no evidence", spec.Names[0].Name, text)
		}
		return true
	})
	if n < 20 {
		t.Errorf("got %d sentences, want all", n)
	}
}

func TestPeculiaritiesAreOfOperationsThatAreHere(t *testing.T) {
	for name := range peculiarities() {
		if readOperation(name) != nil {
			t.Errorf("%s is no operation", name)
		}
	}
}
