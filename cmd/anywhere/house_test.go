package main_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// found is one breach of a rule.
type found struct {
	at   token.Pos
	what string
}

// houseRule is one rule, why it is there, and a file that breaks it once.
type houseRule struct {
	name    string
	why     string
	breach  func(*source) []found
	planted string // path, newline, source
}

const (
	maxFile     = 400
	maxFunction = 60
)

// exceptions are breaches that are meant, as "rule: path".
var exceptions = map[string]string{
	"no init: cmd/anywhere-signer/internal/early/init_unix.go":   "it answers before crypto/tls is initialised, which takes longer than the answer; the package says on whose word its order stands",
	"randomness comes in: signer/session/sign.go":                "an ECDSA signature needs it; the key's own Sign draws it",
	"disk writes go through atomicfile: pki/atomicfile/*":        "it is where they go",
	"a profile says whose it is: steps/session.go":               "AWS's own words",
	"a profile says whose it is: doctor/check_profile.go":        "AWS's own words",
	"a profile says whose it is: doctor/symptoms_aws.go":         "AWS's own words",
	"a profile says whose it is: doctor/symptoms_client.go":      "what other programs print",
	"a profile says whose it is: doctor/families_credentials.go": "what other programs print",
	"no sleeping in tests: tui/*":                                "fake time, in testing/synctest",
}

