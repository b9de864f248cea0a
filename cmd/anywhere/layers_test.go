package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// A room is a part of the house with its own doors. Imports point down only:
//
//	cmd > tui > steps, doctor > awsapi > signer > pki
//
// The standard library is open to all, except for what is shut.
type room struct {
	name string
	// packages are all that live here, without the module's name; a package that
	// no room names fails the test.
	packages []string
	// doors are what packages of this room may import besides each other: packages
	// of this module, a folder with all below it ("pki/..."), or a module. One that
	// nobody uses fails the test.
	doors []string
	// shut are imports that somebody will be tempted by, and why not.
	shut []shut
}

type shut struct{ what, why string }

const (
	sdk   = "github.com/aws/aws-sdk-go-v2/..."
	smith = "github.com/aws/smithy-go/..."
	charm = "charm.land/..."
	cobra = "github.com/spf13/cobra"
)

// Reasons that several rooms share.
var (
	light = []shut{
		{sdk, "signing starts at every AWS CLI call, and the SDK takes longer to start than signing"},
		{smith, "signing starts at every AWS CLI call, and the SDK takes longer to start than signing"},
		{charm, "signing starts at every AWS CLI call and draws nothing"},
		{cobra, "signing starts at every AWS CLI call; its commands are few enough for package flag"},
	}
	noSDK = []shut{
		{sdk, "no SDK type leaves awsapi: everything above it speaks in our own nouns"},
		{smith, "no SDK type leaves awsapi: everything above it speaks in our own nouns"},
	}
	noSandbox = shut{"anywhere/awsapi/sandbox", "the sandbox is an AWS on the other side of a wire; only cmd starts it, and tests"}
)

