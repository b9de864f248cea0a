package signing

import (
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/home"
)

func TestASetupGivesCredentialsAndNothingElse(t *testing.T) {
	b := newBench(t)
	if code := b.run(t, "credential-process --setup lab"); code != 0 || b.out.String() != processJSON || b.errs.Len() != 0 {
		t.Errorf("got exit %d, stdout %q, stderr %q", code, b.out.String(), b.errs.String())
	}
	if len(b.seen) != 1 || b.bodies[0] != `{"durationSeconds":900}` {
		t.Errorf("got %d requests, %v; want one for 900 s", len(b.seen), b.bodies)
	}
	if agent := b.seen[0].UserAgent(); !strings.HasPrefix(agent, "anywhere/1.2.3 (go") {
		t.Errorf("got user agent %q", agent)
	}
}

func TestTheFlagsOfAWSsHelperGiveTheSame(t *testing.T) {
	b := newBench(t)
	tests := map[string]struct {
		more string
		body string
	}{
		"by themselves":                {"", `{"durationSeconds":3600}`},
		"with a duration and a name":   {" --session-duration=1200 --role-session-name me", `{"durationSeconds":1200,"roleSessionName":"me"}`},
		"with what changes nothing":    {" --with-proxy --region us-east-1 --no-verify-ssl=true --no-cache", `{"durationSeconds":3600}`},
		"with intermediates that fit":  {" --intermediates " + b.cert, `{"durationSeconds":3600}`},
		"with a passphrase for no use": {" --pkcs8-password hush-word", `{"durationSeconds":3600}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.bodies = nil
			code := b.run(t, b.flags()+tt.more)
			if code != 0 || b.out.String() != processJSON || b.errs.Len() != 0 {
				t.Errorf("got exit %d, stdout %q, stderr %q", code, b.out.String(), b.errs.String())
			}
			if len(b.bodies) != 1 || b.bodies[0] != tt.body {
				t.Errorf("got bodies %v, want %s", b.bodies, tt.body)
			}
		})
	}
}

func TestOneFileMayHoldEverything(t *testing.T) {
	b := newBench(t)
	key, err := os.ReadFile(b.key)
	if err != nil {
		t.Fatal(err)
	}
	all := filepath.Join(t.TempDir(), "all.pem")
	if err := os.WriteFile(all, append(key, pki.EncodeCertificates(b.leaf, b.intermediate)...), 0o600); err != nil {
		t.Fatal(err)
	}
	b.cert = all
	if code := b.run(t, strings.Replace(b.flags(), " --private-key "+b.key, "", 1)); code != 0 || b.out.String() != processJSON {
		t.Errorf("got exit %d, stdout %q, stderr %q", code, b.out.String(), b.errs.String())
	}
}

func TestALockedKeyTakesItsPassphraseFromThreePlaces(t *testing.T) {
	b := newBench(t)
	b.env["WORD"] = "open sesame"
	file := filepath.Join(t.TempDir(), "word")
	if err := os.WriteFile(file, []byte("open sesame\r\nmore"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := World{Getenv: func(name string) string { return b.env[name] }}
	for name, from := range map[string]passphraseFrom{
		"a file": {file: file}, "the environment": {env: "WORD"}, "the command line": {argument: "open sesame"},
	} {
		got, err := from.ask(w, new(bool))()
		if err != nil || string(got) != "open sesame" {
			t.Errorf("%s: got %q, %v; want open sesame", name, got, err)
		}
	}
	if (passphraseFrom{}).ask(w, new(bool)) != nil {
		t.Error("somebody is asked though no place is given")
	}
	if got, err := (passphraseFrom{env: "ABSENT"}).ask(w, new(bool))(); err == nil {
		t.Errorf("got %q from an empty variable, want an error", got)
	}
}

func TestTheEndpointHasAnOrderOfPrecedence(t *testing.T) {
	const other = "https://127.0.0.1:1" // nothing listens there
	tests := map[string]struct {
		session string
		mode    home.Mode
		flag    bool
		env     map[string]string
		reached bool
	}{
		"the flag beats all":               {other, home.ModeCustom, true, map[string]string{"AWS_ENDPOINT_URL_ROLESANYWHERE": other}, true},
		"the set-up beats the environment": {"HERE", home.ModeCustom, false, map[string]string{"AWS_ENDPOINT_URL_ROLESANYWHERE": other, "AWS_ENDPOINT_URL": other}, true},
		"the service's variable":           {"", home.ModeAWS, false, map[string]string{"AWS_ENDPOINT_URL_ROLESANYWHERE": "HERE", "AWS_ENDPOINT_URL": other}, true},
		"the general variable":             {"", home.ModeCustom, false, map[string]string{"AWS_ENDPOINT_URL": "HERE"}, true},
		"nothing that leads here":          {other, home.ModeCustom, false, nil, false},
		// The variables were used although another said not to, which AWS's helper heeds.
		"variables that are to be ignored": {"", home.ModeCustom, false,
			map[string]string{"AWS_ENDPOINT_URL": "HERE", "AWS_ENDPOINT_URL_ROLESANYWHERE": "HERE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, false},
		"the general one beats nothing here": {other, home.ModeCustom, false, map[string]string{"AWS_ENDPOINT_URL": "HERE"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			here := func(s string) string { return strings.Replace(s, "HERE", b.endpoint, 1) }
			b.rewrite(t, func(s *home.Session) { s.Endpoint, s.Mode = here(tt.session), tt.mode })
			for name, value := range tt.env {
				b.env[name] = here(value)
			}
			line := "credential-process --setup lab"
			if tt.flag {
				line += " --endpoint " + b.endpoint
			}
			var o options
			if err := parse(strings.Fields(line)[1:], o.flags()); err != nil {
				t.Fatal(err)
			}
			target := b.session.Target()
			got := must(o.endpointFor(World{Getenv: func(name string) string { return b.env[name] }}, target, tt.mode == home.ModeAWS))
			if (got == b.endpoint) != tt.reached {
				t.Errorf("got endpoint %s, reached %v, want %v", got, got == b.endpoint, tt.reached)
			}
		})
	}
}

func TestASetupInAWSIgnoresTheGeneralEndpoint(t *testing.T) {
	env := map[string]string{"AWS_ENDPOINT_URL": "https://elsewhere.example"}
	w := World{Getenv: func(name string) string { return env[name] }}
	target := home.Session{Region: "eu-west-1"}.Target()
	if got := must((options{}).endpointFor(w, target, true)); got != "https://rolesanywhere.eu-west-1.amazonaws.com" {
		t.Errorf("got %s, want AWS's own", got)
	}
	env["AWS_USE_FIPS_ENDPOINT"], env["AWS_USE_DUALSTACK_ENDPOINT"] = "true", "TRUE"
	if got := must((options{}).endpointFor(w, target, true)); got != "https://rolesanywhere-fips.eu-west-1.api.aws" {
		t.Errorf("got %s, want FIPS and dual-stack", got)
	}
}

// Who wrote yes, on or a blank more got the endpoint without FIPS, in silence.
func TestASwitchOfEndpointsIsTrueOrFalse(t *testing.T) {
	for _, name := range []string{"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		b := newBench(t)
		b.rewrite(t, func(s *home.Session) { s.Endpoint = "" })
		b.env[name] = "yes"
		if code := b.run(t, "credential-process --setup lab"); code != 2 || !strings.Contains(b.errs.String(), name+` "yes": neither true nor false`) {
			t.Errorf("%s: got exit %d, %q", name, code, b.errs.String())
		}
		if code := b.run(t, "credential-process --setup lab --endpoint "+b.endpoint); code != 0 {
			t.Errorf("%s beside an endpoint: got exit %d, %q", name, code, b.errs.String())
		}
	}
}

func TestFailuresGoToStderrWithAHint(t *testing.T) {
	refuse := func(message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			w.Header().Set("X-Amzn-Requestid", "req-1")
			w.WriteHeader(403)
			io.WriteString(w, `{"message":"`+message+`"}`)
		}
	}
	tests := map[string]struct {
		line   string
		change func(t *testing.T, b *bench)
		code   int
		says   string
		hint   string
	}{
		"a set-up that is not there":    {"credential-process --setup nosuch", nil, 1, "anywhere: find set-up nosuch in HOME: no such set-up\n", "hint: anywhere status"},
		"a name that is none":           {"credential-process --setup ../x", nil, 2, `anywhere: set-up name "../x"`, ""},
		"neither set-up nor files":      {"credential-process", nil, 2, "anywhere: neither --setup nor --certificate is given\n", "hint: anywhere status"},
		"set-up and files":              {"credential-process --setup lab --role-arn x", nil, 2, "anywhere: --setup: its certificate", "hint: leave out"},
		"an unknown flag":               {"credential-process --sertificate x", nil, 2, `anywhere: no such flag: "--sertificate"`, "hint: --help"},
		"a flag without its value":      {"credential-process --setup", nil, 2, "anywhere: --setup: a value is missing\n", ""},
		"a duration in words":           {"credential-process --session-duration soon", nil, 2, `anywhere: --session-duration "soon": not a whole number`, ""},
		"a duration of nothing":         {"credential-process --session-duration 0", nil, 2, "anywhere: --session-duration 0: must be 900 to 43200\n", ""},
		"no time at all":                {"credential-process --timeout 0", nil, 2, "anywhere: --timeout 0: must be 1 or more\n", ""},
		"a certificate for a key":       {"FLAGS --private-key CERT", nil, 1, "no private key found\n", "hint: name the file of the key with --private-key"},
		"a key for a certificate":       {"FLAGS --certificate KEY --private-key KEY", nil, 1, "no certificate found\n", "hint: anywhere cert inspect"},
		"a variable without a password": {"FLAGS --key-passphrase-env NONE", lockKey, 1, "read password: environment variable NONE is empty\n", "hint: export it"},
		"a descriptor that is not open": {"FLAGS --key-passphrase-fd 2000000", lockKey, 1, "read password: descriptor 2000000: bad file descriptor\n", "hint: open it"},
		"a locked key and nobody":       {"FLAGS", lockKey, 1, "key is encrypted and no passphrase was given\n", "hint: give --key-passphrase-file"},
		"a locked key, wrong word":      {"FLAGS --pkcs8-password hush-ward", lockKey, 1, "passphrase does not open the key\n", "hint: openssl pkey"},
		"a switch neither on or off":    {"credential-process --debug=maybe", nil, 2, `anywhere: --debug "maybe": neither true nor false`, ""},
		"a continued line":              {`credential-process --setup lab \ --debug`, nil, 2, "anywhere: stray argument", "hint: write the whole command on one line"},
		"a stray word":                  {"credential-process lab", nil, 2, `anywhere: stray argument "lab"`, "hint: flags begin"},
		"a system's store":              {"credential-process --cert-selector x", nil, 2, "anywhere: --cert-selector: choosing from", "hint: give files"},
		"an unknown command":            {"sign", nil, 2, `anywhere: no such command: "sign"`, "hint: anywhere-signer help"},
		"a bad ARN":                     {"credential-process --certificate CERT --trust-anchor-arn x", nil, 2, `anywhere: check trust anchor ARN "x": is not an ARN of that kind`, "hint: it should look like"},
		"a certificate not there":       {"FLAGS --certificate /no/such", nil, 1, "anywhere: read /no/such: no such file or directory\n", ""},
		"a refusal":                     {"credential-process --setup lab", func(_ *testing.T, b *bench) { b.answer = refuse("Invalid signature") }, 1, "anywhere: create session: HTTP 403 AccessDeniedException: Invalid signature (request req-1)\n", "hint: this machine's clock"},
		"a refusal of the expired": {"credential-process --setup lab", func(_ *testing.T, b *bench) {
			b.answer, b.now = refuse("Untrusted certificate. Insufficient certificate"), noon.AddDate(0, 2, 0)
		}, 1, "anywhere: check certificate: not so: certificate is valid now: ", "hint: anywhere cert renew --setup lab"},
		"a refusal with an escape": {"credential-process --setup lab", func(_ *testing.T, b *bench) { b.answer = refuse(`\u001b]52;c;x\u202e`) }, 1, `\x1b]52;c;x\u202e`, "hint: "},
		"a key for everybody":      {"credential-process --setup lab", func(_ *testing.T, b *bench) { os.Chmod(b.key, 0o644) }, 1, "mode 0644 lets other users read it", "hint: chmod 600 "},
		"plain http to the network": {"credential-process --setup lab --endpoint http://example.com", nil, 1,
			`anywhere: use endpoint "http://example.com": plain http would show`, "hint: use https"},
		"a bundle that is none": {"credential-process --setup lab --endpoint https://127.0.0.1:1", func(_ *testing.T, b *bench) { b.env["AWS_CA_BUNDLE"] = b.key }, 1, "anywhere: use AWS_CA_BUNDLE: ", "hint: anywhere cert inspect"},
		"no home":               {"credential-process --setup lab", func(_ *testing.T, b *bench) { b.env = nil }, 1, "anywhere: find home: neither", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if tt.change != nil {
				tt.change(t, b)
			}
			code := b.run(t, strings.NewReplacer("CERT", b.cert, "KEY", b.key, "FLAGS", b.flags()).Replace(tt.line))
			says := strings.ReplaceAll(tt.says, "HOME", b.root)
			if code != tt.code || !strings.Contains(b.errs.String(), says) || !strings.Contains(b.errs.String(), tt.hint) {
				t.Errorf("got exit %d, stderr %q; want %d, %q, %q", code, b.errs.String(), tt.code, says, tt.hint)
			}
			if b.out.Len() != 0 {
				t.Errorf("got stdout %q, want nothing", b.out.String())
			}
			if strings.ContainsAny(b.errs.String(), "\x1b\u202e") || strings.Contains(b.errs.String(), "hush") {
				t.Errorf("stderr has a raw escape or a secret: %q", b.errs.String())
			}
		})
	}
}

// lockKey puts the key under a password.
func lockKey(t *testing.T, b *bench) {
	key := must(decode.Key(must(os.ReadFile(b.key)), nil))
	if err := os.WriteFile(b.key, must(pki.EncodeKeyLocked(key, []byte("hush-word"), rand.Reader)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABundleIsNotReadForPlainHTTP(t *testing.T) {
	b := newBench(t)
	b.env["AWS_CA_BUNDLE"] = "/no/such/bundle"
	if code := b.run(t, "credential-process --setup lab"); code != 0 || b.out.String() != processJSON {
		t.Errorf("got exit %d, stderr %q", code, b.errs.String())
	}
}

func TestDebugTellsNoSecret(t *testing.T) {
	b := newBench(t)
	if code := b.run(t, b.flags()+" --debug --pkcs8-password hush-word"); code != 0 || b.out.String() != processJSON {
		t.Fatalf("got exit %d, stdout %q", code, b.out.String())
	}
	said := b.errs.String()
	if strings.Contains(said, "hush") || strings.Contains(said, "Signature") || !strings.Contains(said, "debug: POST "+b.endpoint+"/sessions?") || !strings.Contains(said, "debug: HTTP 201") {
		t.Errorf("got %q", said)
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	b := newBench(t)
	if code := b.run(t, "credential-process --help"); code != 0 || b.errs.Len() != 0 {
		t.Fatalf("got exit %d, stderr %q", code, b.errs.String())
	}
	for _, f := range new(options).flags() {
		if shown := strings.Contains(b.out.String(), "--"+f.name+" "); shown != (f.instead == "") {
			t.Errorf("--%s: shown %v, want the flags that work", f.name, shown)
		}
	}
	for _, c := range commands() {
		if b.run(t, "help"); !strings.Contains(b.out.String(), c.name) || !Has(c.name) {
			t.Errorf("help does not name %s", c.name)
		}
	}
	if code := b.run(t, ""); code != 2 || b.out.Len() != 0 {
		t.Errorf("no command: got exit %d, stdout %q; want 2 and nothing", code, b.out.String())
	}
}

func TestTheVersionIsOneLineOrOneDocument(t *testing.T) {
	b := newBench(t)
	if code := b.run(t, "version"); code != 0 || b.out.String() != "anywhere-signer 1.2.3\n" {
		t.Errorf("got exit %d, %q", code, b.out.String())
	}
	if code := b.run(t, "--version"); code != 0 || b.out.String() != "anywhere-signer 1.2.3\n" {
		t.Errorf("--version: got exit %d, %q", code, b.out.String())
	}
	if code := b.run(t, "version --json"); code != 0 || !strings.HasPrefix(b.out.String(), `{"schemaVersion":1,"program":"anywhere-signer","version":"1.2.3","go":"go`) {
		t.Errorf("got exit %d, %q", code, b.out.String())
	}
}