func houseRules() []houseRule {
	return []houseRule{
		{
			name: "files are short",
			why:  "a file is one thought",
			breach: func(s *source) []found {
				if s.test() || s.lines <= maxFile {
					return nil
				}
				return []found{{s.file.Package, fmt.Sprintf("%d lines, at most %d", s.lines, maxFile)}}
			},
			planted: "pki/a.go\npackage pki" + strings.Repeat("\n", maxFile+1),
		},
		{
			name:    "functions are short",
			why:     "a function is read in one look",
			breach:  longFunctions,
			planted: "pki/a.go\npackage pki\nfunc f() {" + strings.Repeat("\n", maxFunction) + "}",
		},
		{
			name: "no init",
			why:  "it runs at every start, in an order that nobody sees",
			breach: func(s *source) []found {
				var all []found
				for _, d := range s.file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
						all = append(all, found{f.Pos(), "func init"})
					}
				}
				return all
			},
			planted: "pki/a.go\npackage pki\nfunc init() {}",
		},
		{
			name:    "package variables do not change",
			why:     "what changes is passed, so that two of it can live side by side",
			breach:  changedVariables,
			planted: "pki/a.go\npackage pki\nvar last map[string]int\nfunc f() { last[\"x\"]++ }",
		},
		{
			name:    "signing works nothing out at start",
			why:     "it starts at every AWS CLI call, and package variables are made before main",
			breach:  startWork,
			planted: "signer/a.go\npackage signer\nimport \"regexp\"\nvar word = regexp.MustCompile(`a`)",
		},
		{
			name: "packages have names",
			why:  "a package that is named for nothing collects everything",
			breach: func(s *source) []found {
				name := strings.TrimSuffix(s.file.Name.Name, "_test")
				if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "misc", "base", "shared"}, name) {
					return []found{{s.file.Name.Pos(), "package " + name}}
				}
				return nil
			},
			planted: "pki/helpers/a.go\npackage helpers",
		},
		{
			name: "styles live in the theme",
			why:  "a screen names a role, such as warn, and no colour",
			breach: func(s *source) []found {
				if s.path == "tui/theme.go" {
					return nil
				}
				return s.mentions("charm.land/lipgloss/v2.NewStyle")
			},
			planted: "tui/plan.go\npackage tui\nimport \"charm.land/lipgloss/v2\"\nvar x = lipgloss.NewStyle()",
		},
		{
			name: "screens touch no file and no network",
			why:  "all work is done in a command, made in one place",
			breach: func(s *source) []found {
				if !s.in("tui") || s.test() {
					return nil
				}
				var all []found
				for _, spec := range s.file.Imports {
					if p, _ := strconv.Unquote(spec.Path.Value); p == "net" || p == "os" || strings.HasPrefix(p, "net/") || strings.HasPrefix(p, "os/") {
						all = append(all, found{spec.Pos(), p})
					}
				}
				return all
			},
			planted: "tui/plan.go\npackage tui\nimport _ \"os\"",
		},
		{
			name: "the clock comes in",
			why:  "a test sets it",
			breach: func(s *source) []found {
				if s.main() || s.test() {
					return nil
				}
				return s.mentions("time.Now", "time.Since", "time.Until")
			},
			planted: "pki/a.go\npackage pki\nimport clock \"time\"\nvar f = clock.Now",
		},
		{
			name: "randomness comes in",
			why:  "a test knows what was drawn",
			breach: func(s *source) []found {
				if s.main() || s.test() {
					return nil
				}
				return s.mentions("crypto/rand.Reader", "crypto/rand.Read", "crypto/rand.Int", "crypto/rand.Text")
			},
			planted: "pki/a.go\npackage pki\nimport \"crypto/rand\"\nvar r = rand.Reader",
		},
		{
			name: "the environment comes in",
			why:  "only cmd knows where the program runs",
			breach: func(s *source) []found {
				if s.main() || s.test() {
					return nil
				}
				return s.mentions("os.Getenv", "os.LookupEnv", "os.Environ", "os.Setenv", "os.UserHomeDir", "os.Stdin", "os.Stdout",
					"os.Stderr", "os.Args", "os.Exit", "fmt.Print", "fmt.Println", "fmt.Printf", "log.Fatal", "log.Printf", "log.Println")
			},
			planted: "steps/a.go\npackage steps\nimport \"os\"\nvar home = os.Getenv(\"HOME\")",
		},
		{
			name: "disk writes go through atomicfile",
			why:  "a test stops the process before and after each of them, and a crash leaves no half of a file",
			breach: func(s *source) []found {
				if s.test() {
					return nil
				}
				return s.mentions("os.WriteFile", "os.Create", "os.CreateTemp", "os.Rename", "os.Remove", "os.RemoveAll", "os.Mkdir",
					"os.MkdirAll", "os.MkdirTemp", "os.Chmod", "os.Symlink", "os.Link", "os.Truncate")
			},
			planted: "steps/a.go\npackage steps\nimport \"os\"\nvar _ = os.Remove(\"x\")",
		},
		{
			name: "no test is skipped",
			why:  "a test that is skipped is one that nobody runs",
			breach: func(s *source) []found {
				if !s.test() {
					return nil
				}
				return methodCalls(s, "Skip", "Skipf", "SkipNow")
			},
			planted: "pki/a_test.go\npackage pki\nimport \"testing\"\nfunc TestX(t *testing.T) { t.Skip(\"later\") }",
		},
		{
			name: "no sleeping in tests",
			why:  "a test that waits for time is slow on a good day and wrong on a bad one",
			breach: func(s *source) []found {
				if !s.test() {
					return nil
				}
				return s.mentions("time.Sleep")
			},
			planted: "pki/a_test.go\npackage pki\nimport \"time\"\nfunc wait() { time.Sleep(1) }",
		},
		{
			name:    "errors read verb object: cause",
			why:     "they are joined with colons and printed once",
			breach:  badErrors,
			planted: "pki/a.go\npackage pki\nimport \"errors\"\nvar e = errors.New(\"failed to read file\")",
		},
		{
			name:    "a profile says whose it is",
			why:     "there are Roles Anywhere profiles and AWS config profiles",
			breach:  bareProfiles,
			planted: "tui/a.go\npackage tui\nconst title = \"Make the profile\"",
		},
		{
			name:    "nothing is left for later",
			why:     "what is not done is not here",
			breach:  reminders,
			planted: "pki/a.go\npackage pki\n\n// f adds.\n// TO" + "DO: carry.\nfunc f() {}",
		},
	}
}

// longFunctions lets a table be as long as its file may be.
func longFunctions(s *source) []found {
	var all []found
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || s.test() || table(f) {
			continue
		}
		if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > maxFunction {
			all = append(all, found{f.Pos(), fmt.Sprintf("%s: %d lines, at most %d", f.Name.Name, n, maxFunction)})
		}
	}
	return all
}