func house() []room {
	return []room{
		{
			name:     "pki",
			packages: []string{"pki", "pki/atomicfile", "pki/decode", "pki/foreign", "pki/ledger", "pki/rules"},
			doors:    []string{"github.com/smallstep/pkcs7", "golang.org/x/crypto/...", "golang.org/x/sys/unix"},
			shut: append([]shut{
				{"net", "of pki only the issuers pki/acme and pki/stepca use the network"},
				{"net/http", "of pki only the issuers pki/acme and pki/stepca use the network"},
				{"software.sslmate.com/...", "only pki/decode/pkcs12 has it, so that a signer that never meets such a file does not carry it"},
				{"anywhere/...", "pki is the ground floor: it knows nothing above it"},
			}, light...),
		},
		{
			name:     "pkcs12",
			packages: []string{"pki/decode/pkcs12", "pki/importing"},
			doors:    []string{"anywhere/pki/...", "software.sslmate.com/src/go-pkcs12"},
			shut:     append([]shut{{"anywhere/...", "pki is the ground floor: it knows nothing above it"}}, light...),
		},
		{
			name:     "issuers",
			packages: []string{"pki/acme", "pki/stepca"},
			doors:    []string{"anywhere/pki", "github.com/go-jose/go-jose/v4", "github.com/mholt/acmez/..."},
			shut:     append([]shut{{"anywhere/...", "an issuer knows certificates and its own protocol, and no more"}}, light...),
		},
		{
			name: "signer",
			packages: []string{"signer", "signer/cache", "signer/exchange", "signer/filename", "signer/home", "signer/http1", "signer/jsontext",
				"signer/kept", "signer/keystore", "signer/keystore/hardware", "signer/keystore/keyref", "signer/keystore/pkcs11", "signer/keystore/pkcs11uri", "signer/keystore/tpm", "signer/ownfile",
				"signer/pointer", "signer/refusals", "signer/renewal", "signer/serve", "signer/session",
				"signer/sharedconfig"},
			doors: []string{"anywhere/pki/...", "anywhere/signer/keystore/pkcs11/library", "github.com/gofrs/flock"},
			shut: append([]shut{
				{"anywhere/awsapi/...", "the signer talks to one endpoint of AWS, by itself"},
				{"anywhere/...", "imports point down only"},
			}, light...),
		},
		{
			name:     "libraries",
			packages: []string{"signer/keystore/pkcs11/library"},
			doors:    []string{"anywhere/signer/keystore/pkcs11", "github.com/ebitengine/purego"},
			shut:     append([]shut{{"anywhere/...", "it loads PKCS #11 modules, and no more; only a build with -tags pkcs11 has it"}}, light...),
		},
		{
			name:     "policy",
			packages: []string{"awsapi/policy"},
			shut: append([]shut{
				{"anywhere/...", "policy documents are judged alike by the wizard, the sandbox and the doctor: they need nobody"},
			}, noSDK...),
		},
		{
			name:     "awsapi",
			packages: []string{"awsapi"},
			doors:    []string{sdk, smith},
			shut: []shut{
				noSandbox,
				{"anywhere/steps", "awsapi says what AWS has, not what the road wants"},
				{"anywhere/...", "imports point down only"},
				{charm, "what AWS answers is drawn by tui"},
			},
		},
		{
			name:     "sandbox",
			packages: []string{"awsapi/sandbox"},
			doors:    []string{"anywhere/pki/...", "anywhere/signer/...", "anywhere/awsapi/policy", "github.com/gofrs/flock"},
			shut: []shut{
				{sdk, "the sandbox speaks the wire formats itself, so that the real SDK is tested against it"},
				{smith, "the sandbox speaks the wire formats itself, so that the real SDK is tested against it"},
				{"anywhere/awsapi", "a client and a server that share code agree on their mistakes"},
				{"anywhere/...", "imports point down only"},
			},
		},
		{
			name:     "steps",
			packages: []string{"steps"},
			doors: []string{"anywhere/pki/...", "anywhere/signer/...", "anywhere/awsapi", "anywhere/awsapi/policy",
				"al.essio.dev/pkg/shellescape"},
			shut: append([]shut{
				noSandbox,
				{"anywhere/doctor", "cmd hands a fix to the Runner as a value; the road and the doctor do not know each other"},
				{"anywhere/tui", "the road is walked without a screen too"},
				{charm, "the road draws nothing"},
				{cobra, "the road reads no flags"},
			}, noSDK...),
		},
		{
			name:     "doctor",
			packages: []string{"doctor"},
			doors: []string{"anywhere/pki/...", "anywhere/signer/...", "anywhere/awsapi", "anywhere/awsapi/policy",
				"golang.org/x/crypto/..."},
			shut: append([]shut{
				noSandbox,
				{"os/exec", "the doctor runs nothing that it finds"},
				{"anywhere/steps", "what is ours comes in as a value; a fix goes out as one"},
				{"anywhere/tui", "a report is rendered by whoever wants to"},
				{charm, "the doctor draws nothing"},
				{cobra, "the doctor reads no flags"},
			}, noSDK...),
		},
		{
			name:     "tui",
			packages: []string{"tui"},
			doors:    []string{"anywhere/pki/foreign", "anywhere/steps", "anywhere/doctor", charm, "github.com/charmbracelet/..."},
			shut: append([]shut{
				{"os", "a screen touches no file: what it shows comes in, what was decided goes out"},
				{"os/exec", "a screen runs nothing"},
				{"net", "a screen opens no connection"},
				{"net/http", "a screen opens no connection"},
				{"anywhere/awsapi/...", "a screen asks the road, which asks AWS"},
				{"anywhere/...", "a screen draws what steps and doctor declare, and no more"},
			}, noSDK...),
		},
		{
			name:     "pictures",
			packages: []string{"tui/shot"},
			doors:    []string{"github.com/charmbracelet/..."},
			shut:     append([]shut{{"anywhere/...", "it draws any terminal"}}, noSDK...),
		},
		{
			name: "signing commands",
			packages: []string{"cmd/signing", "cmd/anywhere-signer", "cmd/anywhere-signer/internal/compare",
				"cmd/anywhere-signer/internal/early", "cmd/anywhere-signer/internal/peak", "cmd/anywhere-signer/internal/single",
				"cmd/anywhere-signer/internal/stack"},
			doors: []string{"anywhere/pki/...", "anywhere/signer/...", "golang.org/x/sys/..." /* the echo of a terminal */, "golang.org/x/term"},
			shut: append([]shut{
				{"anywhere/...", "anywhere-signer is signer and pki, and no more: that is why it is fast"},
			}, light...),
		},
		{
			name:     "anywhere",
			packages: []string{"cmd/anywhere"},
			doors: []string{"anywhere/...", cobra, "github.com/mattn/go-isatty", "golang.org/x/sys/...",
				"golang.org/x/term", "al.essio.dev/pkg/shellescape"},
			shut: noSDK,
		},
	}
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Imports    []string // of the package itself, not of its tests
	Deps       []string // all that it links
}

