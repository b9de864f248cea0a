package doctor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fieldFailure is a failure that somebody met: its literal symptom and our code
// for its cause. Where several causes share one sentence, fault names the fault of
// this package by which the doctor tells them apart.
type fieldFailure struct {
	ID, Symptom string
	Code        Code
	Fault       string
}

func fieldFailures(t *testing.T) []fieldFailure {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "doctor", "field-failures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []fieldFailure
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 78 {
		t.Fatalf("got %d failures, want all", len(all))
	}
	return all
}

func TestFieldFailuresAreExplained(t *testing.T) {
	for _, f := range fieldFailures(t) {
		t.Run(f.ID, func(t *testing.T) {
			matches := Explain(f.Symptom)
			if f.Fault != "" {
				at := slices.IndexFunc(faults(), func(b fault) bool { return string(b.code)+" "+b.name == f.Fault })
				if at < 0 {
					t.Fatalf("there is no fault %q", f.Fault)
				}
				l := newLab(t)
				faults()[at].brk(l)
				if r := Diagnose(l.evidence()); r.Cause == nil || *r.Cause != f.Code {
					t.Errorf("the doctor names %v, want %s", r.Cause, f.Code)
				}
				if !slices.ContainsFunc(matches, func(m Match) bool { return m.Code == f.Code }) || len(matches) < 2 {
					t.Errorf("explain names %v, want %s among others", codes(matches), f.Code)
				}
				return
			}
			if len(matches) == 0 || matches[0].Code != f.Code {
				t.Errorf("%q: got %v, want %s first", f.Symptom, codes(matches), f.Code)
			}
		})
	}
}

// What people pasted of the AWS CLI, the SDKs, kubelet, Terraform, openssl and AWS's
// helper, and what those programs can print by their sources.
func TestPastedOutputsAreExplained(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "doctor", "pasted.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []fieldFailure
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 400 {
		t.Fatalf("got %d outputs, want all", len(all))
	}
	for _, f := range all {
		matches := Explain(f.Symptom)
		if len(matches) == 0 || matches[0].Code != f.Code {
			t.Errorf("%.120q: got %v, want %s first", f.Symptom, codes(matches), f.Code)
			continue
		}
		if matches[0].Means == "" {
			t.Errorf("%.120q: it is not said what it means", f.Symptom)
		}
	}
}

// What lies around a sentence, in it, and on it: colours, frames, escapes, quotes
// and line breaks of the way by which it came.
func TestTheWayOfATextDoesNotMatter(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/x"
	for name, tt := range map[string]struct {
		text string
		want Code
	}{
		"colours around it":                {"\x1b[31mError:\x1b[0m AccessDeniedException: \x1b[1mUntrusted\x1b[0m signing certificate", "RA121"},
		"colours within a word":            {"Unable to ass\x1b[0;31mume role for\x1b[0m " + role, "RA302"},
		"a title set by a program":         {"\x1b]0;aws\x07AccessDeniedException: Certificate\x1b]8;;\x1b\\ revoked", "RA206"},
		"escapes written with a caret":     {"^[[31mAccessDeniedException: Untrusted^[[0m signing certificate", "RA121"},
		"escapes as syslog writes them":    {"Nov 22 07:00:01 h app[1]: #033[31mAccessDeniedException: Certificate #033[0mrevoked", "RA206"},
		"a log of JSON":                    {`{"level":"error","msg":"process provider error","error":"AccessDeniedException: Requested Role isn\u0027t one of those\nlisted in the Profile.\n"}`, "RA204"},
		"a log of JSON in JSON":            {`{"log":"{\"msg\":\"\\u001b[31mx509: certificate signed by unknown authority\"}\n","stream":"stderr"}`, "RA407"},
		"a page's HTML":                    {"Requested Role isn&#39;t one of those listed in the Profile", "RA204"},
		"line ends of Windows":             {"Unable to assume role\r\nfor " + role + "\r\n", "RA302"},
		"a word broken by the terminal":    {"AccessDeniedException: Untrusted signing certif\nicate", "RA121"},
		"a wrapper, and a word broken":     {"Error when retrieving credentials from custom-process: AccessDeniedException: Untrusted sign\ning certificate", "RA121"},
		"Terraform's frame":                {"╷\n│ Error: No valid credential sources found\n│ \n│ AccessDeniedException: Unable to\n│ assume role for " + role + "\n╵", "RA302"},
		"a quoted mail":                    {"> On Monday we got\n> AccessDeniedException: Untrusted\n> signing certificate", "RA121"},
		"prefixes of docker compose":       {"app_1  | AccessDeniedException: Invalid\napp_1  | signature", "RA401"},
		"prefixes of syslog":               {"Nov 22 07:00:01 host app[1]: Unable to assume\nNov 22 07:00:01 host app[1]: role for " + role, "RA302"},
		"blanks that do not break or show": {"Untrusted\u00a0signing\u200b certificate", "RA121"},
		"UTF-16 of PowerShell":             {"\xff\xfe" + wide("AccessDeniedException: Certificate revoked", 0), "RA206"},
		"UTF-16 the other way":             {"\xfe\xff" + wide("AccessDeniedException: Certificate revoked", 1), "RA206"},
		"the end of a long log":            {strings.Repeat("all is well\n", 200_000) + "AccessDeniedException: Certificate revoked\n", "RA206"},
	} {
		if matches := Explain(tt.text); len(matches) == 0 || matches[0].Code != tt.want {
			t.Errorf("%s: got %v, want %s first", name, codes(matches), tt.want)
		}
	}
}