// table says that a function does nothing but return a list that is written out
// in it: data, which is in a function only so that nobody can change it and no
// start of the program pays for it.
func table(f *ast.FuncDecl) bool {
	if f.Body == nil || len(f.Body.List) != 1 {
		return false
	}
	ret, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	list, ok := ret.Results[0].(*ast.CompositeLit)
	if !ok {
		return false
	}
	code := false
	ast.Inspect(list, func(n ast.Node) bool {
		_, literal := n.(*ast.FuncLit)
		code = code || literal
		return true
	})
	return !code
}

// changedVariables finds assignments to variables of this or another package,
// or to a part of one.
func changedVariables(s *source) []found {
	if s.test() {
		return nil
	}
	var all []found
	change := func(e ast.Expr) {
		if id := root(e); id != nil && s.shared[id] {
			all = append(all, found{id.Pos(), id.Name})
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					change(e)
				}
			}
		case *ast.IncDecStmt:
			change(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				change(n.Key)
				change(n.Value)
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") && len(n.Args) > 0 {
				change(n.Args[0])
			}
		}
		return true
	})
	return all
}

// startWork finds package variables of what anywhere-signer links that are made
// by a call or are a map. Errors are cheap and may be.
func startWork(s *source) []found {
	if s.test() || !s.in("pki") && !s.in("signer") && !s.in("cmd/signing") && !s.in("cmd/anywhere-signer") || s.in("cmd/anywhere-signer/internal") {
		return nil
	}
	var all []found
	for _, d := range s.file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.VAR {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name := types.ExprString(n.Fun); name != "errors.New" && name != "fmt.Errorf" {
					all = append(all, found{n.Pos(), name})
				}
			case *ast.CompositeLit:
				if _, ok := n.Type.(*ast.MapType); ok {
					all = append(all, found{n.Pos(), "a map"})
				}
			case *ast.FuncLit:
				return false
			}
			return true
		})
	}
	return all
}

// root returns the variable that an expression is a part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func methodCalls(s *source, names ...string) []found {
	var all []found
	ast.Inspect(s.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, sel.Sel.Name) {
				all = append(all, found{sel.Pos(), sel.Sel.Name})
			}
		}
		return true
	})
	return all
}

// badErrors looks at the texts that errors are made of.
func badErrors(s *source) []found {
	var all []found
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		lit, isText := call.Args[0].(*ast.BasicLit)
		if !ok || !isText || s.test() {
			return true
		}
		pkg, _ := sel.X.(*ast.Ident)
		if pkg == nil || s.imports[pkg.Name] != "errors" && (s.imports[pkg.Name] != "fmt" || sel.Sel.Name != "Errorf") {
			return true
		}
		text, _ := strconv.Unquote(lit.Value)
		if why := badError(text); why != "" {
			all = append(all, found{lit.Pos(), why + ": " + text})
		}
		return true
	})
	return all
}

func badError(text string) string {
	switch lower := strings.ToLower(text); {
	case strings.Contains(lower, "failed to"), strings.Contains(lower, "unable to"), strings.HasPrefix(lower, "error"):
		return "says that it is an error"
	case strings.HasSuffix(text, "."), strings.HasSuffix(text, "!"), strings.HasSuffix(text, "\n"):
		return "ends like a sentence"
	case len(text) > 1 && 'A' <= text[0] && text[0] <= 'Z' && 'a' <= text[1] && text[1] <= 'z':
		return "begins like a sentence"
	}
	return ""
}

var profileWord = regexp.MustCompile(`(?i)([a-z]+) profiles?\b`)

// bareProfiles finds the word in what people read.
func bareProfiles(s *source) []found {
	if s.test() || s.in("awsapi") || s.in("signer/refusals") {
		return nil // AWS's own words
	}
	var all []found
	ast.Inspect(s.file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			for _, m := range profileWord.FindAllStringSubmatch(lit.Value, -1) {
				if !slices.Contains([]string{"Anywhere", "config", "instance"}, m[1]) {
					all = append(all, found{lit.Pos(), m[0]})
				}
			}
		}
		return true
	})
	return all
}

func reminders(s *source) []found {
	var all []found
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			for _, word := range []string{"TODO", "FIXME", "XXX", "HACK"} {
				if strings.Contains(c.Text, word) {
					all = append(all, found{c.Pos(), word})
				}
			}
		}
	}
	return all
}