// goList asks the go command about packages of this module.
func goList(t *testing.T, fields string, patterns ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=" + fields}, patterns...)...)
	cmd.Dir = "../.."
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var one listed
		if err := dec.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

// covers says that pattern names the package: itself, what is below it if the
// pattern ends in "/...", or, for a module, any package of it.
func covers(pattern, pkg string) bool {
	dir, open := strings.CutSuffix(pattern, "/...")
	outside := strings.Contains(strings.Split(dir, "/")[0], ".")
	return pkg == dir || (open || outside) && strings.HasPrefix(pkg, dir+"/")
}

// faults says what in the listed packages breaks the rules of the house, and
// what in the rules nothing in the packages needs.
func faults(rooms []room, packages []listed) []string {
	var found []string
	places := map[string]int{}
	for i, r := range rooms {
		for _, pkg := range r.packages {
			places[path.Join("anywhere", pkg)] = i
		}
	}
	seen := map[string]bool{}
	used := map[string]bool{}
	for _, pkg := range packages {
		seen[pkg.ImportPath] = true
		place, known := places[pkg.ImportPath]
		if !known {
			found = append(found, fmt.Sprintf("%s is in no room: say in layers_test.go where it belongs", pkg.ImportPath))
			continue
		}
		for _, imported := range pkg.Imports {
			if p, sibling := places[imported]; sibling && p == place {
				continue
			}
			if door, reason := judge(rooms[place], imported); reason != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", pkg.ImportPath, imported, reason))
			} else if door != "" {
				used[rooms[place].name+" "+door] = true
			}
		}
	}
	for _, r := range rooms {
		for _, pkg := range r.packages {
			if !seen[path.Join("anywhere", pkg)] {
				found = append(found, fmt.Sprintf("room %s names %s, which is not there", r.name, pkg))
			}
		}
		for _, door := range r.doors {
			if !used[r.name+" "+door] {
				found = append(found, fmt.Sprintf("room %s has a door to %s, which nobody uses", r.name, door))
			}
		}
	}
	slices.Sort(found)
	return found
}

// judge returns the door that an import goes through ("" for the standard
// library), or why there is none.
func judge(r room, imported string) (door, reason string) {
	for _, door := range r.doors {
		if covers(door, imported) {
			for _, s := range r.shut {
				if s.what == imported {
					return "", s.why
				}
			}
			return door, ""
		}
	}
	for _, s := range r.shut {
		if covers(s.what, imported) {
			return "", s.why
		}
	}
	if first, _, _ := strings.Cut(imported, "/"); first != "anywhere" && !strings.Contains(first, ".") {
		return "", ""
	}
	return "", "room " + r.name + " has no door to it"
}

func TestLayers(t *testing.T) {
	// With the tag, what only the build for PKCS #11 imports is there too.
	packages := append(goList(t, "ImportPath,Imports", "./..."), goList(t, "ImportPath,Imports", "-tags=pkcs11", "./...")...)
	found := faults(house(), packages)
	for _, fault := range slices.Compact(found) {
		t.Error(fault)
	}
}

// TestTheSignerLinksNothingHeavy looks through modules too: a door to a light
// module must not lead to a heavy one.
func TestTheSignerLinksNothingHeavy(t *testing.T) {
	heavy := append(slices.Clone(light),
		shut{"text/template", "it keeps the linker from dropping unused methods"},
		shut{"html/template", "it keeps the linker from dropping unused methods"},
		shut{"github.com/mattn/go-runewidth", "old versions fill a table of 2 MB at start"},
		shut{"net/http", "its start is a fifth of a run's; package http1 makes the one request"},
		shut{"anywhere/steps", "the road is not needed to sign"},
		shut{"anywhere/tui", "no screen is needed to sign"},
		shut{"anywhere/awsapi/...", "the control plane is not needed to sign"},
	)
	for _, fault := range linked(goList(t, "ImportPath,Deps", "./cmd/anywhere-signer"), heavy) {
		t.Error(fault)
	}
}