// wide writes ASCII as UTF-16, with the zero octet before or after.
func wide(text string, before int) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		pair := [2]byte{c, 0}
		b.WriteByte(pair[before])
		b.WriteByte(pair[1-before])
	}
	return b.String()
}

func codes(matches []Match) []Code {
	var list []Code
	for _, m := range matches {
		list = append(list, m.Code)
	}
	return list
}

// Time stamps, ARNs, request IDs and wrappers do not hide the sentence.
func TestWhatStandsAroundASentenceDoesNotMatter(t *testing.T) {
	for text, want := range map[string]Code{
		"Error when retrieving credentials from custom-process: 2026/11/22 15:24:50 operation error RolesAnywhere: CreateSession, https response error StatusCode: 403, RequestID: 6ba7b810-9dad-11d1-80b4-00c04fd430c8, AccessDeniedException: Untrusted signing certificate":                       "RA121",
		"time=\"2026-11-22T15:24:50Z\" level=error msg=\"operation error S3: ListBuckets, get identity: get credentials: failed to refresh cached credentials, process provider error: error in credential_process: exit status 1\"\n2026/11/22 15:24:50 AccessDeniedException: Certificate revoked": "RA206",
		"botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from custom-process: AccessDeniedException: Requested Role isn’t one of those listed in the Profile.":                                                                                                       "RA204",
		"Caused by: software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from any of the providers in the chain":                                                                                                                                                     "RA707",
		"CredentialsProviderError: Could not load credentials from any providers\n    at providers (/app/node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js:153:11)":                                                                                                                   "RA707",
		"Error: configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found. AccessDeniedException: Unable to assume role for arn:aws:iam::111122223333:role/x":                                                                                                 "RA302",
		"E1122 kubelet.go:42] Error syncing pod: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/x":                                                      "RA301",
		"error 20 at 0 depth lookup: unable to get local issuer certificate\nerror leaf.pem: verification failed":                                                                                                                                                                                    "RA202",
		"An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:sts::000000000000:assumed-role/x/5e00 is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::000000000000:user/ because no identity-based policy allows the iam:ListUsers action":       "RA713",
		"An error occurred (AccessDenied) when calling the ListBuckets operation: User: x is not authorized to perform: s3:ListAllMyBuckets because no session policy allows the s3:ListAllMyBuckets action":                                                                                         "RA212",
		"User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/b because no identity-based policy allows the iam:PassRole action":                                                                                                                  "RA714",
		"Post \"https://rolesanywhere.eu-west-1.amazonaws.com/sessions\": dial tcp 52.1.2.3:443: i/o timeout":                                                                                                                                                                                        "RA402",
		"x509: certificate signed by unknown authority":                                                        "RA407",
		"SSL validation failed: [SSL: CERTIFICATE_VERIFY_FAILED] self signed certificate in certificate chain": "RA407",
		"dispatch failure: io error: error trying to connect: dns error: failed to lookup address information": "RA406",
		"exec /usr/bin/aws_signing_helper: exec format error":                                                  "RA511",
		"botocore.exceptions.ProfileNotFound: The config profile (lab) could not be found":                     "RA504",
		"ThrottlingException: Rate exceeded":                                                                   "RA405",
		"incorrect PKCS#8 private key password":                                                                "RA105",
	} {
		if matches := Explain(text); len(matches) == 0 || matches[0].Code != want {
			t.Errorf("%.120q: got %v, want %s first", text, codes(matches), want)
		}
	}
}

func TestACodeIsExplainedWhateverItsCase(t *testing.T) {
	for _, text := range []string{"RA113", " ra113\n"} {
		matches := Explain(text)
		if len(matches) != 1 || matches[0].Code != "RA113" || matches[0].Confidence != 1 || matches[0].Why == "" || matches[0].Fix == "" {
			t.Errorf("%q: got %+v", text, matches)
		}
	}
}

func TestTextThatMeansNothingMatchesNothing(t *testing.T) {
	for _, text := range []string{"", "hello world", "all tests passed", "RA999", strings.Repeat("x", 1<<20), "\x1b[31m\x00"} {
		if matches := Explain(text); len(matches) != 0 || matches == nil {
			t.Errorf("%.40q: got %v, want an empty list", text, codes(matches))
		}
	}
}

// A long text of any kind was explained by some rare words in it, as if it were
// known.
func TestWordsAloneAreAGuessAndOnlyOfShortTexts(t *testing.T) {
	const text = "the emergency brake of the anchor was pulled, and nothing is enabled"
	matches := Explain(text)
	if len(matches) == 0 || matches[0].Confidence > Guessed {
		t.Errorf("got %+v, want a guess", matches)
	}
	if matches := Explain(text + strings.Repeat(" and so on", 200)); len(matches) != 0 {
		t.Errorf("of a long text: got %v", codes(matches))
	}
}

func FuzzExplain(f *testing.F) {
	f.Add("Unable to assume role for *")
	f.Add("open *.pem: no such file or directory")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range Explain(text) {
			if m.Confidence <= 0 || m.Confidence > 1 || m.Title == "" {
				t.Errorf("got %+v", m)
			}
		}
	})
}