// breaches holds one directory's files against all rules.
func breaches(rules []houseRule, files map[string]string, excused func(rule, path string) bool) ([]string, error) {
	sources, err := parseDir(files)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range sources {
		for _, rule := range rules {
			for _, f := range rule.breach(s) {
				if !excused(rule.name, s.path) {
					all = append(all, fmt.Sprintf("%s:%d: %s: %s (%s)", s.path, s.fset.Position(f.at).Line, rule.name, f.what, rule.why))
				}
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

func TestHouseRules(t *testing.T) {
	used := map[string]bool{}
	excused := func(rule, file string) bool {
		for _, key := range []string{rule + ": " + file, rule + ": " + path.Dir(file) + "/*"} {
			if exceptions[key] != "" {
				used[key] = true
				return true
			}
		}
		return false
	}
	dirs := goFiles(t)
	if len(dirs) < 5 {
		t.Fatalf("found only %d directories with Go files", len(dirs))
	}
	for _, files := range dirs {
		all, err := breaches(houseRules(), files, excused)
		if err != nil {
			t.Error(err)
		}
		for _, breach := range all {
			t.Error(breach)
		}
	}
	for key := range exceptions {
		if !used[key] {
			t.Errorf("exception %q excuses nothing", key)
		}
	}
}

// TestEveryHouseRuleCanFail plants one fault for each rule.
func TestEveryHouseRuleCanFail(t *testing.T) {
	strict := func(string, string) bool { return false }
	for _, rule := range houseRules() {
		t.Run(rule.name, func(t *testing.T) {
			name, text, _ := strings.Cut(rule.planted, "\n")
			all, err := breaches(houseRules(), map[string]string{name: text}, strict)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != 1 || !strings.Contains(all[0], ": "+rule.name+": ") {
				t.Errorf("got %q, want one breach of this rule", all)
			}
		})
	}
}

func TestOnlyALongListMayBeALongFunction(t *testing.T) {
	long := strings.Repeat("\n", maxFunction)
	for name, tt := range map[string]struct {
		text  string
		wrong int
	}{
		"a list":                   {"func f() []int { return []int{1," + long + "2} }", 0},
		"a list with code in it":   {"func f() []func() { return []func(){func() {" + long + "}} }", 1},
		"a list that is worked on": {"func f() []int { x := []int{1," + long + "2}; return x }", 1},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := breaches(houseRules(), map[string]string{"pki/a.go": "package pki\n" + tt.text}, func(string, string) bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != tt.wrong {
				t.Errorf("got %q, want %d", all, tt.wrong)
			}
		})
	}
}

func TestPackageVariablesThatChangeAreFound(t *testing.T) {
	tests := map[string]struct {
		body  string
		wrong int
	}{
		"an assignment":                {"last = nil", 1},
		"an element":                   {"last[1] = 2", 1},
		"a field":                      {"config.size = 3", 1},
		"through a pointer":            {"(*pointer).size++", 1},
		"delete and clear":             {"delete(last, 1); clear(last)", 2},
		"in a range":                   {"for count = range 3 {}", 1},
		"of another file":              {"elsewhere = 1", 1},
		"of another package":           {"http.DefaultClient = nil", 1},
		"part of one of another":       {"http.DefaultClient.Timeout = 1", 1},
		"a local of the same name":     {"last := map[int]int{}; last[1] = 2; last = nil", 0},
		"a parameter of the same name": {"func(count int) { count++ }(1)", 0},
		"reading it":                   {"x := last[count]; _ = x + elsewhere", 0},
		"a field of the same name":     {"var x struct{ count int }; x.count = 1", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				"pki/a.go": "package pki\nimport \"net/http\"\nvar last map[int]int\nvar count int\nvar config, pointer = c{}, &c{}\n" +
					"type c struct{ size int }\nvar _ = http.Get\nfunc f() { " + tt.body + " }",
				"pki/b.go": "package pki\nvar elsewhere int",
			}
			all, err := breaches(houseRules(), files, func(string, string) bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != tt.wrong {
				t.Errorf("got %q, want %d", all, tt.wrong)
			}
		})
	}
}