// TestTheProgramStartsAtOnce: a command of this program is waited for by a person,
// and each of these takes longer at the start than all the rest.
func TestTheProgramStartsAtOnce(t *testing.T) {
	slow := []shut{
		{"charm.land/glamour/...", "12 ms at the start for styles and lexers"},
		{"github.com/charmbracelet/glamour/...", "12 ms at the start for styles and lexers"},
		{"github.com/alecthomas/chroma/...", "its lexers are read at the start"},
		{"github.com/aws/aws-sdk-go-v2/service/ssm/...", "its schemas take up to 5 ms and 8,000 allocations at the start"},
	}
	for _, fault := range linked(goList(t, "ImportPath,Deps", "./cmd/anywhere"), slow) {
		t.Error(fault)
	}
	const tables = "github.com/mattn/go-runewidth"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", tables).Output()
	if err != nil {
		t.Fatal(err)
	}
	var patch int
	if n, _ := fmt.Sscanf(string(out), "v0.0.%d", &patch); n == 1 && patch < 28 {
		t.Errorf("%s %s fills a table of 2 MB at the start, in 20 to 30 ms; want v0.0.28 or later", tables, out)
	}
}

func linked(packages []listed, heavy []shut) []string {
	var found []string
	for _, pkg := range packages {
		for _, dep := range pkg.Deps {
			for _, s := range heavy {
				if covers(s.what, dep) {
					found = append(found, fmt.Sprintf("%s links %s: %s", pkg.ImportPath, dep, s.why))
				}
			}
		}
	}
	return found
}

// TestLayersFindsPlantedFaults shows that every kind of fault fails the test
// above.
func TestLayersFindsPlantedFaults(t *testing.T) {
	rooms := []room{
		{name: "ground", packages: []string{"pki"}, doors: []string{"example.org/light"},
			shut: []shut{{"net", "no network"}, {"anywhere/...", "ground floor"}}},
		{name: "top", packages: []string{"tui", "cmd"}, doors: []string{"anywhere/...", "example.org/heavy/v2"},
			shut: []shut{{"anywhere/sandbox", "not this one"}}},
	}
	clean := []listed{
		{ImportPath: "anywhere/pki", Imports: []string{"fmt", "net/url", "example.org/light/sub"}},
		{ImportPath: "anywhere/tui", Imports: []string{"anywhere/pki", "example.org/heavy/v2"}},
		{ImportPath: "anywhere/cmd", Imports: []string{"anywhere/tui", "os"}},
	}
	tests := map[string]struct {
		plant func([]listed) []listed
		want  string // the only fault; empty for none
	}{
		"nothing": {func(p []listed) []listed { return p }, ""},
		"a package of the standard library that is shut": {func(p []listed) []listed {
			p[0].Imports = append(p[0].Imports, "net")
			return p
		}, "anywhere/pki imports net: no network"},
		"an import that points up": {func(p []listed) []listed {
			p[0].Imports = append(p[0].Imports, "anywhere/tui")
			return p
		}, "anywhere/pki imports anywhere/tui: ground floor"},
		"a shut package behind an open door": {func(p []listed) []listed {
			p[2].Imports = append(p[2].Imports, "anywhere/sandbox")
			return p
		}, "anywhere/cmd imports anywhere/sandbox: not this one"},
		"a module that nobody has let in": {func(p []listed) []listed {
			p[0].Imports = append(p[0].Imports, "example.org/lightning")
			return p
		}, "anywhere/pki imports example.org/lightning: room ground has no door to it"},
		"a package that is in no room": {func(p []listed) []listed {
			return append(p, listed{ImportPath: "anywhere/attic"})
		}, "anywhere/attic is in no room: say in layers_test.go where it belongs"},
		"a room for a package that is gone": {func(p []listed) []listed {
			return p[:2]
		}, "room top names cmd, which is not there"},
		"a door that nobody uses": {func(p []listed) []listed {
			p[1].Imports = p[1].Imports[:1]
			return p
		}, "room top has a door to example.org/heavy/v2, which nobody uses"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			packages := slices.Clone(clean)
			for i := range packages {
				packages[i].Imports = slices.Clone(packages[i].Imports)
			}
			got := strings.Join(faults(rooms, tt.plant(packages)), "\n")
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	deps := []listed{{ImportPath: "anywhere/pki", Deps: []string{"example.org/light", "example.org/heavy/v2/sub"}}}
	want := "anywhere/pki links example.org/heavy/v2/sub: slow"
	if got := linked(deps, []shut{{"example.org/heavy/v2", "slow"}}); len(got) != 1 || got[0] != want {
		t.Errorf("linked: got %q, want %q", got, want)
	}
}
